#include "engine/epoch_interrupter.h"

#include <algorithm>
#include <utility>

#include "engine/engine.h"

namespace mimobox::engine {
namespace {

constexpr std::chrono::milliseconds kFirstRepeat{1};
constexpr std::chrono::milliseconds kSlowestRepeat{10};

/// One attempt to stop `run`, and when to try again. An attempt can be lost: between a store's look
/// at its stop word and its new epoch deadline, or between a thread's last look and its system
/// call. So they repeat, ever slower, until the run is disarmed.
std::chrono::milliseconds attempt(Watched& item, unsigned attempts_before) noexcept {
  auto& run = static_cast<InterruptibleRun&>(item);
  run.stop_signal().raise(std::to_underlying(StopReason::kTimeLimit));
  run.engine().bump_epoch();
  run.interrupt_blocking_call();
  return std::min(kSlowestRepeat, kFirstRepeat * (1U << std::min(attempts_before, 4U)));
}

}  // namespace

Result<std::unique_ptr<EpochInterrupter>> EpochInterrupter::create() {
  auto watchdog = Watchdog::create(attempt);
  if (!watchdog) return std::unexpected(std::move(watchdog).error());
  return std::unique_ptr<EpochInterrupter>(new EpochInterrupter(std::move(*watchdog)));
}

void EpochInterrupter::arm(InterruptibleRun& run, std::optional<Deadline> deadline) {
  watchdog_->add(run, deadline);
}

void EpochInterrupter::disarm(InterruptibleRun& run) noexcept {
  watchdog_->remove(run);
}

void EpochInterrupter::stop(InterruptibleRun& run, StopReason reason) noexcept {
  // The reason is set here and now, so that it is the first one; the watchdog does the rest.
  run.stop_signal().raise(std::to_underlying(reason));
  watchdog_->expire_now(run);
}

}  // namespace mimobox::engine
