#include "wasi/clock_source.h"

#include <ctime>

namespace mimobox::wasi {
namespace {

std::uint64_t to_nanoseconds(const timespec& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(time.tv_nsec);
}

clockid_t host_clock(ClockId id) {
  switch (id) {
    case ClockId::kRealtime:
      return CLOCK_REALTIME;
    case ClockId::kMonotonic:
      return CLOCK_MONOTONIC;
    case ClockId::kProcessCputime:
    case ClockId::kThreadCputime:
      return CLOCK_THREAD_CPUTIME_ID;
  }
  return CLOCK_MONOTONIC;
}

std::uint64_t read_clock(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return to_nanoseconds(time);
}

}  // namespace

std::uint64_t SystemClock::thread_cpu_time() noexcept {
  return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

std::uint64_t SystemClock::now(ClockId id) noexcept {
  const std::uint64_t time = read_clock(host_clock(id));
  const bool cpu = id == ClockId::kProcessCputime || id == ClockId::kThreadCputime;
  return cpu ? time - cpu_time_at_start_ : time;
}

std::uint64_t SystemClock::resolution(ClockId id) noexcept {
  timespec time{};
  if (::clock_getres(host_clock(id), &time) != 0) return 1;
  const std::uint64_t step = to_nanoseconds(time);
  return step == 0 ? 1 : step;
}

}  // namespace mimobox::wasi
