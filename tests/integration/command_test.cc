// The command's options, the guest's words, and the streams that it hands on.
#include "tests/integration/command.h"

#include <fcntl.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

// What args_env.wasm prints of the environment that every guest has.
std::string default_env() {
  return "env:HOME=/tmp\nenv:PATH=/usr/bin:/bin\nenv:TERM=dumb\nenv:SANDBOX=wasm\n";
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

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
            "arg:--env\narg:A=b\n" +
                default_env());
}

TEST(CommandRun, TakesADoubleDashBeforeTheModule) {
  const CommandResult result =
      run_command({"run", "--timeout", "5s", "--", guest("args_env.wasm"), "--help"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "arg:args_env.wasm\narg:--help\n" + default_env());
}

TEST(CommandRun, MayBeLeftOutBeforeAModule) {
  const CommandResult result = run_command({guest("args_env.wasm"), "--help"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "arg:args_env.wasm\narg:--help\n" + default_env());
}

TEST(CommandRun, GivesTheGuestTheDefaultVariablesAndThoseNamed) {
  const std::string args = "arg:args_env.wasm\n";
  EXPECT_EQ(run_command({"run", guest("args_env.wasm")}).out, args + default_env());
  const CommandResult result =
      run_command({"run", "--env", "B=2", "--env=A=1=1", "--env", "B=3", guest("args_env.wasm")});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, args + default_env() + "env:B=3\nenv:A=1=1\n");
}

TEST(CommandRun, GivesTheGuestNoVariableButThoseNamedWithoutDefaults) {
  EXPECT_EQ(run_command({"run", "--no-default-env", guest("args_env.wasm")}).out,
            "arg:args_env.wasm\n");
  EXPECT_EQ(
      run_command({"run", "--no-default-env", "--env", "HOME=/x", guest("args_env.wasm")}).out,
      "arg:args_env.wasm\nenv:HOME=/x\n");
}

TEST(CommandRun, HandsOnAVariableOfItsOwnThatIsNamed) {
  const CommandResult result = run_command(
      {"run", "--no-default-env", "--env", "MIMOBOX_TEST_GIVEN", guest("args_env.wasm")},
      {.env = {"MIMOBOX_TEST_GIVEN=x=y", "MIMOBOX_TEST_KEPT=1"}});
  EXPECT_EQ(result.out, "arg:args_env.wasm\nenv:MIMOBOX_TEST_GIVEN=x=y\n");
}

TEST(CommandRun, GivesTheGuestItsProgramName) {
  const CommandResult result = run_command(
      {"run", "--no-default-env", "--program-name", "tool", guest("args_env.wasm"), "x"});
  EXPECT_EQ(result.out, "arg:tool\narg:x\n");
}

TEST(CommandRun, TakesOptionsBeforeABareModule) {
  const CommandResult result = run_command({"--no-default-env", guest("args_env.wasm"), "-q"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "arg:args_env.wasm\narg:-q\n");
}

TEST(CommandRun, ReadsTheModuleFromStdin) {
  const CommandResult result =
      run_command({"run", "-", "7"}, {.text = contents(guest_path("exit_code.wasm"))});
  EXPECT_EQ(result.status, 7) << result.err;
  const CommandResult text =
      run_command({"run", "-"}, {.text = "(module (memory (export \"memory\") 1)"
                                         "(func (export \"_start\") unreachable))"});
  EXPECT_EQ(text.status, 134) << text.err;
}

TEST(CommandRun, ModuleFromStdinLeavesTheGuestAnEmptyInput) {
  const CommandResult result =
      run_command({"run", "-"}, {.text = contents(guest_path("echo_stdin.wasm"))});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "");
}

TEST(CommandRun, WhatIsNoModuleOnStdinIsRefused) {
  EXPECT_EQ(run_command({"run", "-"}, {.text = ""}).status, 126);
  EXPECT_EQ(run_command({"run", "-"}, {.text = "just words"}).status, 126);
  EXPECT_EQ(run_command({"run", "-"}, {.input = kClosed}).status, 126);
}

TEST(CommandRun, ReadsTheGuestsInputFromAFile) {
  const TemporaryFolder folder;
  const std::string file = folder.write("input", "from a file").string();
  EXPECT_EQ(
      run_command({"run", "--stdin", file, guest("echo_stdin.wasm")}, {.text = "not this"}).out,
      "from a file");
  const CommandResult both =
      run_command({"run", "--stdin", file, "-"}, {.text = contents(guest_path("echo_stdin.wasm"))});
  EXPECT_EQ(both.status, 0) << both.err;
  EXPECT_EQ(both.out, "from a file");
}

TEST(CommandRun, KeepsTheFirstBytesOfAStreamAndSaysSo) {
  const CommandResult whole =
      run_command({"run", "--stdout-limit", "10", guest("flood_stdout.wasm"), "10"});
  EXPECT_EQ(whole.out, "xxxxxxxxxx");
  EXPECT_EQ(whole.err, "");
  const CommandResult cut =
      run_command({"run", "--stdout-limit", "10", guest("flood_stdout.wasm"), "10000"});
  EXPECT_EQ(cut.status, 0);
  EXPECT_EQ(cut.out, "xxxxxxxxxx");
  EXPECT_EQ(cut.err,
            "mimobox-wasm: the guest wrote 10000 bytes to stdout, of which the first 10 went out "
            "(--stdout-limit)\n");
}

TEST(CommandRun, PrintsTheLastBytesBehindTheFirstWhereAskedTo) {
  const std::vector<std::string> args = {
      "run", "--stdout-limit", "8", "--on-stdout-limit", "head-and-tail", guest("echo_stdin.wasm")};
  const CommandResult cut = run_command(args, {.text = "beginning and end"});
  EXPECT_EQ(cut.status, 0);
  EXPECT_EQ(cut.out, "begi end");
  EXPECT_EQ(cut.err,
            "mimobox-wasm: the guest wrote 17 bytes to stdout, of which the first 4 and the last 4 "
            "went out (--stdout-limit)\n");
  EXPECT_EQ(run_command(args, {.text = "all of it"}).out, "all f it") << "a byte too many";
  const CommandResult whole = run_command(args, {.text = "all fits"});
  EXPECT_EQ(whole.out, "all fits");
  EXPECT_EQ(whole.err, "");
}

// What a program says last is where its error is, so it goes out however the run ends.
TEST(CommandRun, PrintsTheLastBytesOfARunThatWasEnded) {
  const CommandResult result =
      run_command({"run", "-q", "--timeout", "300ms", "--stdout-limit", "10", "--on-stdout-limit",
                   "head-and-tail", guest("flood_stdout.wasm")});
  EXPECT_EQ(result.status, 124);
  EXPECT_EQ(result.out, "xxxxxxxxxx");
}

TEST(CommandRun, KeepsTheFirstBytesOfStderr) {
  const CommandResult result =
      run_command({"run", "-q", "--stderr-limit", "10", guest("flood_stderr.wasm"), "11"});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.err, "eeeeeeeeee");
}

TEST(CommandRun, DoesNotBoundStreamsThatItWasNotAskedTo) {
  const std::string more_than_is_captured = std::to_string((4 * kMiB) + 1);
  const CommandResult result =
      run_command({"run", guest("flood_stdout.wasm"), more_than_is_captured});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out.size(), (4 * kMiB) + 1);
}

TEST(CommandRun, LimitsTheStack) {
  EXPECT_EQ(run_command({"run", "--max-stack", "256K", guest("recursion_20000.wat")}).status, 134);
  EXPECT_EQ(run_command({"run", "--max-stack", "8M", guest("recursion_20000.wat")}).status, 0);
}

TEST(CommandRun, TellsWhereATrapHappened) {
  const CommandResult result = run_command({"run", guest("trap_name.wat")});
  EXPECT_THAT(result.err, HasSubstr("\n  at \\x1b[31mred"));
}

TEST(CommandRun, LimitsMemory) {
  EXPECT_EQ(run_command({"run", "--memory", "1M", guest("grow_by_pages.wat")}).status, 0);
  EXPECT_EQ(run_command({"run", "--memory", "960K", guest("grow_by_pages.wat")}).status, 1);
}

TEST(CommandRun, VerboseSaysHowTheRunWent) {
  const CommandResult result = run_command({"run", "-v", guest("empty.wat")});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.err, MatchesRegex("mimobox-wasm: exited with code 0 after [0-9.]+ [um]?s "
                                       "\\(compiled in [0-9.]+ [um]?s\\), peak memory 64 KiB\n"));
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

TEST(CommandRun, WithoutAStdoutItsOutputGoesNowhere) {
  const CommandResult result = run_command({"run", guest("hello.wasm")}, {.output = kClosed});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.err, "and a word on stderr\n");
}

TEST(CommandStatus, SaysThatAResultCouldNotBeWritten) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  for (const std::vector<std::string>& args :
       std::vector<std::vector<std::string>>{{"version"},
                                             {"--version"},
                                             {"--help"},
                                             {"run", "--help"},
                                             {"doctor"},
                                             {"inspect", guest("hello.wasm")},
                                             {"policy", "show"},
                                             {"cache", "stats"},
                                             {"cache", "list", "--json"},
                                             {"run", "--json", guest("exit_code.wasm"), "7"},
                                             {"run", "--json", "missing.wasm"}}) {
    const std::pair<int, const char*> cases[] = {{full, "No space left on device"},
                                                 {kClosed, "Bad file descriptor"}};
    for (const auto& [output, why] : cases) {
      const CommandResult result = run_command(args, {.output = output});
      EXPECT_EQ(result.status, 125) << args.front();
      EXPECT_THAT(result.err, ::testing::EndsWith(std::string("mimobox-wasm: cannot write the "
                                                              "result: ") +
                                                  why + "\n"))
          << args.front();
    }
  }
  ::close(full);
}

TEST(CommandRun, ReaderThatWentAwayIsTheGuestsAffair) {
  Pipe output;
  output.close_reader();
  const CommandResult result =
      run_command({"run", guest("flood_stdout.wasm")}, {.output = output.writer()});
  EXPECT_EQ(result.status, 4) << result.err;
}

TEST(CommandRun, ReaderThatWentAwayWantsNoTail) {
  Pipe input;
  Pipe output;
  for (const int ours : {input.writer(), output.reader()})
    ::fcntl(ours, F_SETFD, FD_CLOEXEC);
  Command command({"run", "--stdout-limit", "2", "--on-stdout-limit", "head-and-tail",
                   guest("echo_stdin.wasm")},
                  {.input = input.reader(), .output = output.writer()});
  input.write("a");
  EXPECT_EQ(output.read_byte(), 'a');
  output.close_reader();
  input.write("b");
  input.close_writer();
  const CommandResult result = command.wait();
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.err, "");
}

TEST(CommandRun, ReaderOfMessagesThatWentAwayDoesNotKillIt) {
  Pipe error;
  error.close_reader();
  EXPECT_EQ(run_command({"run", guest("unreachable.wat")}, {.error = error.writer()}).status, 134);
  EXPECT_EQ(run_command({"run", "missing.wasm"}, {.error = error.writer()}).status, 127);
  EXPECT_EQ(run_command({"version"}, {.output = error.writer()}).status, 125);
}

TEST(CommandHelp, FitsAScreen) {
  for (const auto& args : std::vector<std::vector<std::string>>{{"--help"},
                                                                {"run", "--help"},
                                                                {"inspect", "--help"},
                                                                {"doctor", "--help"},
                                                                {"version", "--help"}}) {
    const CommandResult result = run_command(args);
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.err, "");
    EXPECT_THAT(result.out, AllOf(HasSubstr("Usage:"), HasSubstr("Options:")));
    // What most people ask for first fits 40 lines; all options of `run` take a few more.
    EXPECT_LE(std::ranges::count(result.out, '\n'), args.front() == "run" ? 80 : 40) << result.out;
    std::istringstream lines(result.out);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(line.size(), 80U) << line;
      EXPECT_TRUE(std::ranges::all_of(line, [](char c) { return c >= ' ' && c < 0x7f; })) << line;
    }
  }
}

TEST(CommandRun, SaysWhatTheRunCostWhereAskedTo) {
  const CommandResult result =
      run_command({"run", "--stats", "--fuel", "100000", guest("hello.wasm")});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out, "hello from the guest\n");
  for (const char* text : {"mimobox-wasm: stats:\n", "  verdict         exited\n", "  load  ",
                           "  compile  ", "    run  ", "  CPU time  ", "  fuel  ", "  stdout  ",
                           "  stream_write    2 calls, 42 bytes\n"}) {
    EXPECT_THAT(result.err, HasSubstr(text));
  }
}

TEST(CommandHelp, OfRunHasEachOptionAndExamples) {
  const CommandResult result = run_command({"run", "--help"});
  for (const char* text :
       {"--timeout TIME", "--memory BYTES", "--stdout-limit BYTES", "--stderr-limit BYTES",
        "--max-stack BYTES", "--compile-timeout TIME", "--on-stdout-limit head|head-and-tail|end",
        "--fuel N", "--env NAME", "--no-default-env", "--stdin FILE", "--program-name NAME",
        "--json", "-q, --quiet", "-v, --verbose", "-h, --help", "Exit status:", "Examples:"}) {
    EXPECT_THAT(result.out, HasSubstr(text));
  }
}

TEST(CommandUsage, IsExplainedInWordsOfThisCommand) {
  const std::vector<std::pair<std::vector<std::string>, const char*>> wrong = {
      {{"run", "--stdin"}, "--stdin: its value is missing"},
      {{"run", "--timeout", "1s", "--timeout", "2s", "x"}, "--timeout: given twice"},
      {{"run", "--json=7", "x"}, "--json: takes no value"},
      {{"cache"}, "no command given"},
  };
  for (const auto& [args, words] : wrong) {
    const CommandResult result = run_command(args);
    EXPECT_EQ(result.status, 125) << words;
    EXPECT_THAT(result.err, HasSubstr(words));
  }
}

TEST(CommandHelp, SuggestsWhatWasMeant) {
  EXPECT_THAT(run_command({"run", "--timout", "1s", "x.wasm"}).err,
              HasSubstr("no option '--timout'; did you mean '--timeout'?"));
  EXPECT_THAT(run_command({"docter"}).err, HasSubstr("did you mean 'doctor'?"));
  EXPECT_EQ(run_command({"run", "--\x1b[31m", "x.wasm"}).err.find('\x1b'), std::string::npos);
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

TEST(CommandDoctor, HasALineForEachCheckAndSaysWhetherAllIsWell) {
  const CommandResult result = run_command({"doctor"});
  std::istringstream lines(result.out);
  bool well = true;
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_THAT(line, AnyOf(StartsWith("ok   "), StartsWith("FIX  ")));
    well = well && line.starts_with("ok");
  }
  EXPECT_GT(count, 0);
  EXPECT_EQ(result.status, well ? 0 : 1);
  EXPECT_EQ(result.err, "");
}

// SECURITY.md sends people here with its list for production.
TEST(CommandDoctor, LooksAtEachItemOfTheListForProduction) {
  const auto json = nlohmann::json::parse(run_command({"doctor", "--json"}).out);
  std::vector<std::string> names;
  for (const auto& check : json.at("checks"))
    names.push_back(check.at("name"));
  EXPECT_THAT(names,
              ::testing::IsSupersetOf({"user", "core dumps", "openat2", "address space",
                                       "open files", "fault signals", "cache folder", "a run"}));
}

TEST(CommandDoctor, PrintsOneObject) {
  const CommandResult result = run_command({"doctor", "--json"});
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(result.status, json.at("ok").get<bool>() ? 0 : 1);
  EXPECT_FALSE(json.at("checks").empty());
}

}  // namespace
}  // namespace mimobox::testing
