#ifndef MIMOBOX_BASE_FILE_LOCK_H_
#define MIMOBOX_BASE_FILE_LOCK_H_

#include <chrono>

namespace mimobox::base {

/// Waits for the lock of an open file (flock, exclusive), which other processes may hold, and takes
/// it. False when somebody still had it after `patience`: who was stopped may have it for long.
/// True also on a file system without locks, where nobody can hold one.
[[nodiscard]] bool lock_file(int fd, std::chrono::nanoseconds patience) noexcept;

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_FILE_LOCK_H_
