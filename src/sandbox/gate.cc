#include "sandbox/gate.h"

#include <algorithm>

namespace mimobox::internal {

Gate::Entry Gate::enter(std::uint64_t units, OnBusy on_busy, std::optional<TimePoint> deadline,
                        const std::stop_token& stop) {
  if (units > units_) return Entry::kFull;
  if (try_enter(units)) return Entry::kEntered;
  if (on_busy == OnBusy::kRefuse) return Entry::kFull;
  return wait(units, deadline, stop);
}

bool Gate::try_enter(std::uint64_t units) noexcept {
  if (units > units_ || waiting_.load() != 0) return false;
  std::atomic<std::uint64_t>& aside = aside_[base::thread_shard()].units;
  std::uint64_t found = aside.load(std::memory_order_relaxed);
  if (found == units && aside.compare_exchange_strong(found, 0)) return true;
  if (try_take(units)) return true;
  const std::lock_guard lock(mutex_);
  if (!queue_.empty()) return false;
  const bool entered = try_take_all(units);
  // There may be more than it took.
  changed_.notify_all();
  return entered;
}

bool Gate::try_take(std::uint64_t units) noexcept {
  std::uint64_t taken = taken_.load();
  do {
    if (units > units_ - taken) return false;
  } while (!taken_.compare_exchange_weak(taken, taken + units));
  return true;
}

bool Gate::try_take_all(std::uint64_t units) noexcept {
  for (Aside& aside : aside_)
    taken_.fetch_sub(aside.units.exchange(0));
  return try_take(units);
}

std::uint64_t Gate::taken() const noexcept {
  const std::lock_guard lock(mutex_);
  std::uint64_t taken = taken_.load();
  for (const Aside& aside : aside_)
    taken -= std::min(taken, aside.units.load());
  return taken;
}

Gate::Entry Gate::wait(std::uint64_t units, std::optional<TimePoint> deadline,
                       const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto place = queue_.insert(queue_.end(), 0);
  ++waiting_;
  const auto my_turn = [&] { return place == queue_.begin() && try_take_all(units); };
  const bool entered = deadline ? changed_.wait_until(lock, stop, *deadline, my_turn)
                                : changed_.wait(lock, stop, my_turn);
  queue_.erase(place);
  --waiting_;
  // The next one may find room too, or is the first now that this one has given up.
  changed_.notify_all();
  if (entered) return Entry::kEntered;
  return stop.stop_requested() ? Entry::kStopped : Entry::kTimeout;
}

void Gate::leave(std::uint64_t units) noexcept {
  std::atomic<std::uint64_t>& aside = aside_[base::thread_shard()].units;
  std::uint64_t none = 0;
  const bool put_aside = waiting_.load() == 0 && aside.load(std::memory_order_relaxed) == 0 &&
                         aside.compare_exchange_strong(none, units);
  if (!put_aside) taken_.fetch_sub(units);
  tell_who_waits();
}

void Gate::tell_who_waits() noexcept {
  if (waiting_.load() == 0) return;
  // The lock orders this behind a waiter's look at the units that it found taken.
  {
    const std::lock_guard lock(mutex_);
  }
  changed_.notify_all();
}

}  // namespace mimobox::internal
