// Section "Output and input" of cases.toml: floods, callbacks that misbehave, exit codes.
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mimobox/settings.h"

#include "tests/security/configurations.h"

namespace mimobox::testing {
namespace {

using std::chrono::milliseconds;
using ::testing::EndsWith;

/// Writes `bytes` bytes at `a` to each of the streams in turn, for ever.
std::string flood(unsigned bytes, const std::vector<int>& streams) {
  std::string text = R"((module (import "wasi_snapshot_preview1" "fd_write"
      (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 32)
    (func (export "_start")
      (memory.fill (i32.const 64) (i32.const 97) (i32.const 1048576))
      (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const )" +
                     std::to_string(bytes) + ")) (loop $again ";
  for (const int stream : streams) {
    text += "(drop (call $write (i32.const " + std::to_string(stream) +
            ") (i32.const 0) (i32.const 1) (i32.const 8)))";
  }
  return text + "(br $again))))";
}

using Attack36 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack36);

TEST_P(Attack36, FloodsAreCutAndCountedAndEndAtTheDeadline) {
  SandboxConfig config = settings();
  config.limits.wall_time = milliseconds{200};
  config.limits.stdout_bytes = 1000;
  config.limits.stderr_bytes = 10;
  config.on_stdout_limit = OnOutputLimit::kKeepHeadAndTail;
  const auto box = sandbox(config);
  for (const std::string& guest : {flood(1 << 20, {1}), flood(1, {1}), flood(1, {1, 2, 2, 1})}) {
    const auto result = box->execute(text(guest).value());
    ASSERT_TRUE(result.has_value()) << result.error().message;
    EXPECT_EQ(result->verdict, Verdict::kTimeLimit);
    EXPECT_TRUE(result->out.truncated);
    EXPECT_GT(result->out.total_bytes, 10'000U);
    EXPECT_EQ(result->out.data, std::string(500, 'a'));
    EXPECT_EQ(result->out.tail, std::string(500, 'a'));
    EXPECT_LE(result->err.data.size(), 10U);
    EXPECT_EQ(result->metrics.calls(HostCallKind::kStreamWrite).bytes,
              result->out.total_bytes + result->err.total_bytes);
  }
}

TEST_P(Attack36, AFloodEndsTheRunWhereThatIsWanted) {
  SandboxConfig config = settings();
  config.limits.stderr_bytes = 1000;
  config.on_stderr_limit = OnOutputLimit::kEndRun;
  const auto result = sandbox(config)->execute(text(flood(7, {1, 2})).value());
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kOutputLimit);
  EXPECT_EQ(result->limit_hit, LimitHit::kStderrBytes);
  EXPECT_EQ(result->err.data.size(), 1000U);
  EXPECT_EQ(result->err.total_bytes, 1001U);
}

TEST_P(Attack36, TheEndOfALongLogIsKept) {
  SandboxConfig config = settings();
  config.limits.stdout_bytes = 64;
  config.on_stdout_limit = OnOutputLimit::kKeepHeadAndTail;
  std::string log = "begin\n";
  for (int line = 0; line < 100'000; ++line)
    log += "line " + std::to_string(line) + "\n";
  log += "error: here is why\n";
  const auto result = run("echo_stdin.wasm", {.input = InputBytes{log}}, config);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->out.data, log.substr(0, 32));
  EXPECT_EQ(result->out.tail, log.substr(log.size() - 32));
  EXPECT_THAT(result->out.tail, EndsWith("error: here is why\n"));
  EXPECT_EQ(result->out.total_bytes, log.size());
}

using Attack37 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack37);

TEST_P(Attack37, WhatACallbackThrowsEndsTheRun) {
  for (const bool standard : {true, false}) {
    const auto result = run("hello.wasm", {.output = OutputCallback{[&](auto) {
                                             if (standard)
                                               throw std::runtime_error("no more paper");
                                             throw 7;
                                           }}});
    ASSERT_TRUE(result.has_value()) << result.error().message;
    EXPECT_EQ(result->verdict, Verdict::kCallbackFailed);
    if (standard) {
      EXPECT_EQ(result->callback_error, "no more paper");
    }
  }
}

TEST_P(Attack37, ACallbackCannotComeBackInOrEndItsOwnSandbox) {
  const auto box = sandbox();
  const Module module = guest("hello.wasm");
  std::vector<ErrorCode> refusals;
  const auto result = box->execute(module, {.output = OutputCallback{[&](auto) {
                                              refusals.push_back(box->execute(module).error().code);
                                              refusals.push_back(box->destroy().error().code);
                                            }}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
  EXPECT_THAT(refusals, ::testing::Each(ErrorCode::kReentrant));
  EXPECT_FALSE(refusals.empty());
  EXPECT_TRUE(box->execute(module).has_value());
}

TEST_P(Attack37, ASlowCallbackIsTheRunsTime) {
  SandboxConfig config = settings();
  config.limits.wall_time = milliseconds{50};
  const auto result =
      run("flood_stdout.wasm",
          {.output = OutputCallback{[](auto) { std::this_thread::sleep_for(milliseconds{120}); }}},
          config);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kTimeLimit);
  EXPECT_GE(result->metrics.callback_time, milliseconds{100});
}

using Attack39 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack39);

TEST_P(Attack39, ExitCodesAreTheGuestsOwnFromWhereverTheyCome) {
  const Module module = guest("exit_code.wasm");
  for (const std::uint32_t code : {0U, 1U, 126U, 255U, 256U, 0x80000000U, 0xffffffffU}) {
    const auto result = sandbox()->execute(module, {.args = {std::to_string(code)}});
    ASSERT_TRUE(result.has_value()) << result.error().message;
    EXPECT_EQ(result->verdict, Verdict::kExited);
    EXPECT_EQ(result->exit_code, code);
  }
  EXPECT_EQ(run("exit_in_start.wat")->exit_code, 7U);
  const std::string nested = R"((module (import "wasi_snapshot_preview1" "proc_exit"
      (func $exit (param i32)))
    (memory (export "memory") 1)
    (func $deep (param i32)
      (if (i32.eqz (local.get 0)) (then (call $exit (i32.const 9))))
      (call $deep (i32.sub (local.get 0) (i32.const 1))))
    (func (export "_start") (call $deep (i32.const 100)) (unreachable))))";
  EXPECT_EQ(sandbox()->execute(text(nested).value())->exit_code, 9U);
}

TEST_P(Attack39, AnExitAfterTheStopIsTheStop) {
  SandboxConfig config = settings();
  config.limits.stdout_bytes = 10;
  config.on_stdout_limit = OnOutputLimit::kEndRun;
  const auto result = run("hello.wasm", {}, config);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kOutputLimit);
  EXPECT_FALSE(result->exit_code.has_value());
}

using Attack57 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack57);

TEST_P(Attack57, EachLimitIsEnforcedOrRefusedWhateverItsNumber) {
  const Module module = guest("hello.wasm");
  for (const Setting<Limits>& setting : limit_settings()) {
    for (const std::uint64_t value :
         {std::uint64_t{0}, std::uint64_t{1}, setting.minimum - 1, setting.minimum,
          setting.minimum + 1, setting.maximum - 1, setting.maximum, setting.maximum + 1,
          ~std::uint64_t{0}, ~std::uint64_t{0} >> 1U}) {
      SCOPED_TRACE(std::string(setting.field) + " " + std::to_string(value));
      SandboxConfig config = settings();
      setting.set(config.limits, value);
      const auto made = WasmSandbox::create(runtime(), config);
      ASSERT_EQ(made.has_value(), setting.check(setting.get(config.limits)).has_value());
      if (!made) {
        EXPECT_EQ(made.error().code, ErrorCode::kInvalidConfig);
        continue;
      }
      const auto result = (*made)->execute(module);
      if (!result) continue;  // refused by name
      if (result->verdict == Verdict::kExited) {
        EXPECT_EQ(result->exit_code, 0U);
      } else {
        EXPECT_NE(result->limit_hit, LimitHit::kNone);
      }
    }
  }
}

}  // namespace
}  // namespace mimobox::testing
