// Fuel: a budget that gives out at the same place in every run.
#include <optional>
#include <stop_token>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

SandboxConfig with_fuel(std::uint64_t fuel) {
  return {.limits = {.fuel = fuel}};
}

constexpr std::uint64_t kPlenty = 1'000'000'000;

TEST(WasmSandboxFuel, IsTheSameOnEveryRun) {
  const Module module = load_guest("wordcount.wasm");
  const RunRequest request{.args = {"3"}, .input = InputBytes{"one two two three three three"}};
  const auto sandbox = make_sandbox(with_fuel(kPlenty));
  std::optional<std::uint64_t> first;
  for (int run = 0; run < 20; ++run) {
    const Result<RunResult> result = sandbox->execute(module, request);
    ASSERT_TRUE(result.has_value()) << result.error().message;
    EXPECT_EQ(result->verdict, Verdict::kExited) << result->err.data;
    ASSERT_TRUE(result->metrics.fuel_used.has_value());
    if (!first) first = result->metrics.fuel_used;
    EXPECT_EQ(result->metrics.fuel_used, first);
  }
  EXPECT_GT(*first, 100U);
}

TEST(WasmSandboxFuel, ThatJustSufficesDoesAndOneLessDoesNot) {
  const Module module = load_guest("hello.wasm");
  const auto used = make_sandbox(with_fuel(kPlenty))->execute(module)->metrics.fuel_used;
  ASSERT_TRUE(used.has_value());

  // The budget is looked at where functions and loops begin: what is used behind the last look is
  // free, so the least that suffices may be a little below the figure, never above it.
  EXPECT_EQ(make_sandbox(with_fuel(*used))->execute(module)->verdict, Verdict::kExited);
  std::uint64_t least = *used;
  while (make_sandbox(with_fuel(least - 1))->execute(module)->verdict == Verdict::kExited)
    --least;
  const Result<RunResult> short_of_one = make_sandbox(with_fuel(least - 1))->execute(module);
  ASSERT_TRUE(short_of_one.has_value()) << short_of_one.error().message;
  EXPECT_EQ(short_of_one->verdict, Verdict::kOutOfFuel);
  EXPECT_EQ(short_of_one->limit_hit, LimitHit::kFuel);
  EXPECT_EQ(short_of_one->metrics.fuel_used, least - 1);
  EXPECT_LE(*used - least, 1000U);
}

TEST(WasmSandboxFuel, EndsLoopsRecursionAndStartFunctions) {
  for (const char* guest : {"infinite_loop.wat", "loop_in_start.wat", "call_tree.wat"}) {
    const Result<RunResult> result = run_guest(guest, {}, with_fuel(100'000));
    ASSERT_TRUE(result.has_value()) << guest << ": " << result.error().message;
    EXPECT_EQ(result->verdict, Verdict::kOutOfFuel) << guest;
    EXPECT_EQ(result->limit_hit, LimitHit::kFuel) << guest;
    EXPECT_EQ(result->metrics.fuel_used, 100'000U) << guest;
    EXPECT_FALSE(result->exit_code.has_value() || result->trap.has_value()) << guest;
  }
}

TEST(WasmSandboxFuel, OfOneUnitAndOfTheMost) {
  EXPECT_EQ(run_guest("infinite_loop.wat", {}, with_fuel(1))->verdict, Verdict::kOutOfFuel);
  const Result<RunResult> most = run_guest("hello.wasm", {}, with_fuel(1ULL << 62));
  ASSERT_TRUE(most.has_value()) << most.error().message;
  EXPECT_EQ(most->verdict, Verdict::kExited);
  EXPECT_LT(*most->metrics.fuel_used, 1'000'000U);
}

TEST(WasmSandboxFuel, IsNotCountedWhereNobodyAskedForIt) {
  EXPECT_EQ(run_guest("hello.wasm")->metrics.fuel_used, std::nullopt);
}

TEST(WasmSandboxFuel, OfARunThatNeverBeganIsNone) {
  std::stop_source stop;
  stop.request_stop();
  const auto result =
      run_guest("infinite_loop.wat", {.stop = stop.get_token()}, with_fuel(kPlenty));
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kCancelled);
  EXPECT_EQ(result->metrics.fuel_used, 0U);
}

TEST(WasmSandboxFuel, OfOneRunMakesItsOwnCode) {
  const Module module = load_guest("infinite_loop.wat");
  const auto sandbox = make_sandbox();
  Limits limits = sandbox->config().limits;
  limits.fuel = 1000;
  const Result<RunResult> result = sandbox->execute(module, {.limits = limits});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kOutOfFuel);
  EXPECT_EQ(module.compile_count(), 1U);
  limits.fuel = std::nullopt;
  limits.wall_time = std::chrono::milliseconds{20};
  EXPECT_EQ(sandbox->execute(module, {.limits = limits})->verdict, Verdict::kTimeLimit);
  EXPECT_EQ(module.compile_count(), 2U) << "code without fuel is other code";
}

TEST(WasmSandboxFuel, OfTheSandboxCannotBeLoosenedByARun) {
  const auto sandbox = make_sandbox(with_fuel(1000));
  Limits limits = sandbox->config().limits;
  for (const std::optional<std::uint64_t> looser :
       {std::optional<std::uint64_t>(1001), std::optional<std::uint64_t>()}) {
    limits.fuel = looser;
    const auto refused = sandbox->execute(load_guest("hello.wasm"), {.limits = limits});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidConfig);
    EXPECT_THAT(refused.error().message, ::testing::HasSubstr("limits.fuel"));
  }
}

TEST(WasmSandboxFuel, OfATrapIsALowerBound) {
  const Result<RunResult> result = run_guest("unreachable.wat", {}, with_fuel(kPlenty));
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kTrapped);
  EXPECT_LE(result->metrics.fuel_used, 10U);
}

}  // namespace
}  // namespace mimobox::testing
