#ifndef MIMOBOX_WASI_CLOCK_SOURCE_H_
#define MIMOBOX_WASI_CLOCK_SOURCE_H_

#include <chrono>
#include <cstdint>
#include <optional>

namespace mimobox::wasi {

/// The clocks of preview 1, with the specification's numbers.
enum class ClockId : std::uint32_t {
  kRealtime = 0,
  kMonotonic = 1,
  kProcessCputime = 2,
  kThreadCputime = 3,
};

/// Where a guest's time comes from; passed in, so that another kind of time is another
/// implementation.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  /// Nanoseconds: since 1970 for kRealtime, since some fixed moment for the others.
  [[nodiscard]] virtual std::uint64_t now(ClockId id) noexcept = 0;
  /// The same for a guest that asks for the time, which may move it on.
  [[nodiscard]] virtual std::uint64_t read(ClockId id) noexcept { return now(id); }
  /// Nanoseconds between two values that the clock can tell apart; at least 1.
  [[nodiscard]] virtual std::uint64_t resolution(ClockId id) noexcept = 0;
};

/// The host's clocks. CPU time is that of the thread on which this object was made, from then on,
/// or from what `begin_cpu_time()` was given: a guest has one thread and learns nothing of the
/// host's past.
class SystemClock final : public Clock {
 public:
  SystemClock() noexcept : cpu_time_at_start_(thread_cpu_time()) {}
  /// For whoever calls `begin_cpu_time()` before the guest begins: reads no clock.
  explicit SystemClock(std::nullopt_t /*later*/) noexcept {}

  /// The thread's CPU time at which the guest's begins.
  void begin_cpu_time(std::chrono::nanoseconds of_thread) noexcept {
    cpu_time_at_start_ = static_cast<std::uint64_t>(of_thread.count());
  }

  [[nodiscard]] std::uint64_t now(ClockId id) noexcept override;
  [[nodiscard]] std::uint64_t resolution(ClockId id) noexcept override;

 private:
  std::uint64_t cpu_time_at_start_ = 0;
  [[nodiscard]] static std::uint64_t thread_cpu_time() noexcept;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_CLOCK_SOURCE_H_
