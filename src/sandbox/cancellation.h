#ifndef MIMOBOX_SANDBOX_CANCELLATION_H_
#define MIMOBOX_SANDBOX_CANCELLATION_H_

#include <atomic>
#include <mutex>
#include <optional>
#include <stop_token>

#include "engine/interrupter.h"

namespace mimobox::internal {

/// How one run is cancelled, whatever it is at: waiting for its code or for its turn, or running
/// its guest. A run that waits for nothing and is not cancelled allocates nothing and takes no lock
/// here.
class Cancellation {
 public:
  Cancellation() = default;
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;

  /// Any thread, any number of times.
  void request() noexcept;

  /// For what waits on the run's behalf. To be called by the run's thread. May throw
  /// std::bad_alloc.
  [[nodiscard]] std::stop_token token();

 private:
  friend class CancelScope;

  std::atomic<bool> requested_{false};
  /// The run's guest, while there is one to be stopped. Set and unset by the run's thread without
  /// the lock: sequential consistency sees to it that a request finds the guest, or its thread the
  /// request.
  std::atomic<engine::InterruptibleRun*> guest_{nullptr};
  engine::Interrupter* interrupter_ = nullptr;  ///< of the guest; set before it
  std::mutex mutex_;                            ///< held while a request is at work
  std::optional<std::stop_source> waits_;       ///< under the lock; made when something waits
};

/// Lets a run's guest be cancelled for a scope, in which it is armed.
class CancelScope {
 public:
  CancelScope(Cancellation& cancel, engine::Interrupter& interrupter,
              engine::InterruptibleRun& guest) noexcept;
  CancelScope(const CancelScope&) = delete;
  CancelScope& operator=(const CancelScope&) = delete;
  /// Afterwards no request touches the guest any more.
  ~CancelScope();

 private:
  Cancellation& cancel_;
};

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_CANCELLATION_H_
