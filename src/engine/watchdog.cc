#include "engine/watchdog.h"

#include <algorithm>
#include <utility>

namespace mimobox::engine {

Result<std::unique_ptr<Watchdog>> Watchdog::create(Handler handler) {
  auto watchdog = std::unique_ptr<Watchdog>(new Watchdog(handler));
  auto thread = base::Thread::start([self = watchdog.get()] { self->loop(); });
  if (!thread) {
    return std::unexpected(
        SandboxError{ErrorCode::kResourceExhausted, "no thread for the watchdog", thread.error()});
  }
  watchdog->thread_ = std::move(*thread);
  return watchdog;
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Watchdog::add(Watched& item, std::optional<Deadline> deadline) noexcept {
  item.shard_ = base::thread_shard();
  Shard& shard = shards_[item.shard_];
  const Deadline due = deadline.value_or(Deadline::max());
  {
    const std::lock_guard lock(shard.mutex);
    item.due_ = due;
    item.calls_ = 0;
    shard.items.add(item);
  }
  wake_by(due);
}

void Watchdog::remove(Watched& item) noexcept {
  Shard& shard = shards_[item.shard_];
  const std::lock_guard lock(shard.mutex);
  if (shard.items.contains(item)) shard.items.remove(item);
}

void Watchdog::expire_now(Watched& item) noexcept {
  Shard& shard = shards_[item.shard_];
  const Deadline now = Deadline::clock::now();
  {
    const std::lock_guard lock(shard.mutex);
    if (!shard.items.contains(item)) return;
    item.due_ = now;
  }
  wake_by(now);
}

void Watchdog::wake_by(Deadline deadline) noexcept {
  if (deadline >= wake_at_.load()) return;
  {
    const std::lock_guard lock(mutex_);
    if (deadline >= wake_at_.load()) return;
    wake_at_ = deadline;
  }
  changed_.notify_one();
}

void Watchdog::loop() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    // A promised look is kept although its item may have gone: were the next deadline forgotten
    // with its item, each of many short runs would wake this thread.
    if (wake_at_.load() <= Deadline::clock::now()) {
      wake_at_ = Deadline::max();
      lock.unlock();
      const Deadline earliest = look();
      lock.lock();
      wake_at_ = std::min(wake_at_.load(), earliest);
      continue;
    }
    if (wake_at_.load() == Deadline::max()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, wake_at_.load());
    }
    ++wake_ups_;
  }
}

Deadline Watchdog::look() noexcept {
  Deadline earliest = Deadline::max();
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    shard.items.for_each([&](Watched& item) {
      const Deadline now = Deadline::clock::now();
      if (item.due_ <= now) item.due_ = now + handler_(item, item.calls_++);
      earliest = std::min(earliest, item.due_);
    });
  }
  return earliest;
}

}  // namespace mimobox::engine
