#include "engine/watchdog.h"

#include <atomic>
#include <chrono>
#include <latch>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace mimobox::engine {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

struct Item : Watched {
  std::atomic<int> calls{0};
  std::latch first_call{1};
  std::latch third_call{3};
};

std::chrono::nanoseconds once(Watched& item, unsigned calls_before) noexcept {
  auto& mine = static_cast<Item&>(item);
  mine.calls.fetch_add(1);
  if (calls_before == 0) mine.first_call.count_down();
  return hours{1};
}

std::chrono::nanoseconds again_at_once(Watched& item, unsigned calls_before) noexcept {
  auto& mine = static_cast<Item&>(item);
  mine.calls.fetch_add(1);
  if (calls_before < 3) mine.third_call.count_down();
  return milliseconds{1};
}

Deadline in(milliseconds delay) {
  return Deadline::clock::now() + delay;
}

TEST(WatchdogConcurrent, CallsAtTheDeadlineAndNotBefore) {
  const auto watchdog = std::move(*Watchdog::create(once));
  Item item;
  const Deadline deadline = in(milliseconds{20});
  watchdog->add(item, deadline);
  item.first_call.wait();
  EXPECT_GE(Deadline::clock::now(), deadline);
  watchdog->remove(item);
  EXPECT_EQ(item.calls, 1);
}

TEST(WatchdogConcurrent, AnEarlierDeadlineOvertakesALaterOne) {
  const auto watchdog = std::move(*Watchdog::create(once));
  Item late;
  Item early;
  watchdog->add(late, in(hours{1}));
  watchdog->add(early, in(milliseconds{5}));
  early.first_call.wait();
  EXPECT_EQ(late.calls, 0);
  watchdog->remove(late);
  watchdog->remove(early);
}

TEST(WatchdogConcurrent, CallsAgainUntilTheItemIsRemoved) {
  const auto watchdog = std::move(*Watchdog::create(again_at_once));
  Item item;
  watchdog->add(item, in(milliseconds{1}));
  item.third_call.wait();
  watchdog->remove(item);
  const int calls = item.calls;
  Item other;
  watchdog->add(other, in(milliseconds{5}));
  other.third_call.wait();
  watchdog->remove(other);
  EXPECT_EQ(item.calls, calls);
}

TEST(WatchdogConcurrent, ExpireNowReachesAnItemWithoutDeadlineAndNoneThatIsGone) {
  const auto watchdog = std::move(*Watchdog::create(once));
  Item item;
  watchdog->add(item, std::nullopt);
  watchdog->expire_now(item);
  item.first_call.wait();
  watchdog->remove(item);
  watchdog->expire_now(item);
  EXPECT_EQ(item.calls, 1);
}

TEST(WatchdogConcurrent, RunsThatEndEarlyDoNotWakeIt) {
  const auto watchdog = std::move(*Watchdog::create(once));
  for (int i = 0; i < 1000; ++i) {
    Item item;
    watchdog->add(item, in(hours{1}));
    watchdog->remove(item);
  }
  // The first deadline may wake it to go to sleep again until then; no other does.
  EXPECT_LE(watchdog->wake_ups(), 2U);
}

TEST(WatchdogConcurrent, AThousandDeadlinesAreAllMet) {
  const auto watchdog = std::move(*Watchdog::create(once));
  std::vector<std::unique_ptr<Item>> items;
  for (int i = 0; i < 1000; ++i) {
    items.push_back(std::make_unique<Item>());
    watchdog->add(*items.back(), in(milliseconds{(i * 7) % 50}));
  }
  for (const auto& item : items)
    item->first_call.wait();
  for (const auto& item : items) {
    watchdog->remove(*item);
    EXPECT_EQ(item->calls, 1);
  }
}

}  // namespace
}  // namespace mimobox::engine
