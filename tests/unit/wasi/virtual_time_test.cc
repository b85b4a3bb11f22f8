#include "wasi/virtual_time.h"

#include <poll.h>
#include <unistd.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include <gtest/gtest.h>

#include "base/stop_signal.h"
#include "tests/unit/wasi/fakes.h"

namespace mimobox::wasi {
namespace {

constexpr std::uint64_t kStart = 1'000'000'000;
constexpr std::uint64_t kEnd = std::numeric_limits<std::uint64_t>::max();

TEST(VirtualClock, BeginsWhereAskedAndStandsStill) {
  VirtualClock clock(kStart);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(clock.now(ClockId::kRealtime), kStart);
    EXPECT_EQ(clock.now(ClockId::kMonotonic), 0U);
    EXPECT_EQ(clock.now(ClockId::kProcessCputime), 0U);
    EXPECT_EQ(clock.now(ClockId::kThreadCputime), 0U);
  }
}

TEST(VirtualClock, MovesAllClocksByAStepAtEachReading) {
  VirtualClock clock(kStart);
  EXPECT_EQ(clock.read(ClockId::kMonotonic), VirtualClock::kStepNs);
  EXPECT_EQ(clock.read(ClockId::kRealtime), kStart + 2 * VirtualClock::kStepNs);
  EXPECT_EQ(clock.read(ClockId::kThreadCputime), 3 * VirtualClock::kStepNs);
  EXPECT_EQ(clock.read(ClockId::kProcessCputime), 4 * VirtualClock::kStepNs);
  EXPECT_EQ(clock.resolution(ClockId::kMonotonic), VirtualClock::kStepNs);
}

TEST(VirtualClock, SleepMovesAllButCpuTime) {
  VirtualClock clock(kStart);
  clock.sleep_until(500);
  EXPECT_EQ(clock.now(ClockId::kMonotonic), 500U);
  EXPECT_EQ(clock.now(ClockId::kRealtime), kStart + 500);
  EXPECT_EQ(clock.now(ClockId::kProcessCputime), 0U);
  clock.sleep_until(499);
  EXPECT_EQ(clock.now(ClockId::kMonotonic), 500U) << "time went back";
}

TEST(VirtualClock, EndsAtTheLastNumber) {
  VirtualClock clock(kStart);
  clock.sleep_until(kEnd);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(clock.read(ClockId::kMonotonic), kEnd);
    EXPECT_EQ(clock.read(ClockId::kRealtime), kEnd);
  }
}

TEST(VirtualPoller, EndsSleepsAtOnce) {
  VirtualClock clock(kStart);
  VirtualPoller poller(clock);
  base::StopSignal stop;
  EXPECT_EQ(poller.wait({}, 3'600'000'000'000, stop), WaitResult::kTimeout);
  EXPECT_EQ(clock.now(ClockId::kMonotonic), 3'600'000'000'000U);
  EXPECT_EQ(poller.wait({}, std::nullopt, stop), WaitResult::kTimeout);
  EXPECT_EQ(clock.now(ClockId::kMonotonic), kEnd);
}

TEST(VirtualPoller, IsStoppedLikeAnyOther) {
  VirtualClock clock(kStart);
  VirtualPoller poller(clock);
  base::StopSignal stop;
  stop.raise(1);
  EXPECT_EQ(poller.wait({}, 5, stop), WaitResult::kStopped);
  EXPECT_EQ(clock.now(ClockId::kMonotonic), 0U);
}

TEST(VirtualPoller, WaitsForDescriptorsOfTheHost) {
  VirtualClock clock(kStart);
  VirtualPoller poller(clock);
  base::StopSignal stop;
  const testing::Pipe pipe;
  ASSERT_EQ(::write(pipe.write_end.get(), "x", 1), 1);
  pollfd item{.fd = pipe.read_end.get(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poller.wait(std::span(&item, 1), std::nullopt, stop), WaitResult::kReady);
  EXPECT_EQ(item.revents, POLLIN);
}

}  // namespace
}  // namespace mimobox::wasi
