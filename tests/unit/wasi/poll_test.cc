#include <gtest/gtest.h>

#include "tests/unit/wasi/fakes.h"

namespace mimobox::wasi {
namespace {

using testing::Answer;
using testing::Fixture;
using testing::HostCallOutcome;
using testing::iovec;
using testing::kOk;
using testing::le16;
using testing::le32;
using testing::le64;
using testing::returns;

constexpr Answer kStopped = {Errno::kIntr, HostCallOutcome::kStop};
constexpr std::uint64_t kForever = ~0ULL;

std::string clock_subscription(std::uint64_t userdata, std::uint32_t clock, std::uint64_t timeout,
                               std::uint16_t flags) {
  return le64(userdata) + le64(0) + le64(clock) + le64(timeout) + le64(0) + le64(flags);
}
/// `type`: 1 reads, 2 writes. Behind the descriptor stands rubbish that means nothing.
std::string fd_subscription(std::uint64_t userdata, std::uint8_t type, std::uint32_t fd) {
  return le64(userdata) + le64(type) + le32(fd) + std::string(28, '#');
}
std::string event(std::uint64_t userdata, Errno error, std::uint16_t type, std::uint64_t bytes = 0,
                  std::uint16_t flags = 0) {
  return le64(userdata) + le16(static_cast<std::uint16_t>(error)) + le16(type) + le32(0) +
         le64(bytes) + le64(flags);
}

TEST(PollOneoff, RefusesNoSubscriptionAndTooMany) {
  Fixture guest(1U << 20);
  EXPECT_EQ(guest.call("poll_oneoff", {0, 0, 0, 0}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 0, 4'097, 0}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 0, 1U << 28, 0}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 0, 0xFFFF'FFFF, 0}), returns(Errno::kInval));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(PollOneoff, TakesAsManyAs4096) {
  Fixture guest(1U << 19);
  std::string events;
  for (std::uint32_t i = 0; i < 4'096; ++i) {
    guest.put(i * 48, fd_subscription(i, 2, 1));
    events += event(i, Errno::kSuccess, 2);
  }
  EXPECT_EQ(guest.call("poll_oneoff", {0, 200'000, 4'096, 400'000}), kOk);
  EXPECT_TRUE(guest.memory() == guest.expected({{200'000, events}, {400'000, le32(4'096)}}));
}

TEST(PollOneoff, RefusesRangesOutside) {
  Fixture guest;
  guest.put(0, clock_subscription(1, 1, 0, 0));
  guest.put(208, clock_subscription(1, 1, 0, 0));
  EXPECT_EQ(guest.call("poll_oneoff", {209, 64, 1, 128}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("poll_oneoff", {0xFFFF'FFFF, 64, 1, 128}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 225, 1, 128}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 0xFFFF'FFE0, 1, 128}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 64, 1, 253}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 64, 6, 128}), returns(Errno::kFault));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(PollOneoff, RefusesAnUnknownType) {
  Fixture guest;
  guest.put(0, clock_subscription(1, 1, 0, 0) + fd_subscription(2, 3, 0));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 128, 2, 200}), returns(Errno::kInval));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(PollOneoff, TimeoutOfNothingIsDueAtOnce) {
  Fixture guest;
  guest.put(0, clock_subscription(0xABCD, 1, 0, 0));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 100, 1, 200}), kOk);
  EXPECT_EQ(guest.memory(),
            guest.expected({{100, event(0xABCD, Errno::kSuccess, 0)}, {200, le32(1)}}));
  EXPECT_EQ(guest.clock.monotonic, 1'000U);
}

TEST(PollOneoff, WaitsUntilARelativeTimeoutOfEitherClock) {
  Fixture guest;
  guest.put(0, clock_subscription(1, 0, 500, 0) + clock_subscription(2, 1, 700, 0));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 100, 2, 200}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{100, event(1, Errno::kSuccess, 0)}, {200, le32(1)}}));
  EXPECT_EQ(guest.clock.monotonic, 1'500U);
}

TEST(PollOneoff, LargestTimeoutNeverComes) {
  Fixture guest;
  guest.put(0, clock_subscription(1, 1, kForever, 0));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 100, 1, 200}), kStopped);
  EXPECT_EQ(guest.memory(), guest.untouched());
  EXPECT_EQ(guest.fake_poller.deadlines, (std::vector<std::optional<std::uint64_t>>{std::nullopt}));
}

TEST(PollOneoff, LargestTimeoutThatEndsIsTakenAsItIs) {
  Fixture guest;
  guest.put(0, clock_subscription(1, 1, kForever - 1'001, 0));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 100, 1, 200}), kOk);
  EXPECT_EQ(guest.clock.monotonic, kForever - 1);
}

TEST(PollOneoff, AbsolutePastIsDueAtOnceOnBothClocks) {
  Fixture guest;
  guest.put(0, clock_subscription(1, 0, 5'000, 1) + clock_subscription(2, 1, 1'000, 1));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 100, 2, 200}), kOk);
  EXPECT_EQ(guest.memory(),
            guest.expected({{100, event(1, Errno::kSuccess, 0) + event(2, Errno::kSuccess, 0)},
                            {200, le32(2)}}));
  EXPECT_EQ(guest.clock.monotonic, 1'000U);
}

TEST(PollOneoff, WaitsUntilAnAbsoluteMonotonicTime) {
  Fixture guest;
  guest.put(0, clock_subscription(1, 1, 1'400, 1));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 100, 1, 200}), kOk);
  EXPECT_EQ(guest.clock.monotonic, 1'400U);
}

TEST(PollOneoff, RefusesToSleepOnCpuTimeAndUnknownClocksInTheEvents) {
  Fixture guest;
  guest.put(0, clock_subscription(1, 2, 9, 0) + clock_subscription(2, 4, 9, 0));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 100, 2, 200}), kOk);
  EXPECT_EQ(guest.memory(),
            guest.expected(
                {{100, event(1, Errno::kNotsup, 0) + event(2, Errno::kInval, 0)}, {200, le32(2)}}));
}

TEST(PollOneoff, TellsHowManyBytesAreLeft) {
  Fixture guest;
  guest.input = InputBytes{"abcde"};
  guest.put(0, fd_subscription(7, 1, 0));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 100, 1, 200}), kOk);
  EXPECT_EQ(guest.memory(),
            guest.expected({{100, event(7, Errno::kSuccess, 1, 5)}, {200, le32(1)}}));
}

TEST(PollOneoff, TellsTheEndOfAnInputAsHangup) {
  Fixture guest;
  guest.put(0, fd_subscription(7, 1, 0));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 100, 1, 200}), kOk);
  EXPECT_EQ(guest.memory(),
            guest.expected({{100, event(7, Errno::kSuccess, 1, 0, 1)}, {200, le32(1)}}));
}

TEST(PollOneoff, AnswersDuplicatesEach) {
  Fixture guest;
  guest.put(0, fd_subscription(1, 2, 1) + fd_subscription(1, 2, 1));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 100, 2, 200}), kOk);
  EXPECT_EQ(guest.memory(),
            guest.expected({{100, event(1, Errno::kSuccess, 2) + event(1, Errno::kSuccess, 2)},
                            {200, le32(2)}}));
}

TEST(PollOneoff, PutsErrorsOfDescriptorsIntoTheEvents) {
  Fixture guest(512);
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", {2, kRightFdWrite, 0}), kOk);
  guest.put(0, fd_subscription(1, 1, 3) + fd_subscription(2, 1, 1) + fd_subscription(3, 2, 0) +
                   fd_subscription(4, 2, 2));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 200, 4, 400}), kOk);
  EXPECT_EQ(guest.memory(),
            guest.expected({{200, event(1, Errno::kBadf, 1) + event(2, Errno::kBadf, 1) +
                                      event(3, Errno::kBadf, 2) + event(4, Errno::kNotcapable, 2)},
                            {400, le32(4)}}));
}

TEST(PollOneoff, LeavesOutTimersWhenAStreamIsReady) {
  Fixture guest;
  guest.put(0, clock_subscription(1, 1, 50, 0) + fd_subscription(2, 2, 1));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 100, 2, 200}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{100, event(2, Errno::kSuccess, 2)}, {200, le32(1)}}));
  EXPECT_EQ(guest.clock.monotonic, 1'000U);
}

TEST(PollOneoff, MayWriteTheEventsOverTheSubscriptions) {
  Fixture guest;
  guest.put(0, fd_subscription(1, 2, 1) + fd_subscription(2, 2, 2));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 0, 2, 200}), kOk);
  EXPECT_EQ(guest.memory(),
            guest.expected({{0, event(1, Errno::kSuccess, 2) + event(2, Errno::kSuccess, 2)},
                            {200, le32(2)}}));
}

TEST(PollOneoff, TellsThatTheHostCouldNotWait) {
  Fixture guest;
  guest.fake_poller.result = WaitResult::kFailed;
  guest.put(0, clock_subscription(1, 1, 50, 0));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 100, 1, 200}), returns(Errno::kNomem));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(PollOneoff, OfAStoppedRunWritesNothing) {
  Fixture guest;
  guest.stop.raise(1);
  guest.put(0, fd_subscription(1, 2, 1));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 100, 1, 200}), kStopped);
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(PollOneoff, AsksThePollerForHostDescriptorsOnly) {
  Fixture guest;
  guest.output = OutputFd{-2};
  guest.put(0, fd_subscription(1, 1, 0) + clock_subscription(2, 1, 50, 0));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 100, 2, 200}), kOk);
  EXPECT_EQ(guest.fake_poller.last_items, 0U);
}

TEST(PollOneoff, AbsolutePastIsDueAtOnceThoughTimeGoesOn) {
  Fixture guest;
  guest.clock.tick = 1;
  guest.put(0, clock_subscription(1, 0, 0, 1));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 100, 1, 200}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{100, event(1, Errno::kSuccess, 0)}, {200, le32(1)}}));
}

TEST(PollOneoff, WaitsUntilAnAbsoluteWallTime) {
  Fixture guest;
  guest.clock.tick = 1;
  guest.put(0, clock_subscription(1, 0, 6'000, 1));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 100, 1, 200}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{100, event(1, Errno::kSuccess, 0)}, {200, le32(1)}}));
  EXPECT_GE(guest.clock.realtime, 6'000U);
}

}  // namespace
}  // namespace mimobox::wasi
