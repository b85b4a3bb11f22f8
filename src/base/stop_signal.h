#ifndef MIMOBOX_BASE_STOP_SIGNAL_H_
#define MIMOBOX_BASE_STOP_SIGNAL_H_

#include <atomic>
#include <cstdint>

#include "base/unique_fd.h"

namespace mimobox::base {

/// Tells one run that it must end: a flag to look at and a descriptor to wait on.
///
/// `raise()` may be called from any thread, any number of times; the first non-zero reason stays.
/// The event descriptor is made when it is first asked for, so a run that never blocks makes none.
class StopSignal {
 public:
  StopSignal() = default;
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  ~StopSignal();

  /// Sets the reason (not 0) if there is none yet and wakes who waits on `event_fd()`.
  /// Returns whether this reason is the one that stays.
  bool raise(std::uint32_t reason) noexcept;

  /// 0 while the run may go on.
  [[nodiscard]] std::uint32_t reason() const noexcept {
    return reason_.load(std::memory_order_acquire);
  }
  [[nodiscard]] bool stopped() const noexcept { return reason() != 0; }

  /// Where the reason stands, for code that can only look at a word (the engine's limiter).
  [[nodiscard]] const std::atomic<std::uint32_t>* word() const noexcept { return &reason_; }

  /// A descriptor that polls readable once `raise()` was called; -1 when the host has no descriptor
  /// left. Owned by this object. To be called by the thread of the run only.
  [[nodiscard]] int event_fd() noexcept;

 private:
  std::atomic<std::uint32_t> reason_{0};
  std::atomic<int> event_{-1};
};

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_STOP_SIGNAL_H_
