#ifndef MIMOBOX_SANDBOX_CPU_METER_H_
#define MIMOBOX_SANDBOX_CPU_METER_H_

#include <chrono>
#include <optional>

#include "mimobox/config.h"

#include "base/thread_clock.h"

namespace mimobox::internal {

/// The CPU time of one run, on its thread. Each look at the clock is a system call: one at the
/// start, where somebody asked for what was used or the guest can ask its own clock, which begins
/// there, and one at the end.
class CpuMeter {
 public:
  CpuMeter(const RuntimeConfig& config, const Limits& limits, bool guest_may_ask)
      : limit_(limits.cpu_time), measured_(limit_ || config.measure_cpu_time) {
    if (measured_ || guest_may_ask) begun_ = base::cpu_time_of_this_thread();
  }

  /// 0 when nobody will ask.
  [[nodiscard]] std::chrono::nanoseconds begun() const { return begun_; }
  [[nodiscard]] std::optional<std::chrono::nanoseconds> deadline() const {
    return limit_ ? std::optional(begun_ + *limit_) : std::nullopt;
  }
  [[nodiscard]] std::optional<std::chrono::nanoseconds> used() const {
    return measured_ ? std::optional(base::cpu_time_of_this_thread() - begun_) : std::nullopt;
  }

 private:
  const std::optional<std::chrono::nanoseconds> limit_;
  const bool measured_;
  std::chrono::nanoseconds begun_{0};
};

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_CPU_METER_H_
