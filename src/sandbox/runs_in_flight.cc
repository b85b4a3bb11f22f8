#include "sandbox/runs_in_flight.h"

namespace mimobox::internal {

Result<void> RunsInFlight::enter(std::stop_source& cancel) {
  const std::lock_guard lock(mutex_);
  if (closed_) {
    return std::unexpected(SandboxError{ErrorCode::kDestroyed, "the sandbox was destroyed"});
  }
  runs_.insert(&cancel);
  return {};
}

void RunsInFlight::leave(std::stop_source& cancel) noexcept {
  const std::lock_guard lock(mutex_);
  runs_.erase(&cancel);
  // Under the lock: whoever waits may be about to destroy this object.
  if (runs_.empty()) left_.notify_all();
}

bool RunsInFlight::close() {
  std::unique_lock lock(mutex_);
  const bool first = !closed_;
  closed_ = true;
  for (std::stop_source* run : runs_) run->request_stop();
  left_.wait(lock, [this] { return runs_.empty(); });
  return first;
}

}  // namespace mimobox::internal
