// CPU time: what the run's thread uses, whatever it does with it.
#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/thread.h"
#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr milliseconds kLimit{100};

SandboxConfig with_cpu(nanoseconds cpu) {
  return {.limits = {.wall_time = std::chrono::minutes{5}, .cpu_time = cpu}};
}

void expect_ended_by_cpu(const Result<RunResult>& result) {
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kCpuTimeLimit);
  EXPECT_EQ(result->limit_hit, LimitHit::kCpuTime);
  EXPECT_TRUE(result->timed_out());
  EXPECT_FALSE(result->exit_code.has_value() || result->trap.has_value());
  ASSERT_TRUE(result->metrics.cpu_time.has_value());
  EXPECT_GE(*result->metrics.cpu_time, kLimit);
  EXPECT_LE(*result->metrics.cpu_time, kLimit + kDeadlineSlack);
}

class WasmSandboxCpuTime : public ::testing::TestWithParam<const char*> {};

TEST_P(WasmSandboxCpuTime, EndsAGuestThat) {
  expect_ended_by_cpu(run_guest(GetParam(), {}, with_cpu(kLimit)));
}

INSTANTIATE_TEST_SUITE_P(Guests, WasmSandboxCpuTime,
                         ::testing::Values("infinite_loop.wat", "loop_in_start.wat",
                                           "call_tree.wat", "bulk_fill.wat", "host_call_loop.wasm",
                                           "flood_stdout.wasm"),
                         [](const auto& parameter) {
                           const std::string name = parameter.param;
                           return name.substr(0, name.find('.'));
                         });

TEST(WasmSandboxCpuTime, DoesNotPassInASleep) {
  const Result<RunResult> result = run_guest(
      "sleep.wasm", {}, {.limits = {.wall_time = milliseconds{300}, .cpu_time = milliseconds{50}}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kTimeLimit);
  EXPECT_EQ(result->limit_hit, LimitHit::kWallTime);
  EXPECT_LT(*result->metrics.cpu_time, milliseconds{50});
}

TEST(WasmSandboxCpuTime, DoesNotPassInAReadThatWaits) {
  const Pipe input;
  const Result<RunResult> result =
      run_guest("read_forever.wasm", {.input = InputDescriptor{input.reader()}},
                {.limits = {.wall_time = milliseconds{300}, .cpu_time = milliseconds{50}}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kTimeLimit);
}

TEST(WasmSandboxCpuTime, AndWallTimeAreIndependent) {
  const Result<RunResult> wall =
      run_guest("infinite_loop.wat", {},
                {.limits = {.wall_time = milliseconds{50}, .cpu_time = std::chrono::minutes{5}}});
  ASSERT_TRUE(wall.has_value()) << wall.error().message;
  EXPECT_EQ(wall->verdict, Verdict::kTimeLimit);
  expect_ended_by_cpu(run_guest("infinite_loop.wat", {},
                                {.limits = {.wall_time = std::nullopt, .cpu_time = kLimit}}));
}

TEST(WasmSandboxCpuTime, OfOneNanosecondEndsALoopAndAGuestThatSleepsALittle) {
  EXPECT_EQ(run_guest("infinite_loop.wat", {}, with_cpu(nanoseconds{1}))->verdict,
            Verdict::kCpuTimeLimit);
  EXPECT_EQ(run_guest("sleep.wasm", {}, with_cpu(nanoseconds{1}))->verdict, Verdict::kCpuTimeLimit);
}

TEST(WasmSandboxCpuTime, OfTheMostIsAllowed) {
  EXPECT_EQ(run_guest("hello.wasm", {}, with_cpu(std::chrono::hours{24}))->verdict,
            Verdict::kExited);
}

TEST(WasmSandboxCpuTime, IsThatOfTheThreadThatRunsTheGuest) {
  // A stack that is too small for a guest: the run moves to a thread of the library.
  const Module module = load_guest("infinite_loop.wat");
  const auto sandbox = make_sandbox(with_cpu(kLimit));
  Result<RunResult> result;
  auto thread = base::Thread::start([&] { result = sandbox->execute(module); }, 128 * kKiB);
  ASSERT_TRUE(thread.has_value());
  thread->join();
  expect_ended_by_cpu(result);
}

TEST(WasmSandboxCpuTime, OfOtherThreadsIsNotCounted) {
  std::atomic<bool> done{false};
  std::thread busy([&] {
    while (!done) {
    }
  });
  const Result<RunResult> result = run_guest("short_sleep.wasm", {}, with_cpu(milliseconds{50}));
  done = true;
  busy.join();
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
}

TEST(WasmSandboxCpuTime, OfOneRunCountsFromItsBegin) {
  const Module loop = load_guest("infinite_loop.wat");
  const Module hello = load_guest("hello.wasm");
  const auto sandbox = make_sandbox(with_cpu(kLimit));
  for (int round = 0; round < 3; ++round) {
    expect_ended_by_cpu(sandbox->execute(loop));
    EXPECT_EQ(sandbox->execute(hello)->verdict, Verdict::kExited);
  }
}

TEST(WasmSandboxCpuTime, IsToldWhereSomebodyAsks) {
  const auto measured = [](const RuntimeConfig& of_runtime, const SandboxConfig& config) {
    const Runtime runtime = Runtime::create(of_runtime).value();
    const Module hello = runtime.load(guest_path("hello.wasm")).value();
    return WasmSandbox::create(runtime, config).value()->execute(hello)->metrics.cpu_time;
  };
  EXPECT_EQ(measured({}, {}), std::nullopt);
  EXPECT_GT(measured({.measure_cpu_time = true}, {}), nanoseconds{0});
  EXPECT_GT(measured({}, with_cpu(std::chrono::seconds{10})), nanoseconds{0});
}

TEST(WasmSandboxCpuTimeConcurrent, OfManyRunsEndsEachByItsOwn) {
  const Module module = load_guest("infinite_loop.wat");
  const auto sandbox = make_sandbox(with_cpu(kLimit));
  std::atomic<int> ended{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const Result<RunResult> result = sandbox->execute(module);
      if (result && result->verdict == Verdict::kCpuTimeLimit &&
          *result->metrics.cpu_time >= kLimit)
        ++ended;
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(ended, 8);
}

}  // namespace
}  // namespace mimobox::testing
