// When a module is compiled, how often, and how long that may take.
#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

TEST(RuntimeCompile, HappensOnceForAllRuns) {
  const Module module = load_guest("hello.wasm");
  EXPECT_EQ(module.compile_count(), 0U);
  const auto sandbox = make_sandbox();
  const Result<RunResult> first = sandbox->execute(module);
  const Result<RunResult> second = sandbox->execute(module);
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_EQ(module.compile_count(), 1U);
  EXPECT_GT(first->metrics.compile_time, nanoseconds{0});
  EXPECT_EQ(second->metrics.compile_time, nanoseconds{0});
}

TEST(RuntimeCompile, HappensOnceForTwoStackSizes) {
  const Module module = load_guest("hello.wasm");
  const auto small = make_sandbox({.limits = {.stack_bytes = 512 * kKiB}});
  const auto large = make_sandbox({.limits = {.stack_bytes = 2 * kMiB}});
  EXPECT_EQ(small->execute(module)->verdict, Verdict::kExited);
  EXPECT_EQ(large->execute(module)->verdict, Verdict::kExited);
  EXPECT_EQ(module.compile_count(), 1U);
}

TEST(RuntimeCompile, AheadLeavesNothingToCompileForARun) {
  const SandboxConfig config{.limits = {.memory_bytes = 64 * kMiB}};
  const Module module = load_guest("hello.wasm");
  const Result<void> compiled = shared_runtime().compile(module, config);
  ASSERT_TRUE(compiled.has_value()) << compiled.error().message;
  EXPECT_EQ(module.compile_count(), 1U);
  const Result<RunResult> result = make_sandbox(config)->execute(module);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->metrics.compile_time, nanoseconds{0});
  EXPECT_EQ(module.compile_count(), 1U);
}

TEST(RuntimeCompile, AheadRefusesWhatARunWouldRefuse) {
  const auto code_for = [](const char* guest) {
    const Result<void> compiled = shared_runtime().compile(load_guest(guest), {});
    return compiled ? ErrorCode::kInternal : compiled.error().code;
  };
  EXPECT_EQ(code_for("no_start.wat"), ErrorCode::kNoEntryPoint);
}

TEST(RuntimeCompile, AheadRefusesABadConfiguration) {
  const Result<void> compiled =
      shared_runtime().compile(load_guest("hello.wasm"), {.limits = {.memory_bytes = 1}});
  ASSERT_FALSE(compiled.has_value());
  EXPECT_EQ(compiled.error().code, ErrorCode::kInvalidConfig);
}

TEST(RuntimeCompile, BeyondItsTimeIsAnError) {
  const Result<Runtime> runtime = Runtime::create({.compile_timeout = milliseconds{1}});
  ASSERT_TRUE(runtime.has_value()) << runtime.error().message;
  const std::string text = large_module_text();
  const Result<Module> module = runtime->load_bytes(bytes_of(text), "large.wat");
  ASSERT_TRUE(module.has_value()) << module.error().message;

  const Result<void> compiled = runtime->compile(*module, {});
  ASSERT_FALSE(compiled.has_value());
  EXPECT_EQ(compiled.error().code, ErrorCode::kCompileTimeout);

  const auto sandbox = WasmSandbox::create(*runtime);
  ASSERT_TRUE(sandbox.has_value()) << sandbox.error().message;
  const Result<RunResult> result = (*sandbox)->execute(*module);
  if (!result) {  // else the first attempt's work was ready by now
    EXPECT_EQ(result.error().code, ErrorCode::kCompileTimeout);
  }
}

TEST(RuntimeCompile, IntoAFileBeyondItsTimeIsAnErrorToo) {
  const Runtime runtime = Runtime::create({.compile_timeout = milliseconds{1}}).value();
  const std::string text = large_module_text();
  const Module module = runtime.load_bytes(bytes_of(text), "large.wat").value();
  const auto code = runtime.precompile(module, {}, CpuFeatures::kBaseline);
  ASSERT_FALSE(code.has_value());
  EXPECT_EQ(code.error().code, ErrorCode::kCompileTimeout);
  EXPECT_TRUE(code.error().message.starts_with("large.wat: ")) << code.error().message;
}

TEST(RuntimeCompile, WithinItsTimeSucceeds) {
  const std::string text = large_module_text();
  const Result<Module> module = load_text(text);
  ASSERT_TRUE(module.has_value()) << module.error().message;
  const Result<void> compiled = shared_runtime().compile(*module, {});
  EXPECT_TRUE(compiled.has_value()) << compiled.error().message;
}

}  // namespace
}  // namespace mimobox::testing
