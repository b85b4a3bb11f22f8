// Loaded in front of libc (LD_PRELOAD) into a test: makes the n-th call of a kind fail.
//
// Replaces what src/ and the engine call by their names in libc. A call by another name (openat64)
// is not seen: the test looks at how many calls of each kind there were.
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

#include "tests/faults/faults.h"
#include "tests/faults/program_map.h"

// glibc's own names: dlsym() allocates, so malloc cannot be looked up by it.
extern "C" {
void* __libc_malloc(std::size_t size);                           // NOLINT
void* __libc_calloc(std::size_t count, std::size_t size);        // NOLINT
void* __libc_realloc(void* memory, std::size_t size);            // NOLINT
void* __libc_memalign(std::size_t alignment, std::size_t size);  // NOLINT
}

namespace {

using mimobox::faults::Caller;
using mimobox::faults::caller_of;
using mimobox::faults::From;
using mimobox::faults::Kind;
using mimobox::faults::Whose;

std::atomic<bool> armed{false};
std::atomic<long> seen{0};
std::atomic<long> live{0};
Kind armed_kind{};
Whose armed_whose{};
From armed_from{};
long armed_nth = 0;

/// Counts a call, and says whether it is to fail.
bool count(Kind kind) {
  if (kind != armed_kind) return false;
  const long number = seen.fetch_add(1) + 1;
  if (armed_nth == 0) return false;
  return armed_from == From::kOnce ? number == armed_nth : number >= armed_nth;
}

bool strikes(Kind kind, const void* caller) {
  if (!armed.load(std::memory_order_acquire)) return false;
  const Caller who = caller_of(caller);
  if (who != (armed_whose == Whose::kOurs ? Caller::kOurs : Caller::kEngine)) return false;
  return count(kind);
}

bool fails(Kind kind, const void* caller, int error) {
  if (!strikes(kind, caller)) return false;
  errno = error;
  return true;
}

void* new_object(std::size_t size, std::size_t alignment) {
  const bool struck = armed.load(std::memory_order_acquire) && armed_whose == Whose::kOurs &&
                      count(Kind::kAllocation);
  if (struck) return nullptr;
  void* const memory =
      alignment == 0 ? __libc_malloc(size != 0 ? size : 1) : __libc_memalign(alignment, size);
  if (memory != nullptr) live.fetch_add(1, std::memory_order_relaxed);
  return memory;
}

void* new_or_throw(std::size_t size, std::size_t alignment) {
  void* const memory = new_object(size, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void delete_object(void* memory) {
  if (memory != nullptr) live.fetch_sub(1, std::memory_order_relaxed);
  std::free(memory);
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

/// The first buffers of a list up to half of the first that is not empty.
std::size_t shorten(const iovec* from, int number, iovec* to) {
  for (int i = 0; i < number; ++i) {
    if (from[i].iov_len < 2) continue;
    to[0] = {.iov_base = from[i].iov_base, .iov_len = from[i].iov_len / 2};
    return 1;
  }
  return 0;
}

[[gnu::constructor]] void prepare() {
  mimobox::faults::read_program_map();
}

}  // namespace

#define CALLER __builtin_return_address(0)

extern "C" {

[[gnu::visibility("default")]] void mimobox_faults_arm(Kind kind, Whose whose, From from,
                                                       long nth) {
  armed_kind = kind;
  armed_whose = whose;
  armed_from = from;
  armed_nth = nth;
  seen.store(0);
  armed.store(true, std::memory_order_release);
}
[[gnu::visibility("default")]] long mimobox_faults_disarm() {
  armed.store(false);
  return seen.load();
}
[[gnu::visibility("default")]] long mimobox_faults_live_objects() {
  return live.load();
}
[[gnu::visibility("default")]] long mimobox_faults_known_functions() {
  return mimobox::faults::known_functions();
}

// ---- memory ----

void* malloc(std::size_t size) noexcept {
  return fails(Kind::kAllocation, CALLER, ENOMEM) ? nullptr : __libc_malloc(size);
}
void* calloc(std::size_t number, std::size_t size) noexcept {
  return fails(Kind::kAllocation, CALLER, ENOMEM) ? nullptr : __libc_calloc(number, size);
}
void* realloc(void* memory, std::size_t size) noexcept {
  return fails(Kind::kAllocation, CALLER, ENOMEM) ? nullptr : __libc_realloc(memory, size);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) noexcept {
  if (strikes(Kind::kAllocation, CALLER)) return ENOMEM;
  *out = __libc_memalign(alignment, size);
  return *out == nullptr ? ENOMEM : 0;
}

// ---- descriptors ----

static int open_at(const void* caller, int folder, const char* path, int flags, mode_t mode) {
  if (fails(Kind::kDescriptor, caller, EMFILE)) return -1;
  if (fails(Kind::kInterrupt, caller, EINTR)) return -1;
  if ((flags & O_CREAT) != 0 && fails(Kind::kDisk, caller, ENOSPC)) return -1;
  static const auto real = next<int(int, const char*, int, ...)>("openat");
  return real(folder, path, flags, mode);
}
int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const auto mode =
      static_cast<mode_t>((flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, int) : 0);
  va_end(rest);
  return open_at(CALLER, AT_FDCWD, path, flags, mode);
}
int openat(int folder, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const auto mode =
      static_cast<mode_t>((flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, int) : 0);
  va_end(rest);
  return open_at(CALLER, folder, path, flags, mode);
}
int __openat_2(int folder, const char* path, int flags) {  // NOLINT: of _FORTIFY_SOURCE
  return open_at(CALLER, folder, path, flags, 0);
}
int __open_2(const char* path, int flags) {  // NOLINT: of _FORTIFY_SOURCE
  return open_at(CALLER, AT_FDCWD, path, flags, 0);
}
int eventfd(unsigned value, int flags) noexcept {
  if (fails(Kind::kDescriptor, CALLER, EMFILE)) return -1;
  static const auto real = next<decltype(eventfd)>("eventfd");
  return real(value, flags);
}
int dup(int fd) noexcept {
  if (fails(Kind::kDescriptor, CALLER, EMFILE)) return -1;
  static const auto real = next<decltype(dup)>("dup");
  return real(fd);
}
int fcntl(int fd, int what, ...) {
  va_list rest;
  va_start(rest, what);
  const long argument = va_arg(rest, long);
  va_end(rest);
  if (what == F_DUPFD_CLOEXEC && fails(Kind::kDescriptor, CALLER, EMFILE)) return -1;
  static const auto real = next<int(int, int, ...)>("fcntl");
  return real(fd, what, argument);
}
long syscall(long number, ...) noexcept {
  va_list rest;
  va_start(rest, number);
  long a[6];
  for (long& argument : a)
    argument = va_arg(rest, long);
  va_end(rest);
  if (number == SYS_openat2) {
    if (fails(Kind::kDescriptor, CALLER, EMFILE)) return -1;
    if (fails(Kind::kInterrupt, CALLER, EINTR)) return -1;
  }
  static const auto real = next<long(long, ...)>("syscall");
  return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

// ---- room on a disk ----

#define MIMOBOX_NEEDS_ROOM(name, parameters, arguments)   \
  int name parameters noexcept {                          \
    if (fails(Kind::kDisk, CALLER, ENOSPC)) return -1;    \
    static const auto real = next<int parameters>(#name); \
    return real arguments;                                \
  }
MIMOBOX_NEEDS_ROOM(ftruncate, (int fd, off_t size), (fd, size))
MIMOBOX_NEEDS_ROOM(mkdirat, (int fd, const char* path, mode_t mode), (fd, path, mode))
MIMOBOX_NEEDS_ROOM(symlinkat, (const char* target, int fd, const char* path), (target, fd, path))
MIMOBOX_NEEDS_ROOM(linkat, (int a, const char* from, int b, const char* to, int flags),
                   (a, from, b, to, flags))
MIMOBOX_NEEDS_ROOM(renameat, (int a, const char* from, int b, const char* to), (a, from, b, to))
int fallocate(int fd, int mode, off_t at, off_t size) {
  if (fails(Kind::kDisk, CALLER, ENOSPC)) return -1;
  if (fails(Kind::kInterrupt, CALLER, EINTR)) return -1;
  static const auto real = next<decltype(fallocate)>("fallocate");
  return real(fd, mode, at, size);
}
int fsync(int fd) {
  if (fails(Kind::kDisk, CALLER, ENOSPC)) return -1;
  static const auto real = next<decltype(fsync)>("fsync");
  return real(fd);
}

// ---- what moves bytes ----

#define MIMOBOX_MOVES_BYTES(name, parameters, arguments, shorter, writes) \
  ssize_t name parameters {                                               \
    static const auto real = next<ssize_t parameters>(#name);             \
    if (fails(Kind::kInterrupt, CALLER, EINTR)) return -1;                \
    if ((writes) && fails(Kind::kDisk, CALLER, ENOSPC)) return -1;        \
    if (size > 1 && strikes(Kind::kShort, CALLER)) return real shorter;   \
    return real arguments;                                                \
  }
MIMOBOX_MOVES_BYTES(read, (int fd, void* at, std::size_t size), (fd, at, size), (fd, at, 1), false)
MIMOBOX_MOVES_BYTES(write, (int fd, const void* at, std::size_t size), (fd, at, size), (fd, at, 1),
                    true)
MIMOBOX_MOVES_BYTES(pread, (int fd, void* at, std::size_t size, off_t where), (fd, at, size, where),
                    (fd, at, 1, where), false)
MIMOBOX_MOVES_BYTES(pwrite, (int fd, const void* at, std::size_t size, off_t where),
                    (fd, at, size, where), (fd, at, 1, where), true)

#define MIMOBOX_MOVES_LISTS(name, parameters, arguments, shorter, writes)                      \
  ssize_t name parameters {                                                                    \
    static const auto real = next<ssize_t parameters>(#name);                                  \
    if (fails(Kind::kInterrupt, CALLER, EINTR)) return -1;                                     \
    if ((writes) && fails(Kind::kDisk, CALLER, ENOSPC)) return -1;                             \
    iovec few[1];                                                                              \
    if (shorten(list, number, few) != 0 && strikes(Kind::kShort, CALLER)) return real shorter; \
    return real arguments;                                                                     \
  }
MIMOBOX_MOVES_LISTS(readv, (int fd, const iovec* list, int number), (fd, list, number),
                    (fd, few, 1), false)
MIMOBOX_MOVES_LISTS(writev, (int fd, const iovec* list, int number), (fd, list, number),
                    (fd, few, 1), true)
MIMOBOX_MOVES_LISTS(preadv, (int fd, const iovec* list, int number, off_t where),
                    (fd, list, number, where), (fd, few, 1, where), false)
MIMOBOX_MOVES_LISTS(pwritev, (int fd, const iovec* list, int number, off_t where),
                    (fd, list, number, where), (fd, few, 1, where), true)
MIMOBOX_MOVES_LISTS(pwritev2, (int fd, const iovec* list, int number, off_t where, int flags),
                    (fd, list, number, where, flags), (fd, few, 1, where, flags), true)

int ppoll(pollfd* items, nfds_t number, const timespec* timeout, const sigset_t* mask) {
  if (fails(Kind::kInterrupt, CALLER, EINTR)) return -1;
  static const auto real = next<decltype(ppoll)>("ppoll");
  return real(items, number, timeout, mask);
}

// ---- threads ----

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*),
                   void* argument) noexcept {
  if (strikes(Kind::kThread, CALLER)) return EAGAIN;
  static const auto real = next<decltype(pthread_create)>("pthread_create");
  return real(thread, attributes, body, argument);
}

}  // extern "C"

// ---- operator new ----

void* operator new(std::size_t size) {
  return new_or_throw(size, 0);
}
void* operator new[](std::size_t size) {
  return new_or_throw(size, 0);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return new_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return new_object(size, 0);
}
void* operator new[](std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return new_object(size, 0);
}
void operator delete(void* memory) noexcept {
  delete_object(memory);
}
void operator delete[](void* memory) noexcept {
  delete_object(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
  delete_object(memory);
}
void operator delete[](void* memory, std::size_t /*size*/) noexcept {
  delete_object(memory);
}
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept {
  delete_object(memory);
}
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
  delete_object(memory);
}
void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept {
  delete_object(memory);
}
