// Where the pool of instances ends, runs go on: in bursts, with modules that fit no slot, and on
// machines that refuse the address space.
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using ::testing::HasSubstr;

TEST(PoolConcurrent, ABurstAboveTheSlotsRunsOnDemand) {
  constexpr int kRuns = 6;
  const auto runtime = Runtime::create({.pool_slots = 1});
  const auto sandbox = WasmSandbox::create(*runtime, {}).value();
  const Module module = runtime->load(guest_path("echo_stdin.wasm")).value();
  // Each run waits for its input until all of them are in flight.
  std::vector<Pipe> inputs(kRuns);
  std::vector<Pipe> outputs(kRuns);
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kRuns; ++i) {
    threads.emplace_back([&, i] {
      const auto result =
          sandbox->execute(module, {.input = InputDescriptor{inputs[i].reader()},
                                    .output = OutputDescriptor{outputs[i].writer()}});
      if (result && result->verdict == Verdict::kExited && result->exit_code == 0) ++good;
    });
  }
  for (int i = 0; i < kRuns; ++i) {
    inputs[i].write("x");
    EXPECT_EQ(outputs[i].read_byte(), 'x');  // it runs, and goes on until its input ends
  }
  for (Pipe& input : inputs)
    input.close_writer();
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(good, kRuns);
}

TEST(PoolConcurrent, ABurstKeepsTheLimitsOfOneRun) {
  const auto runtime = Runtime::create({.pool_slots = 1});
  const auto sandbox = WasmSandbox::create(*runtime, {}).value();
  const Module waiting = runtime->load(guest_path("echo_stdin.wasm")).value();
  const Module endless = runtime->load(guest_path("infinite_loop.wat")).value();
  Pipe input;
  const Pipe output;
  std::thread holder([&] {
    const auto result = sandbox->execute(waiting, {.input = InputDescriptor{input.reader()},
                                                   .output = OutputDescriptor{output.writer()},
                                                   .limits = Limits{.fuel = 1'000'000'000}});
    EXPECT_TRUE(result && result->verdict == Verdict::kExited);
  });
  input.write("x");
  EXPECT_EQ(output.read_byte(), 'x');  // it has the only slot of engines with fuel
  const auto result = sandbox->execute(endless, {.limits = Limits{.fuel = 1000}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kOutOfFuel);
  input.close_writer();
  holder.join();
}

TEST(Pool, AModuleThatFitsNoSlotRunsOnDemand) {
  const auto module = load_text(R"((module (table 1 funcref) (table 1 funcref) (table 1 funcref)
      (func (export "_start"))))");
  ASSERT_TRUE(module.has_value());
  const auto sandbox = make_sandbox();
  for (int i = 0; i < 2; ++i) {
    const auto result = sandbox->execute(*module);
    ASSERT_TRUE(result.has_value()) << result.error().message;
    EXPECT_EQ(result->verdict, Verdict::kExited);
  }
}

#ifndef MIMOBOX_TEST_SANITIZED  // a sanitizer itself needs more address space
[[noreturn]] void run_in_two_gigabytes() {
  const rlimit limit{.rlim_cur = 2UL << 30, .rlim_max = 2UL << 30};
  setrlimit(RLIMIT_AS, &limit);
  std::string said;
  std::mutex mutex;
  RuntimeConfig config;
  config.log = [&](LogLevel, std::string_view line) {
    const std::lock_guard lock(mutex);
    said += line;
  };
  const auto runtime = Runtime::create(config);
  const auto sandbox = WasmSandbox::create(*runtime, {}).value();
  const auto module = runtime->load(guest_path("no_memory.wat"));
  const auto result = sandbox->execute(*module);
  const bool good = result && result->verdict == Verdict::kExited;
  std::_Exit(good && said.find("on demand") != std::string::npos ? 0 : 1);
}

TEST(PoolDeathTest, WhereTheAddressSpaceIsRefusedRunsGoOnAndTheLogSaysSo) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(run_in_two_gigabytes(), ::testing::ExitedWithCode(0), "");
}
#endif

TEST(Pool, RunsWithoutOneGiveTheSameAnswers) {
  const auto runtime = Runtime::create({.pool_slots = 0});
  const auto sandbox = WasmSandbox::create(*runtime, {}).value();
  const auto module = runtime->load(guest_path("hello.wasm"));
  const auto pooled = run_guest("hello.wasm");
  const auto on_demand = sandbox->execute(*module);
  ASSERT_TRUE(pooled && on_demand);
  EXPECT_EQ(on_demand->out.data, pooled->out.data);
  EXPECT_EQ(on_demand->metrics.peak_memory_bytes, pooled->metrics.peak_memory_bytes);
}

}  // namespace
}  // namespace mimobox::testing
