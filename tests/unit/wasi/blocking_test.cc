#include "base/blocking.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/wasi/fakes.h"
#include "wasi/host.h"

// Calls that wait for somebody else end when the run is stopped, from another thread.

namespace mimobox::wasi {
namespace {

using testing::Fixture;
using testing::HostCallOutcome;
using testing::iovec;
using testing::kOk;
using testing::le32;
using testing::Pipe;

/// Tells that a call which may block is under way, for as long as it is.
class WatchedNotice final : public base::BlockingNotice {
 public:
  void begin_blocking() noexcept override {
    times_.fetch_add(1);
    inside_.store(true);
  }
  void end_blocking() noexcept override { inside_.store(false); }

  [[nodiscard]] bool inside() const { return inside_.load(); }
  [[nodiscard]] int times() const { return times_.load(); }

 private:
  std::atomic<bool> inside_{false};
  std::atomic<int> times_{0};
};

/// Says that everything is ready, as poll() does when somebody else is faster afterwards.
class AlwaysReady final : public Poller {
 public:
  [[nodiscard]] WaitResult wait(std::span<pollfd> items, std::optional<std::uint64_t> /*deadline*/,
                                base::StopSignal& /*stop*/) noexcept override {
    for (pollfd& item : items)
      item.revents = item.events;
    return WaitResult::kReady;
  }
};

/// A signal that does nothing but interrupt: no SA_RESTART.
class InterruptingSignal {
 public:
  InterruptingSignal() {
    struct sigaction action{};
    action.sa_handler = [](int) {};
    ::sigaction(SIGURG, &action, &before_);
  }
  InterruptingSignal(const InterruptingSignal&) = delete;
  InterruptingSignal& operator=(const InterruptingSignal&) = delete;
  ~InterruptingSignal() { ::sigaction(SIGURG, &before_, nullptr); }

 private:
  struct sigaction before_{};
};

/// Stops the run once its thread is in a call that may block, and interrupts until it has left it.
void stop_and_interrupt(base::StopSignal& stop, const WatchedNotice& notice, pthread_t thread) {
  while (!notice.inside())
    std::this_thread::yield();
  stop.raise(1);
  while (notice.inside()) {
    ::pthread_kill(thread, SIGURG);
    std::this_thread::yield();
  }
}

void fill(int write_end) {
  const std::string piece(65'536, 'x');
  ASSERT_EQ(::write(write_end, piece.data(), piece.size()), 65'536);
}

TEST(BlockingConcurrent, AReadOfInputThatNeverComesEndsAtTheStop) {
  const Pipe pipe;
  Fixture guest(128);
  SystemPoller poller;
  guest.input = InputFd{pipe.read_end.get()};
  guest.poller = &poller;
  guest.host();
  std::thread stopper([&] { guest.stop.raise(1); });
  guest.put(0, iovec(16, 8));
  EXPECT_EQ(guest.call("fd_read", {0, 0, 1, 8}).outcome, HostCallOutcome::kStop);
  EXPECT_EQ(guest.memory(), guest.untouched());
  stopper.join();
}

TEST(BlockingConcurrent, AWriteToANonBlockingDescriptorThatNobodyReadsEndsAtTheStop) {
  const Pipe pipe;
  fill(pipe.write_end.get());
  ASSERT_EQ(::fcntl(pipe.write_end.get(), F_SETFL, O_NONBLOCK), 0);
  Fixture guest(128);
  SystemPoller poller;
  guest.output = OutputFd{pipe.write_end.get()};
  guest.poller = &poller;
  guest.host();
  std::thread stopper([&] { guest.stop.raise(1); });
  guest.put(0, iovec(16, 8));
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 8}).outcome, HostCallOutcome::kStop);
  stopper.join();
}

TEST(BlockingConcurrent, APollOfInputThatNeverComesEndsAtTheStop) {
  const Pipe pipe;
  Fixture guest(128);
  SystemPoller poller;
  guest.input = InputFd{pipe.read_end.get()};
  guest.poller = &poller;
  guest.host();
  std::thread stopper([&] { guest.stop.raise(1); });
  guest.put(8, std::string(1, '\1'));
  guest.put(16, le32(0));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 64, 1, 124}).outcome, HostCallOutcome::kStop);
  stopper.join();
}

TEST(BlockingConcurrent, AReadThatBlocksAlthoughPollCalledItReadyIsInterrupted) {
  const InterruptingSignal signal;
  const Pipe pipe;
  Fixture guest(128);
  WatchedNotice notice;
  AlwaysReady poller;
  guest.input = InputFd{pipe.read_end.get()};
  guest.poller = &poller;
  guest.blocking = &notice;
  guest.host();
  const pthread_t self = ::pthread_self();
  std::thread stopper([&] { stop_and_interrupt(guest.stop, notice, self); });
  guest.put(0, iovec(16, 8));
  EXPECT_EQ(guest.call("fd_read", {0, 0, 1, 8}).outcome, HostCallOutcome::kStop);
  stopper.join();
  EXPECT_GE(notice.times(), 1);
}

TEST(BlockingConcurrent, AWriteThatNobodyReadsIsInterrupted) {
  const InterruptingSignal signal;
  const Pipe pipe;
  fill(pipe.write_end.get());
  Fixture guest(128);
  WatchedNotice notice;
  guest.output = OutputFd{pipe.write_end.get()};
  guest.blocking = &notice;
  guest.host();
  const pthread_t self = ::pthread_self();
  std::thread stopper([&] { stop_and_interrupt(guest.stop, notice, self); });
  guest.put(0, iovec(16, 8));
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 8}).outcome, HostCallOutcome::kStop);
  stopper.join();
  EXPECT_GE(notice.times(), 1);
  EXPECT_EQ(::fcntl(pipe.write_end.get(), F_GETFL), O_WRONLY);
}

TEST(BlockingConcurrent, AWriteIsNotPolledFor) {
  const Pipe pipe;
  Fixture guest(128);
  guest.output = OutputFd{pipe.write_end.get()};
  guest.put(0, iovec(16, 8));
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 8}), kOk);
  EXPECT_TRUE(guest.fake_poller.deadlines.empty());
}

TEST(BlockingConcurrent, AWriteLargerThanThePipeArrivesWhole) {
  const Pipe pipe;
  constexpr std::uint32_t kBytes = 3U << 20;
  Fixture guest(kBytes + 16);
  SystemPoller poller;
  guest.output = OutputFd{pipe.write_end.get()};
  guest.poller = &poller;
  guest.host();
  std::size_t arrived = 0;
  std::thread reader([&] {
    std::string piece(65'536, '?');
    while (arrived < kBytes) {
      const ssize_t got = ::read(pipe.read_end.get(), piece.data(), piece.size());
      if (got <= 0) return;
      arrived += static_cast<std::size_t>(got);
    }
  });
  guest.put(0, iovec(16, kBytes));
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 8}), kOk);
  reader.join();
  EXPECT_EQ(arrived, kBytes);
  EXPECT_EQ(guest.memory(), guest.expected({{8, le32(kBytes)}}));
}

}  // namespace
}  // namespace mimobox::wasi
