#include "bench/process.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <iterator>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "bench/temporary_folder.h"

namespace mimobox::bench {
namespace {

using std::chrono::seconds;

std::string contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

ProcessSpec shell(const std::string& script) {
  return {.argv = {"/bin/sh", "-c", script}, .environment = {"PATH=/usr/bin:/bin", "ONLY=this"}};
}

TEST(RunProcess, TellsTheExitStatus) {
  EXPECT_EQ(run_process(shell("exit 3"), seconds{60}, {})->status, 3);
  const auto killed = run_process(shell("kill -TERM $$"), seconds{60}, {});
  EXPECT_EQ(killed->status, 128 + SIGTERM);
  EXPECT_FALSE(killed->killed);
}

TEST(RunProcess, HandsOverStreamsAndEnvironment) {
  const auto home = TemporaryFolder::create();
  ProcessSpec spec = shell("cat; echo $ONLY $HOME; echo oops >&2");
  spec.input_path = *home->write("in", std::as_bytes(std::span(std::string_view("hello "))));
  spec.output_path = home->path_of("out");
  spec.error_path = home->path_of("err");
  ASSERT_EQ(run_process(spec, seconds{60}, {})->status, 0);
  EXPECT_EQ(contents(spec.output_path), "hello this\n");
  EXPECT_EQ(contents(spec.error_path), "oops\n");
}

TEST(RunProcess, BlocksNoSignal) {
  sigset_t term;
  sigset_t before;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &term, &before);
  const auto end = run_process(shell("kill -TERM $$; exit 0"), seconds{60}, {});
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_EQ(end->status, 128 + SIGTERM);
}

TEST(RunProcess, KillsWhatIsOverdue) {
  const auto end = run_process({.argv = {"/bin/sleep", "600"}, .environment = {}},
                               std::chrono::milliseconds{1}, {});
  EXPECT_TRUE(end->killed);
  EXPECT_EQ(end->status, 128 + SIGKILL);
}

TEST(RunProcess, KillsWhenAStopIsRequested) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_TRUE(run_process({.argv = {"/bin/sleep", "600"}, .environment = {}}, seconds{600},
                          stop.get_token())
                  ->killed);
}

TEST(RunProcess, SaysWhatCannotBeStarted) {
  const auto end = run_process({.argv = {"/nowhere/x"}, .environment = {}}, seconds{60}, {});
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(end.error().os_errno, ENOENT);
}

TEST(TemporaryFolder, GoesWithItsContents) {
  std::string path;
  {
    const auto home = TemporaryFolder::create();
    path = home->path();
    ASSERT_TRUE(home->make_empty("a"));
    ASSERT_TRUE(home->write("a/b", {}));
    EXPECT_EQ(::access(home->path_of("a/b").c_str(), F_OK), 0);
    ASSERT_TRUE(home->make_empty("a"));
    EXPECT_NE(::access(home->path_of("a/b").c_str(), F_OK), 0);
  }
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
}

}  // namespace
}  // namespace mimobox::bench
