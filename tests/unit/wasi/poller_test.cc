#include "wasi/poller.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <thread>

#include <gtest/gtest.h>

#include "base/unique_fd.h"
#include "tests/unit/wasi/fakes.h"

// The system's poller and real pipes.

namespace mimobox::wasi {
namespace {

using testing::Answer;
using testing::Fixture;
using testing::HostCallOutcome;
using testing::iovec;
using testing::kOk;
using testing::le32;
using testing::returns;

constexpr Answer kStopped = {Errno::kIntr, HostCallOutcome::kStop};

struct Pipe {
  base::UniqueFd read_end;
  base::UniqueFd write_end;
  Pipe() {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
    read_end = base::UniqueFd(ends[0]);
    write_end = base::UniqueFd(ends[1]);
  }
  void fill() const {
    ::fcntl(write_end.get(), F_SETFL, O_NONBLOCK);
    const std::array<char, 4096> page{};
    while (::write(write_end.get(), page.data(), page.size()) > 0) {
    }
    ::fcntl(write_end.get(), F_SETFL, 0);
  }
};

/// Says that all is ready, whatever it is.
class LyingPoller final : public Poller {
 public:
  WaitResult wait(std::span<pollfd> items, std::optional<std::uint64_t> /*deadline_ns*/,
                  base::StopSignal& stop) noexcept override {
    if (stop.stopped()) return WaitResult::kStopped;
    for (pollfd& item : items)
      item.revents = item.events;
    return WaitResult::kReady;
  }
};

/// Stops the run once its thread is about to block, and interrupts the thread until it is back.
class InterruptingNotice final : public base::BlockingNotice {
 public:
  explicit InterruptingNotice(base::StopSignal& stop) : stop_(stop) {}

  void begin_blocking() noexcept override {
    ++scopes;
    blocking_ = true;
    interrupter_ = std::thread([this, reader = ::pthread_self()] {
      stop_.raise(1);
      while (blocking_) {
        ::pthread_kill(reader, SIGURG);
        std::this_thread::yield();
      }
    });
  }
  void end_blocking() noexcept override {
    blocking_ = false;
    interrupter_.join();
  }
  int scopes = 0;

 private:
  base::StopSignal& stop_;
  std::atomic<bool> blocking_ = false;
  std::thread interrupter_;
};

/// SIGURG interrupts system calls while this lives.
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

bool sigpipe_is_blocked() {
  sigset_t mask;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &mask);
  return ::sigismember(&mask, SIGPIPE) == 1;
}

TEST(SystemPoller, LooksAtTheItemsThoughTheDeadlineIsOver) {
  const Pipe pipe;
  base::StopSignal stop;
  SystemPoller poller;
  std::array items{pollfd{pipe.read_end.get(), POLLIN, 0},
                   pollfd{pipe.write_end.get(), POLLOUT, 0}};
  EXPECT_EQ(poller.wait(items, 0, stop), WaitResult::kReady);
  EXPECT_EQ(items[0].revents, 0);
  EXPECT_EQ(items[1].revents, POLLOUT);
}

TEST(SystemPoller, EndsAtItsDeadline) {
  const Pipe pipe;
  base::StopSignal stop;
  SystemPoller poller;
  SystemClock clock;
  pollfd item{pipe.read_end.get(), POLLIN, 0};
  const std::uint64_t deadline = clock.now(ClockId::kMonotonic) + 1'000'000;
  EXPECT_EQ(poller.wait({&item, 1}, deadline, stop), WaitResult::kTimeout);
  EXPECT_GE(clock.now(ClockId::kMonotonic), deadline);
}

TEST(SystemPoller, OfAStoppedRunDoesNotWait) {
  base::StopSignal stop;
  stop.raise(1);
  EXPECT_EQ(SystemPoller().wait({}, std::nullopt, stop), WaitResult::kStopped);
}

TEST(SystemPoller, TakesMoreItemsThanItHasRoomForOnTheStack) {
  const Pipe pipe;
  base::StopSignal stop;
  std::vector<pollfd> items(100, pollfd{pipe.write_end.get(), POLLOUT, 0});
  EXPECT_EQ(SystemPoller().wait(items, std::nullopt, stop), WaitResult::kReady);
  EXPECT_EQ(items.front().revents, POLLOUT);
  EXPECT_EQ(items.back().revents, POLLOUT);
}

TEST(SystemPollerConcurrent, EndsWhenTheRunIsStopped) {
  base::StopSignal stop;
  std::thread stopper([&] { stop.raise(1); });
  EXPECT_EQ(SystemPoller().wait({}, std::nullopt, stop), WaitResult::kStopped);
  stopper.join();
}

TEST(PipeConcurrent, ReadThatWaitsEndsWhenTheRunIsStopped) {
  const Pipe pipe;
  SystemPoller poller;
  Fixture guest;
  guest.poller = &poller;
  guest.input = InputFd{pipe.read_end.get()};
  guest.put(0, iovec(100, 8));
  std::thread stopper([&] { guest.stop.raise(1); });
  EXPECT_EQ(guest.call("fd_read", {0, 0, 1, 64}), kStopped);
  stopper.join();
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(PipeConcurrent, WriteToAFullPipeEndsWhenTheRunIsStopped) {
  const Pipe pipe;
  pipe.fill();
  const InterruptingSignal signal;
  Fixture guest;
  InterruptingNotice notice(guest.stop);
  guest.blocking = &notice;
  guest.output = OutputFd{pipe.write_end.get()};
  guest.put(0, iovec(100, 8));
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 64}), kStopped);
  EXPECT_EQ(notice.scopes, 1);
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(PipeConcurrent, ReadThatBlocksAlthoughItWasReadyIsInterrupted) {
  const Pipe pipe;
  const InterruptingSignal signal;
  LyingPoller poller;
  Fixture guest;
  InterruptingNotice notice(guest.stop);
  guest.poller = &poller;
  guest.blocking = &notice;
  guest.input = InputFd{pipe.read_end.get()};
  guest.put(0, iovec(100, 8));
  EXPECT_EQ(guest.call("fd_read", {0, 0, 1, 64}), kStopped);
  EXPECT_EQ(notice.scopes, 1);
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(Pipe, ReadTakesWhatIsThereAndWaitsNoLonger) {
  const Pipe pipe;
  ASSERT_EQ(::write(pipe.write_end.get(), "abc", 3), 3);
  SystemPoller poller;
  Fixture guest;
  guest.poller = &poller;
  guest.input = InputFd{pipe.read_end.get()};
  guest.put(0, iovec(100, 3) + iovec(110, 3));
  EXPECT_EQ(guest.call("fd_read", {0, 0, 2, 64}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{100, "abc"}, {64, le32(3)}}));
  EXPECT_EQ(guest.null_blocking.begun, guest.null_blocking.ended);
}

TEST(Pipe, WriteWithoutReaderIsAnErrorAndNoSignal) {
  Pipe pipe;
  pipe.read_end = base::UniqueFd();
  const auto before = std::signal(SIGPIPE, SIG_DFL);
  ASSERT_FALSE(sigpipe_is_blocked());
  SystemPoller poller;
  Fixture guest;
  guest.poller = &poller;
  guest.output = OutputFd{pipe.write_end.get()};
  guest.put(0, iovec(100, 8));
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 64}), returns(Errno::kPipe));
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 64}), returns(Errno::kPipe));
  EXPECT_EQ(guest.memory(), guest.untouched());
  EXPECT_TRUE(sigpipe_is_blocked());
  guest.end_host();
  EXPECT_FALSE(sigpipe_is_blocked());
  std::signal(SIGPIPE, before);
}

TEST(Pipe, AHostsOwnMaskAndPendingSignalStay) {
  Pipe pipe;
  pipe.read_end = base::UniqueFd();
  sigset_t only_sigpipe;
  ::sigemptyset(&only_sigpipe);
  ::sigaddset(&only_sigpipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &only_sigpipe, nullptr);
  ::pthread_kill(::pthread_self(), SIGPIPE);
  SystemPoller poller;
  Fixture guest;
  guest.poller = &poller;
  guest.output = OutputFd{pipe.write_end.get()};
  guest.put(0, iovec(100, 8));
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 64}), returns(Errno::kPipe));
  guest.end_host();
  EXPECT_TRUE(sigpipe_is_blocked());
  const timespec at_once{};
  EXPECT_EQ(::sigtimedwait(&only_sigpipe, nullptr, &at_once), SIGPIPE);
  ::pthread_sigmask(SIG_UNBLOCK, &only_sigpipe, nullptr);
}

}  // namespace
}  // namespace mimobox::wasi
