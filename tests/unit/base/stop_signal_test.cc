#include "base/stop_signal.h"

#include <poll.h>

#include <thread>

#include <gtest/gtest.h>

namespace mimobox::base {
namespace {

bool readable(int fd, int timeout_ms) {
  pollfd item{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&item, 1, timeout_ms) == 1;
}

TEST(StopSignal, TheFirstReasonStays) {
  StopSignal stop;
  EXPECT_FALSE(stop.stopped());
  EXPECT_TRUE(stop.raise(2));
  EXPECT_FALSE(stop.raise(1));
  EXPECT_EQ(stop.reason(), 2U);
}

TEST(StopSignal, AnEventMadeBeforeOrAfterTheStopIsReadable) {
  StopSignal before;
  ASSERT_GE(before.event_fd(), 0);
  EXPECT_FALSE(readable(before.event_fd(), 0));
  before.raise(1);
  EXPECT_TRUE(readable(before.event_fd(), 0));

  StopSignal after;
  after.raise(1);
  EXPECT_TRUE(readable(after.event_fd(), 0));
}

TEST(StopSignalConcurrent, AStopAtTheMomentOfTheFirstLookIsNeverLost) {
  for (int round = 0; round < 2000; ++round) {
    StopSignal stop;
    std::thread raiser([&] { stop.raise(1); });
    EXPECT_TRUE(readable(stop.event_fd(), 10'000));
    raiser.join();
  }
}

}  // namespace
}  // namespace mimobox::base
