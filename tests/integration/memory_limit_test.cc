// The memory limit and the stack limit, in pairs: just enough, and just not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

SandboxConfig with_memory(std::uint64_t bytes) {
  return {.limits = {.memory_bytes = bytes}};
}

TEST(WasmSandboxMemory, GrowUpToTheLimitIsGranted) {
  const Result<RunResult> result = run_guest("grow_by_pages.wat", {}, with_memory(kMiB));
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
  EXPECT_EQ(result->exit_code, 0U);
  EXPECT_EQ(result->metrics.peak_memory_bytes, kMiB);
  EXPECT_EQ(result->metrics.denied_grows, 0U);
}

TEST(WasmSandboxMemory, GrowBeyondTheLimitIsDeniedAndCounted) {
  const Result<RunResult> result = run_guest("grow_by_pages.wat", {}, with_memory(kMiB - kPage));
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
  EXPECT_EQ(result->exit_code, 1U);
  EXPECT_EQ(result->metrics.peak_memory_bytes, kPage);
  EXPECT_EQ(result->metrics.denied_grows, 1U);
}

TEST(WasmSandboxMemory, AnAllocatorSeesTheLimitAsNoMemory) {
  const Result<RunResult> result =
      run_guest("allocate.wasm", {.args = {"64"}}, with_memory(32 * kMiB));
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
  EXPECT_EQ(result->exit_code, 3U);
  EXPECT_THAT(result->out.data, ::testing::StartsWith("denied after "));
  EXPECT_LE(result->metrics.peak_memory_bytes, 32 * kMiB);
  EXPECT_GE(result->metrics.denied_grows, 1U);
}

TEST(WasmSandboxMemory, AnAllocatorThatStaysBelowTheLimitSeesNothingOfIt) {
  const Result<RunResult> result =
      run_guest("allocate.wasm", {.args = {"24"}}, with_memory(32 * kMiB));
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->exit_code, 0U);
  EXPECT_EQ(result->out.data, "ok\n");
  EXPECT_EQ(result->metrics.denied_grows, 0U);
}

TEST(WasmSandboxMemory, ATrapAfterADeniedGrowIsTheMemoryLimit) {
  const Result<RunResult> result = run_guest("grow_then_trap.wat", {}, with_memory(kMiB));
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kMemoryLimit);
  ASSERT_TRUE(result->trap.has_value());
  EXPECT_EQ(result->trap->code, TrapCode::kUnreachable);
  EXPECT_EQ(result->metrics.peak_memory_bytes, kMiB);
}

TEST(WasmSandboxMemory, ATrapAfterAGrantedGrowIsATrap) {
  const Result<RunResult> result = run_guest("grow_once_then_trap.wat", {}, with_memory(kMiB));
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kTrapped);
  EXPECT_EQ(result->metrics.denied_grows, 1U);
}

TEST(WasmSandboxMemory, AModuleThatStartsAtTheLimitRuns) {
  const Result<RunResult> result = run_guest("big_memory_min.wat", {}, with_memory(16 * kMiB));
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
}

TEST(WasmSandboxMemory, AModuleThatStartsAboveTheLimitIsRefused) {
  const Result<RunResult> result =
      run_guest("big_memory_min.wat", {}, with_memory(16 * kMiB - kPage));
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kMemoryAboveLimit);
}

TEST(WasmSandboxMemory, FourGibibytesMayBeAllowed) {
  const Result<RunResult> result = run_guest("grow_by_pages.wat", {}, with_memory(4096 * kMiB));
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->exit_code, 0U);
}

TEST(WasmSandboxMemory, BoundsOfTheSettingAreChecked) {
  EXPECT_TRUE(with_memory(kPage).validate().has_value());
  EXPECT_TRUE(with_memory(4096 * kMiB).validate().has_value());
  for (const std::uint64_t bytes : {std::uint64_t{0}, kPage - 1, 4096 * kMiB + 1}) {
    const auto sandbox = WasmSandbox::create(shared_runtime(), with_memory(bytes));
    ASSERT_FALSE(sandbox.has_value()) << bytes;
    EXPECT_EQ(sandbox.error().code, ErrorCode::kInvalidConfig);
    EXPECT_THAT(sandbox.error().message, ::testing::HasSubstr("memory_bytes"));
  }
}

TEST(WasmSandboxStack, RecursionThatNeedsMoreThanASmallStackOverflowsIt) {
  const Result<RunResult> result =
      run_guest("recursion_20000.wat", {}, {.limits = {.stack_bytes = 256 * kKiB}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kStackOverflow);
}

TEST(WasmSandboxStack, TheSameRecursionFitsALargeStack) {
  const Result<RunResult> result =
      run_guest("recursion_20000.wat", {}, {.limits = {.stack_bytes = 8 * kMiB}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
}

TEST(WasmSandboxStack, GuestsRunOnEachOfTheNamedSizes) {
  for (const std::uint64_t bytes : {256 * kKiB, 512 * kKiB, kMiB, 2 * kMiB, 4 * kMiB, 8 * kMiB}) {
    const Result<RunResult> result =
        run_guest("hello.wasm", {}, {.limits = {.stack_bytes = bytes}});
    ASSERT_TRUE(result.has_value()) << bytes << ": " << result.error().message;
    EXPECT_EQ(result->verdict, Verdict::kExited) << bytes;
  }
}

TEST(WasmSandboxStack, OtherSizesAreRefused) {
  for (const std::uint64_t bytes : {std::uint64_t{0}, 128 * kKiB, 300 * kKiB, 16 * kMiB}) {
    const Result<void> valid = SandboxConfig{.limits = {.stack_bytes = bytes}}.validate();
    ASSERT_FALSE(valid.has_value()) << bytes;
    EXPECT_EQ(valid.error().code, ErrorCode::kInvalidConfig);
  }
}

}  // namespace
}  // namespace mimobox::testing
