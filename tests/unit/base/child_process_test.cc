#include "base/child_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <stop_token>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "base/memory_file.h"

namespace mimobox::base {
namespace {

using Clock = std::chrono::steady_clock;
using End = ChildProcess::End;

class ChildProcessTest : public testing::Test {
 protected:
  ChildProcess start(const std::string& script) {
    auto child = ChildProcess::start("/bin/sh", {"sh", "-c", script}, input_.fd(), output_.fd());
    EXPECT_TRUE(child.has_value()) << child.error();
    return std::move(*child);
  }
  [[nodiscard]] std::string output() const {
    std::string text(4096, '\0');
    text.resize(static_cast<std::size_t>(::pread(output_.fd(), text.data(), text.size(), 0)));
    return text;
  }
  static Clock::time_point in_a_minute() { return Clock::now() + std::chrono::minutes{1}; }

  MemoryFile input_ = *MemoryFile::create();
  MemoryFile output_ = *MemoryFile::create();
};

TEST_F(ChildProcessTest, SaysHowItEnded) {
  auto exits = start("exit 7").wait(in_a_minute(), {});
  EXPECT_EQ(exits.how, End::kExited);
  EXPECT_EQ(exits.number, 7);
  auto killed = start("kill -9 $$").wait(in_a_minute(), {});
  EXPECT_EQ(killed.how, End::kSignalled);
  EXPECT_EQ(killed.number, SIGKILL);
}

TEST_F(ChildProcessTest, HasItsTwoDescriptorsAndNothingElseOfOurs) {
  const int leak = ::open("/dev/null", O_RDONLY);  // not closed by exec
  ::setenv("MIMOBOX_SECRET", "x", 1);
  static_cast<void>(start("echo -n \"$MIMOBOX_SECRET\"; for f in 4 5 6 7 8 9; do "
                          "if [ -e /proc/self/fd/$f ]; then echo open $f; fi; done; echo done")
                        .wait(in_a_minute(), {}));
  EXPECT_EQ(output(), "done\n");
  ::unsetenv("MIMOBOX_SECRET");
  ::close(leak);
}

TEST_F(ChildProcessTest, IsKilledAtTheDeadlineAndOnRequest) {
  EXPECT_EQ(start("exec sleep 600").wait(Clock::now() + std::chrono::milliseconds{20}, {}).how,
            End::kTimeout);
  std::stop_source source;
  auto child = start("exec sleep 600");
  const std::jthread stopper([&source] { source.request_stop(); });
  EXPECT_EQ(child.wait(in_a_minute(), source.get_token()).how, End::kStopped);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD) << "no child is left";
}

TEST_F(ChildProcessTest, IsKilledAtTheDeadlineWhateverItDoesWithItsDescriptors) {
  EXPECT_EQ(start("exec 3>&-; exit 7").wait(in_a_minute(), {}).number, 7);
  for (const char* script : {"exec 3>&-; exec sleep 30", "echo >&3; exec sleep 30"}) {
    EXPECT_EQ(start(script).wait(Clock::now() + std::chrono::milliseconds{200}, {}).how,
              End::kTimeout)
        << script;
    std::stop_source source;
    auto child = start(script);
    const std::jthread stopper([&source] { source.request_stop(); });
    EXPECT_EQ(child.wait(in_a_minute(), source.get_token()).how, End::kStopped) << script;
  }
}

TEST_F(ChildProcessTest, EndsAlsoWhereTheHostReapsItsChildren) {
  struct sigaction ignore{};
  struct sigaction before{};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGCHLD, &ignore, &before);
  EXPECT_EQ(start("exit 7").wait(in_a_minute(), {}).how, End::kUnknown);
  ::sigaction(SIGCHLD, &before, nullptr);
}

TEST_F(ChildProcessTest, SaysWhenThereIsNoSuchProgram) {
  const auto child = ChildProcess::start("/none", {"none"}, input_.fd(), output_.fd());
  ASSERT_FALSE(child.has_value());
  EXPECT_EQ(child.error(), ENOENT);
}

}  // namespace
}  // namespace mimobox::base
