// The command's options, the guest's words, and the streams that it hands on.
#include "tests/integration/command.h"

#include <fcntl.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

TEST(CommandRun, HandsOnTheStandardStreams) {
  const CommandResult result = run_command({"run", guest("hello.wasm")});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out, "hello from the guest\n");
  EXPECT_EQ(result.err, "and a word on stderr\n");
}

TEST(CommandRun, ReadsStdinFromAFile) {
  const CommandResult result =
      run_command({"run", guest("wordcount.wasm"), "1"}, {.text = "b a b"});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out, "      2 b\n");
}

TEST(CommandRun, RunsAProgramOfGo) {
  if (!std::filesystem::exists(guest_path("go_wordcount.wasm"))) {
    GTEST_SKIP() << "no Go 1.21 or newer was there when the guests were built";
  }
  const CommandResult result =
      run_command({"run", guest("go_wordcount.wasm"), "1"}, {.text = "b a b"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "      2 b\n");
}

TEST(CommandRun, ReadsStdinFromAPipe) {
  Pipe input;
  input.write("through a pipe");
  input.close_writer();
  const CommandResult result =
      run_command({"run", guest("echo_stdin.wasm")}, {.input = input.reader()});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out, "through a pipe");
}

TEST(CommandRun, LeavesTheFlagsOfItsStreamsAlone) {
  Pipe input;
  const int before = ::fcntl(input.reader(), F_GETFL);
  input.write("x");
  input.close_writer();
  EXPECT_EQ(run_command({"run", guest("read_forever.wasm")}, {.input = input.reader()}).status, 0);
  EXPECT_EQ(::fcntl(input.reader(), F_GETFL), before);
}

TEST(CommandRun, GivesEverythingBehindTheModuleToTheGuest) {
  const CommandResult result = run_command({"run", guest("args_env.wasm"), "--help", "-v", "--",
                                            "--timeout", "1ms", "run", "--env", "A=b"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out,
            "arg:args_env.wasm\narg:--help\narg:-v\narg:--\narg:--timeout\narg:1ms\narg:run\n"
            "arg:--env\narg:A=b\n");
}

TEST(CommandRun, TakesADoubleDashBeforeTheModule) {
  const CommandResult result =
      run_command({"run", "--timeout", "5s", "--", guest("args_env.wasm"), "--help"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "arg:args_env.wasm\narg:--help\n");
}

TEST(CommandRun, MayBeLeftOutBeforeAModule) {
  const CommandResult result = run_command({guest("args_env.wasm"), "--help"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "arg:args_env.wasm\narg:--help\n");
}

TEST(CommandRun, GivesTheGuestNoVariableButThoseNamed) {
  EXPECT_THAT(run_command({"run", guest("args_env.wasm")}).out, Not(HasSubstr("env:")));
  const CommandResult result =
      run_command({"run", "--env", "B=2", "--env=A=1=1", guest("args_env.wasm"), "word"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "arg:args_env.wasm\narg:word\nenv:B=2\nenv:A=1=1\n");
}

TEST(CommandRun, LimitsMemory) {
  EXPECT_EQ(run_command({"run", "--memory", "1M", guest("grow_by_pages.wat")}).status, 0);
  EXPECT_EQ(run_command({"run", "--memory", "960K", guest("grow_by_pages.wat")}).status, 1);
}

TEST(CommandRun, VerboseSaysHowTheRunWent) {
  const CommandResult result = run_command({"run", "-v", guest("empty.wat")});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.err, MatchesRegex("mimobox-wasm: exited with code 0 after [0-9.]+ m?s "
                                       "\\(compile [0-9.]+ m?s\\), peak memory 64 KiB\n"));
}

TEST(CommandRun, RunsWithoutStdin) {
  const CommandResult result = run_command({"run", guest("echo_stdin.wasm")}, {.input = kClosed});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "");
}

TEST(CommandRun, RunsWithoutAnyStream) {
  const CommandResult result = run_command({"run", guest("exit_code.wasm"), "7"},
                                           {.input = kClosed, .output = kClosed, .error = kClosed});
  EXPECT_EQ(result.status, 7);
}

TEST(CommandRun, ReaderThatWentAwayIsTheGuestsAffair) {
  Pipe output;
  output.close_reader();
  const CommandResult result =
      run_command({"run", guest("flood_stdout.wasm")}, {.output = output.writer()});
  EXPECT_EQ(result.status, 4) << result.err;
}

TEST(CommandRun, ReaderOfMessagesThatWentAwayDoesNotKillIt) {
  Pipe error;
  error.close_reader();
  EXPECT_EQ(run_command({"run", guest("unreachable.wat")}, {.error = error.writer()}).status, 134);
  EXPECT_EQ(run_command({"run", "missing.wasm"}, {.error = error.writer()}).status, 127);
  EXPECT_EQ(run_command({"version"}, {.output = error.writer()}).status, 125);
}

TEST(CommandHelp, FitsAScreenAndHasExamples) {
  for (const auto& args : {std::vector<std::string>{"--help"}, {"run", "--help"}}) {
    const CommandResult result = run_command(args);
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.err, "");
    EXPECT_THAT(result.out, HasSubstr("Examples:"));
    EXPECT_LE(std::ranges::count(result.out, '\n'), 30);
    EXPECT_EQ(result.out.find('\x1b'), std::string::npos);
  }
}

TEST(CommandHelp, NamesEachOptionOfRun) {
  const CommandResult result = run_command({"run", "--help"});
  for (const char* option : {"--timeout", "--memory", "--env", "--compile-timeout", "--verbose"}) {
    EXPECT_THAT(result.out, HasSubstr(option));
  }
}

TEST(CommandHelp, IsShownForNoWordsAtAll) {
  const CommandResult result = run_command({});
  EXPECT_EQ(result.status, 125);
  EXPECT_THAT(result.err, HasSubstr("Usage:"));
}

TEST(CommandVersion, NamesLibraryEngineAndFeatures) {
  const CommandResult result = run_command({"version"});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, AllOf(StartsWith("mimobox-wasm "), HasSubstr("engine: wasmtime 48.0."),
                                HasSubstr("cranelift"), HasSubstr("bulk-memory")));
  EXPECT_EQ(run_command({"--version"}).out, result.out);
}

}  // namespace
}  // namespace mimobox::testing
