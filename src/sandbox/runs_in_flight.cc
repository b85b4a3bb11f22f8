#include "sandbox/runs_in_flight.h"

#include <algorithm>

namespace mimobox::internal {
namespace {

SandboxError destroyed() {
  return {ErrorCode::kDestroyed, "the sandbox was destroyed"};
}

SandboxError reentrant() {
  return {ErrorCode::kReentrant, "called from inside a callback of a run of the same sandbox"};
}

}  // namespace

/// Under the lock.
bool RunsInFlight::in_callback() const {
  if (callbacks_.load() == 0) return false;
  const auto self = std::this_thread::get_id();
  return std::ranges::any_of(
      runs_, [self](const RunEntry* run) { return run->callback_thread_.load() == self; });
}

void RunsInFlight::cancel_all() {
  closed_ = true;
  for (RunEntry* run : runs_)
    run->cancel.request_stop();
}

Result<void> RunsInFlight::enter(RunEntry& run) {
  const std::lock_guard lock(mutex_);
  if (in_callback()) return std::unexpected(reentrant());
  if (closed_) return std::unexpected(destroyed());
  runs_.insert(&run);
  return {};
}

void RunsInFlight::leave(RunEntry& run) noexcept {
  const std::lock_guard lock(mutex_);
  runs_.erase(&run);
  // Under the lock: whoever waits may be about to destroy this object.
  if (runs_.empty()) left_.notify_all();
}

Result<void> RunsInFlight::close() {
  std::unique_lock lock(mutex_);
  if (in_callback()) return std::unexpected(reentrant());
  const bool first = !closed_;
  cancel_all();
  left_.wait(lock, [this] { return runs_.empty(); });
  if (first) return {};
  return std::unexpected(destroyed());
}

void RunsInFlight::close_for_good() noexcept {
  std::unique_lock lock(mutex_);
  cancel_all();
  if (in_callback()) return;
  left_.wait(lock, [this] { return runs_.empty(); });
}

}  // namespace mimobox::internal
