// How each kind of guest ends, as the library tells it.
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

TEST(WasmSandboxVerdict, ReturningFromTheEntryPointIsExitCodeZero) {
  const Result<RunResult> result = run_guest("empty.wat");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
  EXPECT_EQ(result->exit_code, 0U);
  EXPECT_FALSE(result->trap.has_value());
  EXPECT_FALSE(result->timed_out());
}

TEST(WasmSandboxVerdict, BothOutputStreamsAreCaptured) {
  const Result<RunResult> result = run_guest("hello.wasm");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->exit_code, 0U);
  EXPECT_EQ(result->out.data, "hello from the guest\n");
  EXPECT_EQ(result->out.total_bytes, result->out.data.size());
  EXPECT_FALSE(result->out.truncated);
  EXPECT_EQ(result->err.data, "and a word on stderr\n");
}

TEST(WasmSandboxVerdict, ExitCodesAreTheGuestsOwnNumbers) {
  for (const std::uint32_t code :
       {0U, 1U, 126U, 255U, 256U, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
    const Result<RunResult> result = run_guest("exit_code.wasm", {.args = {std::to_string(code)}});
    ASSERT_TRUE(result.has_value()) << result.error().message;
    EXPECT_EQ(result->verdict, Verdict::kExited);
    EXPECT_EQ(result->exit_code, code);
  }
}

TEST(WasmSandboxVerdict, ExitInTheStartFunctionNeverReachesTheEntryPoint) {
  const Result<RunResult> result = run_guest("exit_in_start.wat");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
  EXPECT_EQ(result->exit_code, 7U);
}

TEST(WasmSandboxVerdict, DivisionByZeroIsATrap) {
  const Result<RunResult> result = run_guest("divide_by_zero.wasm");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kTrapped);
  EXPECT_FALSE(result->exit_code.has_value());
  ASSERT_TRUE(result->trap.has_value());
  EXPECT_EQ(result->trap->code, TrapCode::kIntegerDivisionByZero);
  EXPECT_FALSE(result->trap->message.empty());
}

TEST(WasmSandboxVerdict, UnreachableIsATrap) {
  const Result<RunResult> result = run_guest("unreachable.wat");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kTrapped);
  ASSERT_TRUE(result->trap.has_value());
  EXPECT_EQ(result->trap->code, TrapCode::kUnreachable);
}

TEST(WasmSandboxVerdict, ReadingBehindTheMemoryIsATrap) {
  const Result<RunResult> result = run_guest("out_of_bounds.wat");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kTrapped);
  ASSERT_TRUE(result->trap.has_value());
  EXPECT_EQ(result->trap->code, TrapCode::kMemoryOutOfBounds);
}

TEST(WasmSandboxVerdict, OutputBeforeAnAbortIsKept) {
  const Result<RunResult> result = run_guest("abort.wasm");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kTrapped);
  EXPECT_EQ(result->out.data, "before the end\n");
}

TEST(WasmSandboxVerdict, EndlessRecursionIsAStackOverflow) {
  const Result<RunResult> result = run_guest("recursion.wat");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kStackOverflow);
  ASSERT_TRUE(result->trap.has_value());
  EXPECT_EQ(result->trap->code, TrapCode::kStackOverflow);
}

TEST(WasmSandboxVerdict, HasANameForPrograms) {
  EXPECT_EQ(verdict_name(Verdict::kExited), "exited");
  EXPECT_EQ(verdict_name(Verdict::kTimeLimit), "time_limit");
  EXPECT_EQ(verdict_name(Verdict::kMemoryLimit), "memory_limit");
  EXPECT_EQ(verdict_name(Verdict::kStackOverflow), "stack_overflow");
  EXPECT_EQ(verdict_name(Verdict::kTrapped), "trapped");
  EXPECT_EQ(verdict_name(Verdict::kCancelled), "cancelled");
}

TEST(WasmSandboxVerdict, EachRunStartsAfresh) {
  const Module module = load_guest("grow_by_pages.wat");
  const auto sandbox = make_sandbox({.limits = {.memory_bytes = kMiB}});
  for (int run = 0; run < 3; ++run) {
    const Result<RunResult> result = sandbox->execute(module);
    ASSERT_TRUE(result.has_value()) << result.error().message;
    EXPECT_EQ(result->exit_code, 0U) << "run " << run << " found the memory of the one before";
  }
}

TEST(WasmSandboxVerdict, ATrapLeavesTheSandboxUsable) {
  const auto sandbox = make_sandbox();
  EXPECT_EQ(sandbox->execute(load_guest("unreachable.wat"))->verdict, Verdict::kTrapped);
  EXPECT_EQ(sandbox->execute(load_guest("hello.wasm"))->verdict, Verdict::kExited);
}

TEST(WasmSandboxBacktrace, HasFunctionsFilesAndLinesWhereTheModuleHasDwarf) {
  const Result<RunResult> result = run_guest("backtrace.wasm");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  ASSERT_TRUE(result->trap.has_value());
  const std::vector<Frame>& frames = result->trap->frames;
  ASSERT_GE(frames.size(), 3U);
  EXPECT_EQ(frames[0].function, "divide");
  EXPECT_THAT(frames[0].file, ::testing::EndsWith("backtrace.c"));
  EXPECT_EQ(frames[0].line, 6U);
  EXPECT_TRUE(frames[0].module_offset.has_value());
  EXPECT_EQ(frames[1].function, "middle");
  EXPECT_EQ(frames[1].line, 10U);
}

TEST(WasmSandboxBacktrace, HasNoFileWithoutDwarf) {
  const Result<RunResult> result = run_guest("unreachable.wat");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  ASSERT_FALSE(result->trap->frames.empty());
  EXPECT_EQ(result->trap->frames[0].function, "_start") << "the export's name";
  EXPECT_EQ(result->trap->frames[0].file, "");
  EXPECT_EQ(result->trap->frames[0].line, 0U);
}

TEST(WasmSandboxBacktrace, IsBoundedForDeepStacks) {
  const Result<RunResult> result = run_guest("recursion.wat");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kStackOverflow);
  EXPECT_EQ(result->trap->frames.size(), 64U);
}

TEST(WasmSandboxOutputLimit, EndsTheRunAboveItAndNotAtIt) {
  SandboxConfig config{.limits = {.stdout_bytes = 21}, .on_stdout_limit = OnOutputLimit::kEndRun};
  Result<RunResult> result = run_guest("hello.wasm", {}, config);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
  EXPECT_FALSE(result->out.truncated);

  config.limits.stdout_bytes = 20;
  result = run_guest("hello.wasm", {}, config);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kOutputLimit);
  EXPECT_EQ(result->limit_hit, LimitHit::kStdoutBytes);
  EXPECT_EQ(result->out.data, "hello from the guest");
  EXPECT_TRUE(result->out.truncated);
  EXPECT_FALSE(result->exit_code.has_value());
}

TEST(WasmSandboxOutputLimit, IsOfEachStreamApart) {
  const SandboxConfig config{.limits = {.stdout_bytes = 5, .stderr_bytes = 6},
                             .on_stdout_limit = OnOutputLimit::kKeepHeadAndTail,
                             .on_stderr_limit = OnOutputLimit::kKeepHead};
  const Result<RunResult> result = run_guest("hello.wasm", {}, config);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
  EXPECT_EQ(result->limit_hit, LimitHit::kStdoutBytes);
  EXPECT_EQ(result->out.data, "hel");
  EXPECT_EQ(result->out.tail, "t\n");
  EXPECT_EQ(result->err.data, "and a ");
  EXPECT_EQ(result->err.tail, "");
}

/// All that is in a pipe, whose writer is done.
std::string drain(Pipe& pipe) {
  pipe.close_writer();
  std::string got(1'000, '\0');
  const ssize_t count = ::read(pipe.reader(), got.data(), got.size());
  got.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  return got;
}

const SandboxConfig kHeadAndTail{.on_stdout_limit = OnOutputLimit::kKeepHeadAndTail,
                                 .on_stderr_limit = OnOutputLimit::kKeepHeadAndTail};

TEST(WasmSandboxOutputLimit, PassesTheHeadOnAndLeavesTheTailToTheCaller) {
  Pipe output;
  std::string error;
  const Result<RunResult> result = run_guest(
      "hello.wasm",
      {.output = OutputDescriptor{output.writer(), 8},
       .error = OutputCallback{[&](std::span<const std::byte> bytes) {
                                 error += std::string_view(
                                     reinterpret_cast<const char*>(bytes.data()), bytes.size());
                               },
                               20}},
      kHeadAndTail);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
  EXPECT_EQ(drain(output), "hell");
  EXPECT_EQ(result->out,
            (OutputStream{.data = "", .tail = "est\n", .total_bytes = 21, .truncated = true}));
  EXPECT_EQ(error, "and a word");
  EXPECT_EQ(result->err.tail, "on stderr\n");
}

TEST(WasmSandboxOutputLimit, LeavesTheTailToTheCallerAlsoWhenNothingIsDropped) {
  Pipe output;
  const Result<RunResult> result =
      run_guest("hello.wasm", {.output = OutputDescriptor{output.writer(), 21}}, kHeadAndTail);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(drain(output), "hello from ");
  EXPECT_EQ(result->out, (OutputStream{.data = "", .tail = "the guest\n", .total_bytes = 21}));
  EXPECT_EQ(result->limit_hit, LimitHit::kNone);
}

TEST(WasmSandboxOutputLimit, HoldsNoTailOfAStreamWithoutABound) {
  Pipe output;
  const Result<RunResult> result =
      run_guest("hello.wasm", {.output = OutputDescriptor{output.writer()}}, kHeadAndTail);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(drain(output), "hello from the guest\n");
  EXPECT_EQ(result->out, (OutputStream{.data = "", .total_bytes = 21}));
}

TEST(WasmSandboxOutputLimit, HoldsNoMoreOfATailThanACaptureMay) {
  const Pipe output;
  constexpr std::uint64_t kMost = 1024 * kMiB;
  for (const RunRequest& request :
       {RunRequest{.output = OutputDescriptor{output.writer(), kMost + 1}},
        RunRequest{.error = OutputCallback{[](auto) {}, kMost + 1}}}) {
    const Result<RunResult> result = run_guest("hello.wasm", request, kHeadAndTail);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidConfig);
    EXPECT_THAT(result.error().message, ::testing::HasSubstr("head and tail"));
  }
  EXPECT_TRUE(
      run_guest("hello.wasm", {.output = OutputDescriptor{output.writer(), kMost}}, kHeadAndTail)
          .has_value());
  EXPECT_TRUE(
      run_guest("hello.wasm", {.output = OutputDescriptor{output.writer(), kMost + 1}}).has_value())
      << "a head is not held";
}

TEST(WasmSandboxOutputLimit, HoldsForADescriptorThatNamesOne) {
  const Pipe output;
  const Result<RunResult> result =
      run_guest("hello.wasm", {.output = OutputDescriptor{output.writer(), 5}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
  EXPECT_EQ(result->out.total_bytes, 21U);
  EXPECT_TRUE(result->out.truncated);
  std::string got(64, '\0');
  got.resize(static_cast<std::size_t>(::read(output.reader(), got.data(), got.size())));
  EXPECT_EQ(got, "hello");
}

}  // namespace
}  // namespace mimobox::testing
