#ifndef MIMOBOX_ENGINE_EPOCH_INTERRUPTER_H_
#define MIMOBOX_ENGINE_EPOCH_INTERRUPTER_H_

#include <memory>

#include "mimobox/error.h"

#include "engine/interrupter.h"
#include "engine/watchdog.h"

namespace mimobox::engine {

/// Stops guests through the engine's epoch counter: a bump makes every store of the engine look at
/// the stop word of its own run (engine/instance.cc).
class EpochInterrupter final : public Interrupter {
 public:
  /// Errors: `kResourceExhausted` when the host gives no thread.
  [[nodiscard]] static Result<std::unique_ptr<EpochInterrupter>> create();

  void arm(InterruptibleRun& run, std::optional<Deadline> deadline) override;
  void disarm(InterruptibleRun& run) noexcept override;
  void stop(InterruptibleRun& run, StopReason reason) noexcept override;

 private:
  explicit EpochInterrupter(std::unique_ptr<Watchdog> watchdog) : watchdog_(std::move(watchdog)) {}
  std::unique_ptr<Watchdog> watchdog_;
};

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_EPOCH_INTERRUPTER_H_
