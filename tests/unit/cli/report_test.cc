#include "cli/report.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mimobox/error.h"
#include "mimobox/result.h"

#include "cli/run.h"

namespace mimobox::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

RunResult trapped(std::vector<Frame> frames) {
  return {.verdict = Verdict::kTrapped,
          .trap = Trap{.code = TrapCode::kUnreachable,
                       .message = "unreachable code was reached",
                       .frames = std::move(frames)}};
}

TEST(Why, SaysNothingWhereTheStatusIsTheGuestsOwn) {
  EXPECT_EQ(why({.verdict = Verdict::kExited, .exit_code = 0}, {}, 0), "");
  EXPECT_EQ(why({.verdict = Verdict::kExited, .exit_code = 255}, {}, 0), "");
}

TEST(Why, NamesAnExitCodeThatDoesNotPass) {
  EXPECT_EQ(why({.verdict = Verdict::kExited, .exit_code = 256}, {}, 0),
            "the guest's exit code 256 is above 255: exit status 1");
}

TEST(Why, NamesTheOptionOfEachLimit) {
  const RunOptions options;
  EXPECT_EQ(why({.verdict = Verdict::kTimeLimit}, options, 0),
            "time limit: ended after 30 s (--timeout)");
  EXPECT_EQ(why({.verdict = Verdict::kMemoryLimit}, options, 0),
            "memory limit: the guest was denied more than 512 MiB (--memory)");
  EXPECT_EQ(
      why({.verdict = Verdict::kMemoryLimit, .limit_hit = LimitHit::kTableElements}, options, 0),
      "memory limit: the guest was denied more than 1048576 table elements (--max-table-elements)");
  RunOptions limited;
  limited.sandbox.limits.cpu_time = std::chrono::milliseconds{1500};
  limited.sandbox.limits.fuel = 7;
  EXPECT_EQ(why({.verdict = Verdict::kCpuTimeLimit}, limited, 0),
            "CPU time limit: ended after 1500 ms of CPU time (--cpu-time)");
  EXPECT_EQ(why({.verdict = Verdict::kOutOfFuel}, limited, 0),
            "out of fuel: ended after 7 (--fuel)");
  EXPECT_EQ(why({.verdict = Verdict::kStackOverflow}, options, 0),
            "stack overflow: the guest's calls used up 1 MiB of stack (--max-stack)");
  EXPECT_EQ(
      why({.verdict = Verdict::kOutputLimit, .limit_hit = LimitHit::kStdoutBytes}, options, 0),
      "output limit: ended after 4 MiB of stdout (--stdout-limit)");
  EXPECT_EQ(
      why({.verdict = Verdict::kOutputLimit, .limit_hit = LimitHit::kStderrBytes}, options, 0),
      "output limit: ended after 4 MiB of stderr (--stderr-limit)");
}

TEST(Why, NamesTheSignal) {
  EXPECT_EQ(why({.verdict = Verdict::kCancelled}, {}, SIGINT), "cancelled: ended by SIGINT");
}

TEST(Why, ShowsWhereATrapHappened) {
  EXPECT_EQ(why(trapped({{.function = "inner", .file = "dir/a.c", .line = 3},
                         {.function = "middle", .module_offset = 0x1f},
                         {.function = "", .function_index = 9},
                         {.function = "outer", .file = "a.c"}}),
                {}, 0),
            "trap: unreachable code was reached\n"
            "  at inner (dir/a.c:3)\n"
            "  at middle (offset 0x1f)\n"
            "  at function 9\n"
            "  at outer (a.c)");
}

TEST(Why, ShowsSixteenCallsAtMost) {
  const std::string sixteen = why(trapped(std::vector<Frame>(16, Frame{.function = "f"})), {}, 0);
  EXPECT_EQ(std::ranges::count(sixteen, '\n'), 16);
  EXPECT_THAT(sixteen, Not(HasSubstr("more")));
  const std::string more = why(trapped(std::vector<Frame>(17, Frame{.function = "f"})), {}, 0);
  EXPECT_EQ(std::ranges::count(more, '\n'), 17);
  EXPECT_THAT(more, HasSubstr("\n  and 1 more"));
}

TEST(Why, ShowsHostileNamesAsHarmlessTextOfBoundedLength) {
  const std::string text = why(
      trapped({{.function = "\x1b[31m\n" + std::string(1'000'000, 'x'), .file = "\r", .line = 1}}),
      {}, 0);
  EXPECT_THAT(text, HasSubstr("\n  at \\x1b[31m\\nxxx"));
  EXPECT_THAT(text, HasSubstr("xxx... (\\x0d:1)"));
  EXPECT_LT(text.size(), 1000U);
}

TEST(Why, SaysThatOutputWasLeftOut) {
  RunOptions options;
  options.sandbox.limits.stdout_bytes = 10;
  const RunResult result = {.verdict = Verdict::kExited,
                            .exit_code = 0,
                            .out = {.data = "", .total_bytes = 12, .truncated = true}};
  EXPECT_EQ(why(result, options, 0),
            "the guest wrote 12 bytes to stdout, of which the first 10 went out (--stdout-limit)");
  options.json = true;
  EXPECT_EQ(why(result, options, 0), "");
}

TEST(Why, SaysThatTheMiddleOfTheOutputWasLeftOut) {
  RunOptions options;
  options.sandbox.limits.stderr_bytes = 9;
  const RunResult result = {
      .exit_code = 0, .err = {.data = "", .tail = "last", .total_bytes = 100, .truncated = true}};
  EXPECT_EQ(why(result, options, 0),
            "the guest wrote 100 bytes to stderr, of which the first 5 and the last 4 went out "
            "(--stderr-limit)");
}

TEST(Why, AddsTheOptionToAnErrorThatOneWouldMend) {
  EXPECT_EQ(why(SandboxError{ErrorCode::kMemoryAboveLimit, "too large"}), "too large (--memory)");
  EXPECT_EQ(why(SandboxError{ErrorCode::kCompileTimeout, "overdue"}),
            "overdue (--compile-timeout)");
  EXPECT_EQ(why(SandboxError{ErrorCode::kModuleInvalid, "bad\x1b"}), "bad\\x1b");
}

TEST(Summary, SaysHowTheRunWentAndWhatItCost) {
  const Metrics metrics = {.code_source = CodeSource::kCompiled,
                           .compile_time = std::chrono::milliseconds{12},
                           .wall_time = std::chrono::milliseconds{1},
                           .peak_memory_bytes = 65536};
  EXPECT_EQ(summary({.verdict = Verdict::kExited, .exit_code = 3, .metrics = metrics}),
            "exited with code 3 after 1.00 ms (compiled in 12.0 ms), peak memory 64 KiB");
  EXPECT_EQ(summary({.verdict = Verdict::kTimeLimit, .metrics = metrics}),
            "ended by the time limit after 1.00 ms (compiled in 12.0 ms), peak memory 64 KiB");
}

}  // namespace
}  // namespace mimobox::cli
