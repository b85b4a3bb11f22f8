// What a runtime bounds for all its runs, and what one run may change of its sandbox's limits.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mimobox/settings.h"

#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

/// A run that goes on until the object goes.
class LongRun {
 public:
  LongRun(Sandbox& sandbox, const Module& module) {
    thread_ = std::thread([this, &sandbox, &module] {
      result_ = sandbox.execute(
          module, {.output = OutputDescriptor{output_.writer()}, .stop = stop_.get_token()});
    });
    static_cast<void>(output_.read_byte());  // it runs
  }
  ~LongRun() {
    stop_.request_stop();
    thread_.join();
    EXPECT_TRUE(result_->has_value());
  }

 private:
  Pipe output_;
  std::stop_source stop_;
  std::optional<Result<RunResult>> result_;
  std::thread thread_;
};

struct Bounded {
  Runtime runtime;
  std::unique_ptr<WasmSandbox> sandbox;
  Module endless;
  Module hello;

  explicit Bounded(const RuntimeConfig& config, const SandboxConfig& sandbox_config = {})
      : runtime(Runtime::create(config).value()),
        sandbox(WasmSandbox::create(runtime, sandbox_config).value()),
        endless(runtime.load(guest_path("flood_stdout.wasm")).value()),
        hello(runtime.load(guest_path("hello.wasm")).value()) {}
};

TEST(RuntimeBounds, RefusesARunTooManyWhenAskedTo) {
  Bounded b({.max_runs = 1, .on_busy = OnBusy::kRefuse});
  {
    const LongRun first(*b.sandbox, b.endless);
    const auto second = b.sandbox->execute(b.hello);
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, ErrorCode::kResourceExhausted);
    EXPECT_THAT(second.error().message, HasSubstr("max_runs"));
  }
  EXPECT_TRUE(b.sandbox->execute(b.hello).has_value());
}

TEST(RuntimeBounds, ARunThatWaitsForItsTurnHasItsDeadlineRunning) {
  Bounded b({.max_runs = 1}, {.limits = {.wall_time = milliseconds{50}}});
  const auto patient = WasmSandbox::create(b.runtime, {.limits = {.wall_time = std::nullopt}});
  const LongRun first(**patient, b.endless);
  const auto second = b.sandbox->execute(b.hello);
  ASSERT_TRUE(second.has_value()) << second.error().message;
  EXPECT_EQ(second->verdict, Verdict::kTimeLimit);
  EXPECT_GE(second->metrics.queue_time, milliseconds{40});
  EXPECT_LE(second->metrics.wall_time, milliseconds{50} + kDeadlineSlack);
}

TEST(RuntimeBounds, ARunThatWaitsForItsTurnCanBeCancelled) {
  Bounded b({.max_runs = 1}, {.limits = {.wall_time = std::nullopt}});
  const LongRun first(*b.sandbox, b.endless);
  std::stop_source stop;
  std::thread canceller([&] { stop.request_stop(); });
  const auto second = b.sandbox->execute(b.hello, {.stop = stop.get_token()});
  canceller.join();
  ASSERT_TRUE(second.has_value()) << second.error().message;
  EXPECT_EQ(second->verdict, Verdict::kCancelled);
}

TEST(RuntimeBounds, MemoryOfAllRunsIsCountedByTheirLimits) {
  Bounded b({.max_memory_bytes = 100 * kMiB, .on_busy = OnBusy::kRefuse},
            {.limits = {.memory_bytes = 60 * kMiB}});
  const auto small = WasmSandbox::create(b.runtime, {.limits = {.memory_bytes = 40 * kMiB}});
  const auto large = WasmSandbox::create(b.runtime, {.limits = {.memory_bytes = 41 * kMiB}});
  const LongRun first(*b.sandbox, b.endless);
  EXPECT_TRUE((*small)->execute(b.hello).has_value());
  const auto refused = (*large)->execute(b.hello);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kResourceExhausted);
  EXPECT_THAT(refused.error().message, HasSubstr("max_memory_bytes"));
}

TEST(RuntimeBounds, ARunThatCouldNeverFitIsRefusedAtOnce) {
  Bounded b({.max_memory_bytes = 10 * kMiB}, {.limits = {.memory_bytes = 11 * kMiB}});
  const auto result = b.sandbox->execute(b.hello);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kResourceExhausted);
}

TEST(RuntimeBoundsConcurrent, ManyRunsTakeTurns) {
  Bounded b({.max_runs = 2, .max_memory_bytes = 64 * kMiB},
            {.limits = {.memory_bytes = 32 * kMiB}});
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        const auto result = b.sandbox->execute(b.hello);
        if (result && result->exit_code == 0U) ++right;
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(right, 160);
}

TEST(RuntimeBoundsConcurrent, ACompileTooManyIsRefusedWhenAskedTo) {
  const auto runtime = Runtime::create({.max_compiles = 1, .on_busy = OnBusy::kRefuse});
  const std::string large = large_module_text();
  const auto slow = runtime->load_bytes(bytes_of(large), "slow");
  ASSERT_TRUE(slow.has_value());
  std::atomic<bool> done{false};
  std::thread compiler([&] {
    // One of the quick ones may have the only place at that moment.
    while (!runtime->compile(*slow, {})) {
    }
    done = true;
  });
  bool refused = false;
  for (int i = 0; !done && !refused; ++i) {
    const std::string text =
        "(module (func (export \"_start\") (drop (i32.const " + std::to_string(i) + "))))";
    const auto quick = runtime->load_bytes(bytes_of(text), "quick");
    const auto compiled = runtime->compile(*quick, {});
    if (compiled) continue;
    EXPECT_EQ(compiled.error().code, ErrorCode::kResourceExhausted);
    refused = true;
  }
  compiler.join();
  EXPECT_TRUE(refused);
}

TEST(RuntimeLog, TellsOfAnOverdueCompile) {
  std::mutex mutex;
  std::vector<std::string> lines;
  const auto runtime = Runtime::create({.compile_timeout = std::chrono::nanoseconds{1},
                                        .log = [&](LogLevel level, std::string_view line) {
                                          const std::lock_guard lock(mutex);
                                          // How guests are stopped is told, too.
                                          if (level != LogLevel::kWarning) return;
                                          lines.emplace_back(line);
                                        }});
  const auto module = runtime->load(guest_path("hello.wasm"));
  EXPECT_EQ(runtime->compile(*module, {}).error().code, ErrorCode::kCompileTimeout);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], HasSubstr("overdue"));
}

TEST(RunLimits, MayBeTighter) {
  const auto sandbox = make_sandbox();
  Limits limits = sandbox->config().limits;
  limits.wall_time = milliseconds{50};
  const auto timed = sandbox->execute(load_guest("infinite_loop.wat"), {.limits = limits});
  ASSERT_TRUE(timed.has_value()) << timed.error().message;
  EXPECT_EQ(timed->verdict, Verdict::kTimeLimit);

  limits = sandbox->config().limits;
  limits.stdout_bytes = 5;
  const auto cut = sandbox->execute(load_guest("hello.wasm"), {.limits = limits});
  EXPECT_EQ(cut->out.data, "hello");

  limits.memory_bytes = kPage;
  const auto refused = sandbox->execute(load_guest("hello.wasm"), {.limits = limits});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kMemoryAboveLimit);
}

// Of every row of the table: the sandbox's own value is allowed, a looser one is not.
TEST(RunLimits, MayNotBeLooser) {
  SandboxConfig config;
  for (const auto& setting : limit_settings()) {
    const std::uint64_t some = std::min(64 * kKiB, (setting.maximum - setting.minimum) / 2);
    if (setting.choices.empty()) setting.set(config.limits, setting.minimum + some);
  }
  const auto sandbox = make_sandbox(config);
  const Module module = load_guest("empty.wat");
  EXPECT_TRUE(sandbox->execute(module, {.limits = config.limits}).has_value());
  for (const auto& setting : limit_settings()) {
    Limits limits = config.limits;
    if (setting.choices.empty()) {
      setting.set(limits, *setting.get(limits) + 1);
    } else {
      setting.set(limits, setting.choices.front());
    }
    const auto result = sandbox->execute(module, {.limits = limits});
    ASSERT_FALSE(result.has_value()) << setting.field;
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidConfig);
    EXPECT_THAT(result.error().message, HasSubstr(setting.field));
  }
  Limits none = config.limits;
  none.wall_time = std::nullopt;
  EXPECT_FALSE(sandbox->execute(module, {.limits = none}).has_value());
}

TEST(MovedFrom, HandlesAbortWithAMessage) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Module module = load_guest("empty.wat");
        const Module taken = std::move(module);
        static_cast<void>(module.name());  // NOLINT: what is tested
      },
      "moved-from Module");
}

}  // namespace
}  // namespace mimobox::testing
