#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/wasi/fakes.h"
#include "wasi/host.h"

namespace mimobox::wasi {
namespace {

using testing::Fixture;
using testing::kOk;
using testing::le16;
using testing::le32;
using testing::le64;
using testing::Pipe;

constexpr std::uint32_t kRealtime = 0;
constexpr std::uint16_t kAbsolute = 1;
constexpr char kFdWrite = 2;

std::string clock_subscription(std::uint64_t userdata, std::uint32_t clock, std::uint64_t timeout,
                               std::uint16_t flags) {
  return le64(userdata) + std::string(1, '\0') + std::string(7, '?') + le32(clock) + "????" +
         le64(timeout) + le64(0) + le16(flags) + std::string(6, '?');
}

std::string fd_subscription(std::uint64_t userdata, char type, std::uint32_t fd) {
  return le64(userdata) + type + std::string(7, '?') + le32(fd) + std::string(28, '?');
}

TEST(PollEndings, EndsThoughTheClockMovesAtEachLook) {
  // Once an absolute wall-clock sleep chased a moment that was always just ahead.
  Fixture guest;
  guest.clock.tick = 30;
  int waits = 0;
  guest.fake_poller.on_wait = [&] {
    if (++waits == 100) guest.stop.raise(1);
  };
  guest.put(0, clock_subscription(7, kRealtime, guest.clock.realtime + 5'000, kAbsolute));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 128, 1, 250}), kOk);
  EXPECT_LE(waits, 2);
}

TEST(PollEndings, PollsADescriptorOnceHoweverOftenItIsSubscribed) {
  // More items than the process may have descriptors would make the kernel refuse the whole list.
  const Pipe pipe;
  constexpr std::uint32_t kCount = 4096;
  Fixture guest(kCount * (48 + 32) + 4);
  guest.output = OutputFd{pipe.write_end.get()};
  guest.fake_poller.revents = POLLOUT;
  std::string in;
  for (std::uint32_t i = 0; i < kCount; ++i)
    in += fd_subscription(i, kFdWrite, 1);
  guest.put(0, in);
  EXPECT_EQ(guest.call("poll_oneoff", {0, kCount * 48, kCount, kCount * 80}), kOk);
  EXPECT_EQ(guest.memory().substr(kCount * 80), le32(kCount));
  EXPECT_EQ(guest.fake_poller.deadlines.size(), 1U);
  EXPECT_EQ(guest.fake_poller.last_items, 1U);
}

}  // namespace
}  // namespace mimobox::wasi
