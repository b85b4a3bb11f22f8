#include "base/thread_clock.h"

#include <pthread.h>

#include "base/require.h"

namespace mimobox::base {

ThreadClock::ThreadClock() noexcept {
  // Fails for threads that have ended only.
  require(::pthread_getcpuclockid(::pthread_self(), &clock_) == 0, "a thread without a CPU clock");
}

std::chrono::nanoseconds ThreadClock::now() const noexcept {
  timespec time{};
  ::clock_gettime(clock_, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace mimobox::base
