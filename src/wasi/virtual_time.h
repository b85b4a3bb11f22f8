#ifndef MIMOBOX_WASI_VIRTUAL_TIME_H_
#define MIMOBOX_WASI_VIRTUAL_TIME_H_

#include <cstdint>
#include <optional>
#include <span>

#include "base/stop_signal.h"
#include "wasi/clock_source.h"
#include "wasi/poller.h"

namespace mimobox::wasi {

/// Time that is the same in every run: it stands still but for a guest's own doings. Each reading
/// moves all clocks on by `kStepNs`, so that a guest that waits in a loop gets on; a sleep moves
/// the wall clock and the monotonic one, not those of CPU time. Clocks end at 2^64-1 and stay
/// there.
class VirtualClock final : public Clock {
 public:
  static constexpr std::uint64_t kStepNs = 1'000;

  /// The wall clock begins at `start_ns` since 1970, the others at 0.
  explicit VirtualClock(std::uint64_t start_ns) : start_ns_(start_ns) {}

  [[nodiscard]] std::uint64_t now(ClockId id) noexcept override;
  [[nodiscard]] std::uint64_t read(ClockId id) noexcept override;
  [[nodiscard]] std::uint64_t resolution(ClockId /*id*/) noexcept override { return kStepNs; }

  /// Moves the monotonic clock on to `monotonic_ns`, and the wall clock as far.
  void sleep_until(std::uint64_t monotonic_ns) noexcept;

 private:
  const std::uint64_t start_ns_;
  std::uint64_t worked_ns_ = 0;
  std::uint64_t slept_ns_ = 0;
};

/// Ends sleeps at once, also one for ever. What waits for a descriptor of the host does so.
class VirtualPoller final : public Poller {
 public:
  /// The clock is borrowed.
  explicit VirtualPoller(VirtualClock& clock) : clock_(clock) {}

  [[nodiscard]] WaitResult wait(std::span<pollfd> items, std::optional<std::uint64_t> deadline_ns,
                                base::StopSignal& stop) noexcept override;

 private:
  VirtualClock& clock_;
  SystemPoller system_;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_VIRTUAL_TIME_H_
