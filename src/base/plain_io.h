#ifndef MIMOBOX_BASE_PLAIN_IO_H_
#define MIMOBOX_BASE_PLAIN_IO_H_

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstddef>

namespace mimobox::base {

// read(), write(), pread() and pwrite() as the kernel has them. The C library's are cancellation
// points: in a process with threads they cost two atomic operations more, which shows in writes of
// a line, and a thread that is cancelled in one would unwind through the engine. For 64-bit
// kernels, which take an offset in one register.
static_assert(sizeof(long) == sizeof(off_t));

inline ssize_t plain_read(int fd, void* to, std::size_t count) {
  return ::syscall(SYS_read, fd, to, count);
}

inline ssize_t plain_write(int fd, const void* from, std::size_t count) {
  return ::syscall(SYS_write, fd, from, count);
}

inline ssize_t plain_pread(int fd, void* to, std::size_t count, off_t offset) {
  return ::syscall(SYS_pread64, fd, to, count, offset);
}

inline ssize_t plain_pwrite(int fd, const void* from, std::size_t count, off_t offset) {
  return ::syscall(SYS_pwrite64, fd, from, count, offset);
}

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_PLAIN_IO_H_
