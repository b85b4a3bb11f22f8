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

void Watchdog::add(Watched& item, std::optional<Deadline> deadline) {
  bool earlier = false;
  {
    const std::lock_guard lock(mutex_);
    item.due_ = deadline.value_or(Deadline::max());
    item.calls_ = 0;
    items_.insert(&item);
    item.added_ = true;
    earlier = item.due_ < wake_at_;
    if (earlier) wake_at_ = item.due_;
  }
  if (earlier) changed_.notify_one();
}

void Watchdog::remove(Watched& item) noexcept {
  const std::lock_guard lock(mutex_);
  if (std::exchange(item.added_, false)) items_.erase(&item);
}

void Watchdog::expire_now(Watched& item) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (!item.added_) return;
    move(item, Deadline::clock::now());
    wake_at_ = std::min(wake_at_, item.due_);
  }
  changed_.notify_one();
}

std::uint64_t Watchdog::wake_ups() const {
  const std::lock_guard lock(mutex_);
  return wake_ups_;
}

void Watchdog::move(Watched& item, Deadline deadline) noexcept {
  auto node = items_.extract(&item);
  item.due_ = deadline;
  items_.insert(std::move(node));
}

void Watchdog::loop() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    const Deadline now = Deadline::clock::now();
    handle_due(now);
    // A promised look is kept although its item may have gone: were the next deadline forgotten
    // with its item, each of many short runs would wake this thread.
    if (wake_at_ <= now) wake_at_ = items_.empty() ? Deadline::max() : (*items_.begin())->due_;
    const Deadline until = wake_at_;
    if (until == Deadline::max()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, until);
    }
    ++wake_ups_;
  }
}

void Watchdog::handle_due(Deadline now) {
  while (!items_.empty() && (*items_.begin())->due_ <= now) {
    Watched& item = **items_.begin();
    move(item, now + handler_(item, item.calls_++));
  }
}

}  // namespace mimobox::engine
