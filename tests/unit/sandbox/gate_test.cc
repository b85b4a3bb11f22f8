#include "sandbox/gate.h"

#include <atomic>
#include <chrono>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace mimobox::internal {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using Entry = Gate::Entry;

const std::stop_token kNever;

Gate::TimePoint in(milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

TEST(Gate, LetsInAsManyAsFitAndNoMore) {
  Gate gate(3);
  EXPECT_EQ(gate.enter(2, OnBusy::kRefuse, std::nullopt, kNever), Entry::kEntered);
  EXPECT_EQ(gate.enter(2, OnBusy::kRefuse, std::nullopt, kNever), Entry::kFull);
  EXPECT_EQ(gate.enter(1, OnBusy::kRefuse, std::nullopt, kNever), Entry::kEntered);
  EXPECT_EQ(gate.enter(1, OnBusy::kRefuse, std::nullopt, kNever), Entry::kFull);
  gate.leave(2);
  EXPECT_EQ(gate.enter(2, OnBusy::kRefuse, std::nullopt, kNever), Entry::kEntered);
}

TEST(Gate, NeverWaitsForMoreThanThereIs) {
  Gate gate(3);
  EXPECT_EQ(gate.enter(4, OnBusy::kWait, std::nullopt, kNever), Entry::kFull);
  EXPECT_EQ(gate.enter(3, OnBusy::kWait, std::nullopt, kNever), Entry::kEntered);
}

TEST(GateConcurrent, HasForAllWhatOneThreadGaveBack) {
  Gate gate(3);
  std::thread([&] {
    EXPECT_EQ(gate.enter(2, OnBusy::kRefuse, std::nullopt, kNever), Entry::kEntered);
    gate.leave(2);
  }).join();
  EXPECT_EQ(gate.taken(), 0U);
  EXPECT_EQ(gate.enter(3, OnBusy::kRefuse, std::nullopt, kNever), Entry::kEntered);
  EXPECT_EQ(gate.taken(), 3U);
  EXPECT_EQ(gate.enter(1, OnBusy::kRefuse, std::nullopt, kNever), Entry::kFull);
}

TEST(GateConcurrent, GivesUpAtTheDeadline) {
  Gate gate(1);
  ASSERT_EQ(gate.enter(1, OnBusy::kWait, std::nullopt, kNever), Entry::kEntered);
  EXPECT_EQ(gate.enter(1, OnBusy::kWait, in(milliseconds{5}), kNever), Entry::kTimeout);
  gate.leave(1);
  EXPECT_EQ(gate.enter(1, OnBusy::kWait, in(milliseconds{5}), kNever), Entry::kEntered);
}

TEST(GateConcurrent, GivesUpWhenAStopIsRequested) {
  Gate gate(1);
  ASSERT_EQ(gate.enter(1, OnBusy::kWait, std::nullopt, kNever), Entry::kEntered);
  std::stop_source stop;
  Entry entry = Entry::kEntered;
  std::thread waiter([&] { entry = gate.enter(1, OnBusy::kWait, in(hours{1}), stop.get_token()); });
  stop.request_stop();
  waiter.join();
  EXPECT_EQ(entry, Entry::kStopped);
}

// A large one at the head is not starved by small ones that would fit.
TEST(GateConcurrent, ServesInOrder) {
  Gate gate(2);
  ASSERT_EQ(gate.enter(1, OnBusy::kWait, std::nullopt, kNever), Entry::kEntered);
  std::atomic<bool> large_is_in{false};
  std::thread large([&] {
    EXPECT_EQ(gate.enter(2, OnBusy::kWait, std::nullopt, kNever), Entry::kEntered);
    large_is_in = true;
    gate.leave(2);
  });
  // As soon as the large one waits, a small one is refused although there is room for it.
  while (gate.enter(1, OnBusy::kRefuse, std::nullopt, kNever) == Entry::kEntered)
    gate.leave(1);
  EXPECT_FALSE(large_is_in);
  gate.leave(1);
  large.join();
  EXPECT_TRUE(large_is_in);
}

TEST(GateConcurrent, IsNeverOverfilledAndLosesNobody) {
  constexpr std::uint64_t kUnits = 3;
  Gate gate(kUnits);
  std::atomic<std::uint64_t> inside{0};
  std::atomic<int> rounds{0};
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 8; ++t) {
    threads.emplace_back([&, units = 1 + t % kUnits] {
      for (int i = 0; i < 2000; ++i) {
        ASSERT_EQ(gate.enter(units, OnBusy::kWait, std::nullopt, kNever), Entry::kEntered);
        EXPECT_LE(inside.fetch_add(units) + units, kUnits);
        inside.fetch_sub(units);
        gate.leave(units);
        ++rounds;
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(rounds, 16000);
}

}  // namespace
}  // namespace mimobox::internal
