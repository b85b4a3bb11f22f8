// Section "Time" of cases.toml: whatever a guest does, its wall time and its CPU time end it.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/security/configurations.h"

namespace mimobox::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr milliseconds kLimit{100};

SandboxConfig with_wall(SandboxConfig config, nanoseconds wall = kLimit) {
  config.limits.wall_time = wall;
  return config;
}

SandboxConfig with_cpu(SandboxConfig config, nanoseconds cpu = kLimit) {
  config.limits.wall_time = std::chrono::minutes{2};
  config.limits.cpu_time = cpu;
  return config;
}

void expect_time_limit(const Result<RunResult>& result, nanoseconds limit = kLimit) {
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kTimeLimit);
  EXPECT_EQ(result->limit_hit, LimitHit::kWallTime);
  EXPECT_GE(result->metrics.wall_time, limit);
  EXPECT_LE(result->metrics.wall_time, limit + kDeadlineSlack);
}

void expect_cpu_limit(const Result<RunResult>& result) {
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kCpuTimeLimit);
  EXPECT_EQ(result->limit_hit, LimitHit::kCpuTime);
  EXPECT_LE(*result->metrics.cpu_time, kLimit + kDeadlineSlack);
}

/// A text module whose `_start` is this body for ever.
std::string endless(const std::string& body, const std::string& fields = "") {
  return "(module (memory (export \"memory\") 1024) " + fields +
         " (func (export \"_start\") (loop $again " + body + " (br $again))))";
}

using Attack01 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack01);

TEST_P(Attack01, AnEmptyLoopMeetsTheTimeLimit) {
  expect_time_limit(run("infinite_loop.wat", {}, with_wall(settings())));
  expect_cpu_limit(run("infinite_loop.wat", {}, with_cpu(settings())));
}

/// Polls for `count` clocks at once and returns the errno.
std::string poll_module(std::uint64_t timeout, unsigned clock, unsigned flags, unsigned count) {
  return R"((module (import "wasi_snapshot_preview1" "poll_oneoff"
      (func $poll (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 8)
    (func (export "main") (result i32) (local $at i32)
      (loop $next
        (i32.store offset=16 (local.get $at) (i32.const )" +
         std::to_string(clock) + R"())
        (i64.store offset=24 (local.get $at) (i64.const )" +
         std::to_string(timeout) + R"())
        (i32.store16 offset=40 (local.get $at) (i32.const )" +
         std::to_string(flags) + R"())
        (local.set $at (i32.add (local.get $at) (i32.const 48)))
        (br_if $next (i32.lt_u (local.get $at) (i32.const )" +
         std::to_string(count * 48) + R"())))
      (call $poll (i32.const 0) (i32.const 262144) (i32.const )" +
         std::to_string(count) + R"() (i32.const 524000)))))";
}

using Attack02 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack02);

constexpr unsigned kRealtime = 0;
constexpr unsigned kMonotonic = 1;
constexpr unsigned kRelative = 0;
constexpr unsigned kAbsolute = 1;
constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

TEST_P(Attack02, SleepsOfAnyLengthEndAtTheDeadline) {
  const auto box = sandbox(with_wall(settings(), milliseconds{50}));
  for (const std::uint64_t timeout : {std::uint64_t{10'000'000'000}, std::uint64_t{1} << 62U,
                                      kMost / 2, kMost / 2 + 1, kMost - 1, kMost}) {
    for (const unsigned flags : {kRelative, kAbsolute}) {
      for (const unsigned clock : {kRealtime, kMonotonic}) {
        // 10 s after 1970, or after the machine started, is over.
        if (flags == kAbsolute && timeout < kMost / 4) continue;
        for (const unsigned count : {1U, 4096U}) {
          SCOPED_TRACE(std::to_string(timeout) + " " + std::to_string(count));
          const Module module = text(poll_module(timeout, clock, flags, count)).value();
          const Result<RunResult> result = box->execute(module);
          // Virtual clocks jump to the end of a sleep that has one.
          if (settings().determinism && result && result->exit_code == 0U) continue;
          expect_time_limit(result, milliseconds{50});
        }
      }
    }
  }
}

TEST_P(Attack02, SleepsThatAreOverDoNotWait) {
  const auto box = sandbox(with_wall(settings(), std::chrono::seconds{20}));
  for (const std::uint64_t timeout : {0, 1, 2, 1'000, 1'000'000}) {
    for (const unsigned flags : {kRelative, kAbsolute}) {
      for (const unsigned clock : {kRealtime, kMonotonic}) {
        const Module module = text(poll_module(timeout, clock, flags, 1)).value();
        const Result<RunResult> result = box->execute(module);
        ASSERT_TRUE(result.has_value()) << result.error().message;
        EXPECT_EQ(result->exit_code, 0U) << timeout;
      }
    }
  }
}

using Attack03 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack03);

TEST_P(Attack03, MillionsOfTheShortestSleepsAreCounted) {
  const std::string text_of_guest = R"((module (import "wasi_snapshot_preview1" "poll_oneoff"
      (func $poll (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start")
      (i64.store (i32.const 24) (i64.const 1)) (i32.store (i32.const 16) (i32.const 1))
      (loop $again
        (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))
        (br $again)))))";
  const Module module = text(text_of_guest).value();
  const Result<RunResult> wall = sandbox(with_wall(settings()))->execute(module);
  expect_time_limit(wall);
  EXPECT_GT(wall->metrics.calls(HostCallKind::kPoll).calls, 10U);
  EXPECT_GT(*wall->metrics.cpu_time, nanoseconds{0});
  expect_cpu_limit(sandbox(with_cpu(settings(), milliseconds{20}))->execute(module));
}

using Attack04 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack04);

TEST_P(Attack04, InputThatNeverComesEndsAtTheDeadline) {
  const Pipe input;
  for (const char* guest : {"read_forever.wasm", "poll_stdin.wasm"}) {
    // To a deterministic guest its input always seems ready.
    if (settings().determinism && guest == std::string_view("poll_stdin.wasm")) continue;
    expect_time_limit(
        run(guest, {.input = InputDescriptor{input.reader()}}, with_wall(settings())));
  }
}

TEST_P(Attack04, InputThatClosesHalfWayIsItsEnd) {
  Pipe input;
  input.write("half");
  input.close_writer();
  const auto result = run("echo_stdin.wasm", {.input = InputDescriptor{input.reader()}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->exit_code, 0U);
  EXPECT_EQ(result->out.data, "half");
}

using Attack06 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack06);

TEST_P(Attack06, LoopsBeforeTheEntryPointEndAtTheDeadline) {
  const std::string in_initialize = R"((module (memory (export "memory") 1)
    (func (export "_initialize") (loop $again (br $again))) (func (export "main"))))";
  const std::string in_data_setup =
      R"((module (memory (export "memory") 100) (data $bytes "0123456789")
    (func $start (loop $again (memory.init $bytes (i32.const 0) (i32.const 0) (i32.const 10))
      (br $again)))
    (start $start) (func (export "_start"))))";
  expect_time_limit(run("loop_in_start.wat", {}, with_wall(settings())));
  expect_cpu_limit(run("loop_in_start.wat", {}, with_cpu(settings())));
  for (const std::string& guest : {in_initialize, in_data_setup}) {
    const Module module = text(guest).value();
    expect_time_limit(sandbox(with_wall(settings()))->execute(module));
    expect_cpu_limit(sandbox(with_cpu(settings()))->execute(module));
  }
}

using Attack07 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack07);

TEST_P(Attack07, ATreeOfCallsEndsAtTheDeadline) {
  expect_time_limit(run("call_tree.wat", {}, with_wall(settings())));
  expect_cpu_limit(run("call_tree.wat", {}, with_cpu(settings())));
}

TEST_P(Attack07, EndlessWorkOnMemoryAndTablesEndsAtTheDeadline) {
  const std::string table = "(table $t 1000000 funcref) (elem $e func 0)";
  const std::vector<std::string> guests = {
      endless("(memory.fill (i32.const 0) (i32.const 1) (i32.const 16777216))"),
      endless("(memory.copy (i32.const 1) (i32.const 0) (i32.const 16777216))"),
      endless("(drop (memory.grow (i32.const 0)))"),
      endless("(table.fill $t (i32.const 0) (ref.null func) (i32.const 1000000))", table),
      endless("(table.copy $t $t (i32.const 1) (i32.const 0) (i32.const 999999))", table),
      endless("(drop (table.grow $t (ref.null func) (i32.const 0)))", table),
      endless("(elem.drop $e)", table),
  };
  for (const std::string& guest : guests) {
    SCOPED_TRACE(guest);
    const Module module = text(guest).value();
    expect_time_limit(sandbox(with_wall(settings()))->execute(module));
    expect_cpu_limit(sandbox(with_cpu(settings()))->execute(module));
  }
}

using Attack09Concurrent = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack09Concurrent);

TEST_P(Attack09Concurrent, CancellingAtAnyMomentEndsTheRun) {
  SandboxConfig config = settings();
  config.limits.wall_time = std::nullopt;
  const auto box = sandbox(config);
  const Module module = guest("infinite_loop.wat");
  for (int round = 0; round < 100; ++round) {
    std::stop_source stop;
    std::jthread canceller([&] {
      for (std::atomic<int> spin{0}; spin < round * 300; ++spin) {
      }
      stop.request_stop();
    });
    const auto result = box->execute(module, {.stop = stop.get_token()});
    ASSERT_TRUE(result.has_value()) << result.error().message;
    ASSERT_EQ(result->verdict, Verdict::kCancelled);
  }
  std::stop_source before;
  before.request_stop();
  EXPECT_EQ(box->execute(module, {.stop = before.get_token()})->verdict, Verdict::kCancelled);
}

using Attack10 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack10);

TEST_P(Attack10, DeadlinesOfAnyNumberAreMetOrRefused) {
  for (const nanoseconds refused :
       {nanoseconds{0}, nanoseconds{-1}, nanoseconds::max(), nanoseconds::min(),
        nanoseconds(std::chrono::hours{24}) + nanoseconds{1}}) {
    for (const SandboxConfig& config :
         {with_wall(settings(), refused), with_cpu(settings(), refused)}) {
      const auto made = WasmSandbox::create(runtime(), config);
      ASSERT_FALSE(made.has_value()) << refused.count();
      EXPECT_EQ(made.error().code, ErrorCode::kInvalidConfig);
    }
  }
  for (const nanoseconds shortest : {nanoseconds{1}, nanoseconds{milliseconds{1}}}) {
    expect_time_limit(run("infinite_loop.wat", {}, with_wall(settings(), shortest)), shortest);
    const auto cpu = run("infinite_loop.wat", {}, with_cpu(settings(), shortest));
    ASSERT_TRUE(cpu.has_value()) << cpu.error().message;
    EXPECT_EQ(cpu->verdict, Verdict::kCpuTimeLimit);
  }
  for (const SandboxConfig& config : {with_wall(settings(), std::chrono::hours{24}),
                                      with_cpu(settings(), std::chrono::hours{24})}) {
    EXPECT_EQ(run("hello.wasm", {}, config)->verdict, Verdict::kExited);
  }
}

}  // namespace
}  // namespace mimobox::testing
