#include "sandbox/gate.h"

namespace mimobox::internal {

Gate::Entry Gate::enter(std::uint64_t units, OnBusy on_busy, std::optional<TimePoint> deadline,
                        const std::stop_token& stop) {
  if (units > units_) return Entry::kFull;
  if (try_enter(units)) return Entry::kEntered;
  if (on_busy == OnBusy::kRefuse) return Entry::kFull;
  return wait(units, deadline, stop);
}

bool Gate::try_take(std::uint64_t units) noexcept {
  std::uint64_t taken = taken_.load();
  do {
    if (units > units_ - taken) return false;
  } while (!taken_.compare_exchange_weak(taken, taken + units));
  return true;
}

Gate::Entry Gate::wait(std::uint64_t units, std::optional<TimePoint> deadline,
                       const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto place = queue_.insert(queue_.end(), 0);
  ++waiting_;
  const auto my_turn = [&] { return place == queue_.begin() && try_take(units); };
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
  taken_.fetch_sub(units);
  if (waiting_.load() == 0) return;
  // The lock orders this behind a waiter's look at the units that it found taken.
  {
    const std::lock_guard lock(mutex_);
  }
  changed_.notify_all();
}

}  // namespace mimobox::internal
