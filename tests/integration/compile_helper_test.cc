// Compiling in a child that can be killed.
#include "mimobox/compile_helper.h"

#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/harness.h"
#include "tests/paths.h"

namespace mimobox::testing {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

RuntimeConfig with_helper() {
  RuntimeConfig config;
  config.disk_cache = false;
  config.compile_helper = kCommand;
  config.demand_killable_compile = true;
  return config;
}

/// A compile that is killed leaves no child.
bool no_child_is_left() {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (std::chrono::steady_clock::now() < deadline) {
    if (::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD) return true;
    std::this_thread::sleep_for(milliseconds{1});
  }
  return false;
}

TEST(CompileHelper, CompilesAndConverts) {
  const Runtime runtime = Runtime::create(with_helper()).value();
  for (const char* file : {"hello.wasm", "main_code.wat"}) {
    const auto module = runtime.load(guest_path(file));
    ASSERT_TRUE(module.has_value()) << module.error().message;
    const auto result = WasmSandbox::create(runtime).value()->execute(*module);
    ASSERT_TRUE(result.has_value()) << result.error().message;
    EXPECT_EQ(result->verdict, Verdict::kExited);
    EXPECT_EQ(module->compile_count(), 1U);
  }
  EXPECT_TRUE(no_child_is_left());
}

TEST(CompileHelper, SaysWhatIsWrongWithTheText) {
  const Runtime runtime = Runtime::create(with_helper()).value();
  const auto module = runtime.load_bytes(bytes_of("(module (fun))"), "bad.wat");
  ASSERT_FALSE(module.has_value());
  EXPECT_EQ(module.error().code, ErrorCode::kModuleInvalid);
  EXPECT_THAT(module.error().message, HasSubstr("bad.wat"));
}

TEST(CompileHelper, IsKilledWhenTheTimeIsOver) {
  RuntimeConfig config = with_helper();
  const std::string text = large_module_text();
  config.compile_timeout = milliseconds{30};
  std::string said;
  config.log = [&said](LogLevel, std::string_view line) { said += line; };
  const Runtime hasty = Runtime::create(config).value();
  const auto loaded = hasty.load_bytes(bytes_of(text), "large.wat");
  const Result<void> compiled =
      loaded ? hasty.compile(*loaded, {}) : Result<void>(std::unexpected(loaded.error()));
  ASSERT_FALSE(compiled.has_value());
  EXPECT_EQ(compiled.error().code, ErrorCode::kCompileTimeout) << compiled.error().message;
  EXPECT_TRUE(no_child_is_left());
  EXPECT_THAT(said, Not(HasSubstr("overdue"))) << "nothing goes on";
}

TEST(CompileHelper, IsKilledWhenNobodyWaitsAnyMore) {
  const Runtime runtime = Runtime::create(with_helper()).value();
  const std::string text = large_module_text();
  const Module module = runtime.load_bytes(bytes_of(text)).value();
  std::stop_source source;
  RunRequest request;
  request.stop = source.get_token();
  std::jthread stopper([&source] {
    std::this_thread::sleep_for(milliseconds{30});
    source.request_stop();
  });
  const auto result = WasmSandbox::create(runtime).value()->execute(module, request);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kCancelled);
  EXPECT_TRUE(no_child_is_left());
  // And the next one is not harmed by it.
  const auto again = runtime.compile(module, {});
  EXPECT_TRUE(again.has_value()) << again.error().message;
}

TEST(CompileHelper, HasNoMoreMemoryThanItIsGiven) {
#ifdef MIMOBOX_TEST_SANITIZED
  GTEST_SKIP() << "a child with a sanitizer has no bound on its memory (base/confine.h)";
#endif
  RuntimeConfig config = with_helper();
  config.compile_memory_bytes = 64 * kMiB;
  const Runtime runtime = Runtime::create(config).value();
  std::string text = "(module (memory 1)";
  for (int i = 0; i < 20'000; ++i)
    text += "(func (result i32) (i32.load (i32.add (i32.const " + std::to_string(i) +
            ") (i32.load (i32.const 4)))))";
  text += "(func (export \"_start\")))";
  const auto loaded = runtime.load_bytes(bytes_of(text));
  const Result<void> compiled =
      loaded ? runtime.compile(*loaded, {}) : Result<void>(std::unexpected(loaded.error()));
  ASSERT_FALSE(compiled.has_value());
  EXPECT_EQ(compiled.error().code, ErrorCode::kResourceExhausted);
  EXPECT_THAT(compiled.error().message, HasSubstr("compile_memory_bytes"));
}

TEST(CompileHelper, ThatIsNoneIsAnError) {
  RuntimeConfig config = with_helper();
  config.compile_helper = "/none/such";
  EXPECT_EQ(Runtime::create(config).error().code, ErrorCode::kInvalidConfig);
  config.compile_helper = "";
  const auto demanded = Runtime::create(config);
  ASSERT_FALSE(demanded.has_value());
  EXPECT_THAT(demanded.error().message, HasSubstr("demand_killable_compile"));
  for (const char* program : {"/bin/true", "/bin/false"}) {
    config.compile_helper = program;
    const Runtime runtime = Runtime::create(config).value();
    const Module module = runtime.load(guest_path("hello.wasm")).value();
    const Result<void> compiled = runtime.compile(module, {});
    ASSERT_FALSE(compiled.has_value());
    EXPECT_EQ(compiled.error().code, ErrorCode::kInvalidConfig);
    EXPECT_THAT(compiled.error().message, HasSubstr(program));
  }
}

TEST(CompileHelper, ThatFailedOnceIsAskedAgain) {
  RuntimeConfig config = with_helper();
  const TemporaryFolder folder;
  const std::string ready = folder.path("ready").string();
  config.compile_helper = folder.write("helper", "#!/bin/sh\n[ -e " + ready + " ] && exec " +
                                                     std::string(kCommand) + " \"$@\"\nexit 1\n");
  std::filesystem::permissions(config.compile_helper, std::filesystem::perms::owner_all);
  const Runtime runtime = Runtime::create(config).value();
  const Module module = runtime.load(guest_path("hello.wasm")).value();
  ASSERT_EQ(runtime.compile(module, {}).error().code, ErrorCode::kInvalidConfig);
  folder.write("ready", "");
  const auto again = runtime.compile(module, {});
  EXPECT_TRUE(again.has_value()) << again.error().message;
}

TEST(CompileHelper, AProgramThatWasNotStartedAsOneGoesOn) {
  const char* const words[] = {"program", "argument"};
  EXPECT_EQ(serve_as_compile_helper(2, words), std::nullopt);
  EXPECT_EQ(serve_as_compile_helper(0, nullptr), std::nullopt);
}

/// A helper that takes its time and then fails.
std::filesystem::path slow_helper(const TemporaryFolder& folder) {
  const auto slow = folder.write("slow", "#!/bin/sh\nexec sleep 1.2\n");
  std::filesystem::permissions(slow, std::filesystem::perms::owner_all);
  return slow;
}

TEST(CompileProgress, IsToldWhileAndAfterACompileTakesLong) {
  const TemporaryFolder folder;
  RuntimeConfig config = with_helper();
  std::vector<CompileProgress> told;
  config.on_compile = [&told](const CompileProgress& progress) { told.push_back(progress); };
  config.compile_helper = slow_helper(folder);
  const Runtime runtime = Runtime::create(config).value();
  const Module module = runtime.load(guest_path("hello.wasm")).value();
  const auto expect_told = [&] {
    ASSERT_GE(told.size(), 2U);
    EXPECT_FALSE(told.front().done);
    EXPECT_GE(told.front().running, milliseconds{500});
    EXPECT_EQ(told.front().module_bytes, module.size_bytes());
    EXPECT_TRUE(told.back().done);
  };
  static_cast<void>(runtime.compile(module, {}));
  expect_told();
  told.clear();
  static_cast<void>(runtime.precompile(module, {}, CpuFeatures::kNative));
  expect_told();
}

}  // namespace
}  // namespace mimobox::testing
