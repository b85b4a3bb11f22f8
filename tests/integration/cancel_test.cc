// Ending runs from outside: a stop token, and the sandbox's end.
#include <optional>
#include <stop_token>
#include <thread>

#include <gtest/gtest.h>

#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

// A guest that writes and never ends, so that a test can see from its first byte that it runs.
constexpr const char* kEndless = "flood_stdout.wasm";

TEST(WasmSandboxCancel, BeforeTheRunEndsItAtOnce) {
  std::stop_source stop;
  stop.request_stop();
  const Result<RunResult> result = run_guest("infinite_loop.wat", {.stop = stop.get_token()});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kCancelled);
  EXPECT_FALSE(result->exit_code.has_value());
}

TEST(WasmSandboxCancel, DuringAHostCallThatBlocksEndsTheRun) {
  const Module module = load_guest(kEndless);
  const auto sandbox = make_sandbox({.limits = {.wall_time = std::nullopt}});
  const Pipe output;
  std::stop_source stop;
  std::optional<Result<RunResult>> result;
  std::thread runner([&] {
    result = sandbox->execute(
        module, {.output = OutputDescriptor{output.writer()}, .stop = stop.get_token()});
  });
  EXPECT_EQ(output.read_byte(), 'x');
  stop.request_stop();
  runner.join();
  ASSERT_TRUE(result->has_value()) << result->error().message;
  EXPECT_EQ((*result)->verdict, Verdict::kCancelled);
}

TEST(WasmSandboxCancel, AfterTheRunChangesNothing) {
  std::stop_source stop;
  const Result<RunResult> result = run_guest("hello.wasm", {.stop = stop.get_token()});
  stop.request_stop();
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
}

TEST(WasmSandboxCancel, OfOneRunLeavesTheSandboxUsable) {
  const auto sandbox = make_sandbox();
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(sandbox->execute(load_guest("infinite_loop.wat"), {.stop = stop.get_token()})->verdict,
            Verdict::kCancelled);
  EXPECT_EQ(sandbox->execute(load_guest("hello.wasm"))->verdict, Verdict::kExited);
}

TEST(WasmSandboxDestroy, CancelsRunsInFlightAndWaitsForThem) {
  const Module module = load_guest(kEndless);
  const auto sandbox = make_sandbox({.limits = {.wall_time = std::nullopt}});
  const Pipe output;
  std::optional<Result<RunResult>> result;
  std::thread runner(
      [&] { result = sandbox->execute(module, {.output = OutputDescriptor{output.writer()}}); });
  EXPECT_EQ(output.read_byte(), 'x');
  const Result<void> destroyed = sandbox->destroy();
  EXPECT_TRUE(destroyed.has_value());
  runner.join();
  ASSERT_TRUE(result->has_value()) << result->error().message;
  EXPECT_EQ((*result)->verdict, Verdict::kCancelled);
}

TEST(WasmSandboxDestroy, MakesEveryLaterCallAnError) {
  const Module module = load_guest("hello.wasm");
  const auto sandbox = make_sandbox();
  EXPECT_EQ(sandbox->execute(module)->verdict, Verdict::kExited);
  EXPECT_TRUE(sandbox->destroy().has_value());

  const Result<RunResult> result = sandbox->execute(module);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kDestroyed);
  const Result<void> again = sandbox->destroy();
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, ErrorCode::kDestroyed);
}

TEST(WasmSandboxDestroy, OfOneSandboxLeavesAnotherAlone) {
  const Module module = load_guest("hello.wasm");
  const auto first = make_sandbox();
  const auto second = make_sandbox();
  EXPECT_TRUE(first->destroy().has_value());
  EXPECT_EQ(second->execute(module)->verdict, Verdict::kExited);
}

}  // namespace
}  // namespace mimobox::testing
