#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/wasi/surroundings.h"
#include "wasi/host.h"

namespace mimobox::wasi::probe {
namespace {

constexpr std::uint32_t kRealtime = 0;
constexpr unsigned kAbsolute = 1;
constexpr unsigned kFdWrite = 2;

std::string clock_subscription(std::uint64_t userdata, std::uint32_t clock, std::uint64_t timeout,
                               unsigned flags) {
  return u64(userdata) + u8(0) + std::string(7, '?') + u32(clock) + "????" + u64(timeout) + u64(0) +
         u16(flags) + std::string(6, '?');
}

std::string fd_subscription(std::uint64_t userdata, unsigned type, std::uint32_t fd) {
  return u64(userdata) + u8(type) + std::string(7, '?') + u32(fd) + std::string(28, '?');
}

// In these tests subscriptions stand at 0, events at 128, their count at 250.
Memory with(const std::string& subscriptions) {
  return Memory(256).put(0, subscriptions);
}

Errno poll_oneoff(Host& host, Memory& memory, std::uint32_t count) {
  return host.poll_oneoff(memory.guest(), 0, 128, count, 250);
}

TEST(PollEndings, EndsThoughTheClockMovesAtEachLook) {
  // Once an absolute wall-clock sleep chased a moment that was always just ahead.
  Surroundings around;
  around.clock.step = 30;
  int waits = 0;
  around.poller.before_each = [&] {
    if (++waits == 100) around.stop.raise(1);
  };
  Host host(around.config());
  Memory memory = with(clock_subscription(7, kRealtime, around.clock.realtime + 5'000, kAbsolute));
  EXPECT_EQ(poll_oneoff(host, memory, 1), Errno::kSuccess);
  EXPECT_LE(waits, 2);
}

TEST(PollEndings, PollsADescriptorOnceHoweverOftenItIsSubscribed) {
  // More items than the process may have descriptors would make the kernel refuse the whole list.
  const Pipe pipe;
  Surroundings around;
  Host host(around.config(InputNone{}, OutputFd{pipe.write_end.get()}));
  constexpr std::uint32_t kCount = 4096;
  std::string in;
  for (std::uint32_t i = 0; i < kCount; ++i)
    in += fd_subscription(i, kFdWrite, 1);
  Memory memory(kCount * (48 + 32) + 4);
  memory.put(0, in);
  EXPECT_EQ(host.poll_oneoff(memory.guest(), 0, kCount * 48, kCount, kCount * 80), Errno::kSuccess);
  EXPECT_EQ(memory.guest().read<std::uint32_t>(kCount * 80), kCount);
  EXPECT_EQ(around.poller.item_counts, std::vector<std::size_t>{1});
}

}  // namespace
}  // namespace mimobox::wasi::probe
