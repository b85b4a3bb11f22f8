#include "wasi/virtual_time.h"

#include <limits>

#include "wasi/saturating_add.h"

namespace mimobox::wasi {
namespace {

constexpr std::uint64_t kEndOfTime = std::numeric_limits<std::uint64_t>::max();

}  // namespace

std::uint64_t VirtualClock::now(ClockId id) noexcept {
  const std::uint64_t passed = saturating_add(worked_ns_, slept_ns_);
  switch (id) {
    case ClockId::kRealtime:
      return saturating_add(start_ns_, passed);
    case ClockId::kMonotonic:
      return passed;
    case ClockId::kProcessCputime:
    case ClockId::kThreadCputime:
      return worked_ns_;
  }
  return passed;
}

std::uint64_t VirtualClock::read(ClockId id) noexcept {
  worked_ns_ = saturating_add(worked_ns_, kStepNs);
  return now(id);
}

void VirtualClock::sleep_until(std::uint64_t monotonic_ns) noexcept {
  const std::uint64_t passed = now(ClockId::kMonotonic);
  if (monotonic_ns > passed) slept_ns_ = saturating_add(slept_ns_, monotonic_ns - passed);
}

WaitResult VirtualPoller::wait(std::span<pollfd> items, std::optional<std::uint64_t> deadline_ns,
                               base::StopSignal& stop) noexcept {
  if (!items.empty()) return system_.wait(items, deadline_ns, stop);
  if (stop.stopped()) return WaitResult::kStopped;
  clock_.sleep_until(deadline_ns.value_or(kEndOfTime));
  return WaitResult::kTimeout;
}

}  // namespace mimobox::wasi
