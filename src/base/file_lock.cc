#include "base/file_lock.h"

#include <sys/file.h>

#include <cerrno>
#include <thread>

namespace mimobox::base {

bool lock_file(int fd, std::chrono::nanoseconds patience) noexcept {
  constexpr std::chrono::milliseconds kPause{5};
  const auto end = std::chrono::steady_clock::now() + patience;
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return true;
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

}  // namespace mimobox::base
