#include "wasi/sigpipe.h"

#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/wasi/fakes.h"
#include "wasi/host.h"

namespace mimobox::wasi {
namespace {

using testing::Fixture;
using testing::iovec;
using testing::Pipe;
using testing::returns;

bool sigpipe_is_blocked() {
  sigset_t mask;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  return ::sigismember(&mask, SIGPIPE) == 1;
}

bool sigpipe_is_pending() {
  sigset_t pending;
  ::sigpending(&pending);
  return ::sigismember(&pending, SIGPIPE) == 1;
}

/// SIGPIPE has its default action here: one that gets through ends the test program.
TEST(SigpipeGuard, AWriteToAPipeWithoutReaderIsEpipeAndNoSignal) {
  Pipe pipe;
  pipe.read_end.reset();
  Fixture guest;
  guest.output = OutputFd{pipe.write_end.get()};
  guest.fake_poller.revents = POLLERR;
  guest.put(0, iovec(16, 3));
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 8}), returns(Errno::kPipe));
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 8}), returns(Errno::kPipe));
  EXPECT_EQ(guest.memory(), guest.untouched());
  EXPECT_FALSE(sigpipe_is_pending());
  guest.end_host();
  EXPECT_FALSE(sigpipe_is_blocked());
}

TEST(SigpipeGuard, TakesASignalThatCameWithAPartialWrite) {
  // A pipe whose reader goes in the middle of a write raises the signal though write() tells of the
  // bytes that went; if the run is stopped then, no later EPIPE consumes it.
  EXPECT_EXIT(
      {
        {
          SigpipeGuard guard;
          guard.block();
          ::raise(SIGPIPE);
        }
        std::_Exit(0);
      },
      ::testing::ExitedWithCode(0), "");
}

/// The same by a guest: it writes more than the pipe holds, the reader takes some and goes, the run
/// is stopped meanwhile. In a child, since what must not happen is the end of the process.
[[noreturn]] void stop_a_partial_write() {
  Pipe pipe;
  SystemPoller poller;
  constexpr std::uint32_t kBytes = 1U << 20;
  Fixture guest(kBytes + 16);
  guest.output = OutputFd{pipe.write_end.get()};
  guest.poller = &poller;
  guest.host();
  std::thread reader([&] {
    std::string piece(65'536, '?');
    if (::read(pipe.read_end.get(), piece.data(), piece.size()) <= 0) std::_Exit(1);
    guest.stop.raise(1);
    pipe.read_end.reset();
  });
  guest.put(0, iovec(16, kBytes));
  guest.call("fd_write", {1, 0, 1, 8});
  reader.join();
  guest.end_host();
  std::_Exit(0);
}

TEST(SigpipeGuardConcurrent, AGuestsPartialWriteThatIsStoppedLeavesTheHostAlive) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(stop_a_partial_write(), ::testing::ExitedWithCode(0), "");
}

/// In a child, since the limit stays: a stream that goes to a file meets RLIMIT_FSIZE.
[[noreturn]] void write_beyond_the_file_size_limit() {
  char name[] = "/tmp/mimobox-test-XXXXXX";
  const int file = ::mkstemp(name);
  ::unlink(name);
  const rlimit limit{.rlim_cur = 10, .rlim_max = 10};
  ::setrlimit(RLIMIT_FSIZE, &limit);
  Fixture guest;
  guest.output = OutputFd{file};
  guest.put(0, iovec(16, 10));
  const bool fits = guest.call("fd_write", {1, 0, 1, 8}) == returns(Errno::kSuccess);
  const bool refused = guest.call("fd_write", {1, 0, 1, 8}) == returns(Errno::kFbig);
  guest.end_host();
  std::_Exit(fits && refused ? 0 : 1);
}

TEST(SigpipeGuard, AWriteBeyondTheHostsFileSizeLimitIsEfbigAndNoSignal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(write_beyond_the_file_size_limit(), ::testing::ExitedWithCode(0), "");
}

TEST(SigpipeGuard, PutsTheMaskBack) {
  {
    SigpipeGuard guard;
    EXPECT_FALSE(sigpipe_is_blocked());
    guard.block();
    guard.block();
    EXPECT_TRUE(sigpipe_is_blocked());
  }
  EXPECT_FALSE(sigpipe_is_blocked());
}

TEST(SigpipeGuard, LeavesAHostsOwnBlockedAndPendingSignalAlone) {
  sigset_t only;
  ::sigemptyset(&only);
  ::sigaddset(&only, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &only, nullptr);
  ::raise(SIGPIPE);
  {
    SigpipeGuard guard;
    guard.block();
    guard.consume();
  }
  EXPECT_TRUE(sigpipe_is_blocked());
  EXPECT_TRUE(sigpipe_is_pending());
  const timespec at_once{};
  ::sigtimedwait(&only, nullptr, &at_once);
  ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
}

}  // namespace
}  // namespace mimobox::wasi
