#include "sandbox/runs_in_flight.h"

#include <algorithm>
#include <utility>

namespace mimobox::internal {

SandboxError RunsInFlight::refusal(ErrorCode why) {
  return {why, why == ErrorCode::kReentrant
                   ? "called from inside a callback of a run of the same sandbox"
                   : "the sandbox was destroyed"};
}

bool RunsInFlight::in_callback() {
  if (callbacks_.load() == 0) return false;
  const auto self = std::this_thread::get_id();
  bool found = false;
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    shard.runs.for_each([&](const RunEntry& run) { found |= run.callback_thread_.load() == self; });
  }
  return found;
}

std::optional<ErrorCode> RunsInFlight::enter(RunEntry& run) noexcept {
  if (in_callback()) return ErrorCode::kReentrant;
  run.shard_ = base::thread_shard();
  Shard& shard = shards_[run.shard_];
  const std::lock_guard lock(shard.mutex);
  if (closed_) return ErrorCode::kDestroyed;
  shard.runs.add(run);
  return std::nullopt;
}

void RunsInFlight::leave(RunEntry& run) noexcept {
  Shard& shard = shards_[run.shard_];
  {
    const std::lock_guard lock(shard.mutex);
    if (!closed_) {
      shard.runs.remove(run);
      return;
    }
  }
  // Somebody waits, and may be about to destroy this object: it must not see that the run has left
  // before this thread has let go of all of it.
  std::shared_ptr<void> owner;  // goes when nothing is locked any more, and this object with it
  const std::lock_guard lock(mutex_);
  {
    const std::lock_guard lock_shard(shard.mutex);
    shard.runs.remove(run);
  }
  left_.notify_all();
  if (owner_ && all_left()) owner = std::move(owner_);
}

bool RunsInFlight::cancel_all() {
  const bool first = !closed_.exchange(true);
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    shard.runs.for_each([](RunEntry& run) { run.cancel.request(); });
  }
  return first;
}

bool RunsInFlight::all_left() {
  return std::ranges::all_of(shards_, [](Shard& shard) {
    const std::lock_guard lock(shard.mutex);
    return shard.runs.empty();
  });
}

void RunsInFlight::wait_until_left() {
  std::unique_lock lock(mutex_);
  left_.wait(lock, [this] { return all_left(); });
}

Result<void> RunsInFlight::close() {
  if (in_callback()) return std::unexpected(refusal(ErrorCode::kReentrant));
  const bool first = cancel_all();
  wait_until_left();
  if (first) return {};
  return std::unexpected(refusal(ErrorCode::kDestroyed));
}

void RunsInFlight::close_for_good(std::shared_ptr<void> owner) noexcept {
  cancel_all();
  if (!in_callback()) return wait_until_left();
  // The run of that callback has not left.
  const std::lock_guard lock(mutex_);
  owner_ = std::move(owner);
}

}  // namespace mimobox::internal
