// Settings of a runtime, and what it says about itself.
#include <signal.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Runtime, BoundsOfTheCompileTimeoutAreChecked) {
  using std::chrono::hours;
  using std::chrono::nanoseconds;
  for (const nanoseconds timeout : {nanoseconds{0}, nanoseconds{-1}, nanoseconds::max()}) {
    const Result<Runtime> runtime = Runtime::create({.compile_timeout = timeout});
    ASSERT_FALSE(runtime.has_value()) << timeout.count();
    EXPECT_EQ(runtime.error().code, ErrorCode::kInvalidConfig);
    EXPECT_THAT(runtime.error().message, HasSubstr("compile_timeout"));
  }
  EXPECT_TRUE((RuntimeConfig{.compile_timeout = hours{24}}.validate().has_value()));
  EXPECT_FALSE((RuntimeConfig{.compile_timeout = nanoseconds(hours{24}) + nanoseconds{1}}
                    .validate()
                    .has_value()));
}

TEST(Runtime, RefusesSignalsThatItMustNotUse) {
  for (const int number : {0, -1, 1000, SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGILL, SIGFPE}) {
    const Result<Runtime> runtime = Runtime::create({.interrupt_signal = number});
    ASSERT_FALSE(runtime.has_value()) << number;
    EXPECT_EQ(runtime.error().code, ErrorCode::kInvalidConfig);
    EXPECT_THAT(runtime.error().message, HasSubstr("interrupt_signal"));
  }
}

std::atomic<int> foreign_signals{0};

TEST(Runtime, PassesForeignSignalsOnToTheHandlerBefore) {
  struct sigaction action{};
  action.sa_handler = [](int) { foreign_signals.fetch_add(1); };
  struct sigaction before{};
  ASSERT_EQ(sigaction(SIGUSR1, &action, &before), 0);
  {
    const Result<Runtime> runtime = Runtime::create({.interrupt_signal = SIGUSR1});
    ASSERT_TRUE(runtime.has_value()) << runtime.error().message;
    const int seen = foreign_signals.load();
    ASSERT_EQ(raise(SIGUSR1), 0);
    EXPECT_EQ(foreign_signals.load(), seen + 1);
  }
}

TEST(Runtime, MayUseAnotherSignalToInterrupt) {
  const Result<Runtime> runtime = Runtime::create({.interrupt_signal = SIGUSR2});
  ASSERT_TRUE(runtime.has_value()) << runtime.error().message;
  const auto sandbox =
      WasmSandbox::create(*runtime, {.limits = {.wall_time = std::chrono::milliseconds{100}}});
  ASSERT_TRUE(sandbox.has_value()) << sandbox.error().message;
  const Pipe silent;
  const Result<RunResult> result =
      (*sandbox)->execute(runtime->load(guest_path("read_forever.wasm")).value(),
                          {.input = InputDescriptor{silent.reader()}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kTimeLimit);
}

TEST(Runtime, LivesAsLongAsASandboxOrModuleNeedsIt) {
  std::optional<Runtime> runtime = Runtime::create().value();
  const Module module = runtime->load(guest_path("hello.wasm")).value();
  const auto sandbox = WasmSandbox::create(*runtime).value();
  runtime.reset();
  const Result<RunResult> result = sandbox->execute(module);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->out.data, "hello from the guest\n");
}

TEST(Runtime, RunsModulesOfAnotherRuntimeOrSaysThatItDoesNot) {
  const Runtime other = Runtime::create().value();
  const Module module = other.load(guest_path("hello.wasm")).value();
  const Result<RunResult> result = make_sandbox()->execute(module);
  if (result) {
    EXPECT_EQ(result->verdict, Verdict::kExited);
  } else {
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidConfig);
  }
}

TEST(Version, NamesLibraryEngineAndFeatures) {
  EXPECT_THAT(version(), ::testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_THAT(engine_version(), StartsWith("wasmtime 48.0."));
  const EngineFeatures features = engine_features();
  EXPECT_THAT(features.build, ::testing::Contains("cranelift"));
  EXPECT_THAT(features.proposals, ::testing::Contains("bulk-memory"));
}

}  // namespace
}  // namespace mimobox::testing
