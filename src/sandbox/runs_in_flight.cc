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

Result<void> RunsInFlight::enter(RunEntry& run) {
  if (in_callback()) return std::unexpected(reentrant());
  run.shard_ = base::thread_shard();
  Shard& shard = shards_[run.shard_];
  const std::lock_guard lock(shard.mutex);
  if (closed_) return std::unexpected(destroyed());
  shard.runs.add(run);
  return {};
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
  const std::lock_guard lock(mutex_);
  {
    const std::lock_guard lock_shard(shard.mutex);
    shard.runs.remove(run);
  }
  left_.notify_all();
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
  if (in_callback()) return std::unexpected(reentrant());
  const bool first = cancel_all();
  wait_until_left();
  if (first) return {};
  return std::unexpected(destroyed());
}

void RunsInFlight::close_for_good() noexcept {
  cancel_all();
  if (in_callback()) return;
  wait_until_left();
}

}  // namespace mimobox::internal
