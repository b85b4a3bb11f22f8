#include "base/thread_clock.h"

#include <pthread.h>

#include "base/require.h"

namespace mimobox::base {
namespace {

std::chrono::nanoseconds read(clockid_t clock) noexcept {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): pthread_getcpuclockid fills it
ThreadClock::ThreadClock() noexcept {
  // Fails for threads that have ended only.
  require(::pthread_getcpuclockid(::pthread_self(), &clock_) == 0, "a thread without a CPU clock");
}

std::chrono::nanoseconds ThreadClock::now() const noexcept {
  return read(clock_);
}

std::chrono::nanoseconds cpu_time_of_this_thread() noexcept {
  return read(CLOCK_THREAD_CPUTIME_ID);
}

}  // namespace mimobox::base
