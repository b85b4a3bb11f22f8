#include "engine/instance.h"

#include <chrono>
#include <csignal>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "tests/unit/engine/run_code.h"

namespace mimobox::engine {
namespace {

using testing::compile_text;
using testing::Ended;
using testing::kLimits;
using testing::kStackBytes;
using testing::make_engine;
using testing::run_code;

constexpr EngineKey kKey{.code = {}, .stack_bytes = kStackBytes};

Result<std::shared_ptr<const Code>> compile(const EngineKey& key, std::string_view text) {
  return compile_text(*make_engine(key), text);
}

Ended run(const Code& code, const GuestLimits& limits = kLimits,
          std::optional<std::chrono::milliseconds> wall = std::nullopt) {
  const auto interrupter = std::move(*Interrupter::create());
  return run_code(*interrupter, code, limits, wall);
}

TEST(Instance, HostFunctionsSeeArgumentsContextAndMemory) {
  const auto code = compile(kKey, R"((module
    (import "test" "note" (func $note (param i64) (result i32)))
    (memory (export "memory") 2)
    (func (export "_start")
      (if (i32.ne (call $note (i64.const 0x1122334455667788)) (i32.const 7))
        (then unreachable)))))");
  ASSERT_TRUE(code.has_value()) << code.error().message;
  const Ended result = run(**code);
  EXPECT_EQ(result.outcome->end, GuestEnd::kReturned);
  EXPECT_EQ(result.record.value, 0x1122334455667788U);
  EXPECT_EQ(result.record.memory_bytes, 2U * 65536);
}

TEST(Instance, AGuestWithoutMemoryShowsNoneToTheHost) {
  const auto code = compile(kKey, R"((module
    (import "test" "note" (func $note (param i64) (result i32)))
    (func (export "_start") (drop (call $note (i64.const 1))))))");
  const Ended result = run(**code);
  EXPECT_EQ(result.outcome->end, GuestEnd::kReturned);
  EXPECT_EQ(result.record.memory_bytes, 0U);
}

TEST(Instance, AHostCallMayEndTheGuestInTheStartFunctionToo) {
  const auto code = compile(kKey, R"((module
    (import "test" "leave" (func $leave))
    (func $begin (call $leave) unreachable) (start $begin)
    (func (export "_start"))))");
  EXPECT_EQ(run(**code).outcome->end, GuestEnd::kExited);
}

TEST(Instance, MemoryUpToTheLimitIsGrantedAndThenDenied) {
  const auto code = compile(kKey, R"((module
    (import "test" "note" (func $note (param i64) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start")
      (drop (call $note (i64.extend_i32_s (memory.grow (i32.const 16)))))
      (if (i32.eq (memory.grow (i32.const 15)) (i32.const -1)) (then unreachable)))))");
  const Ended result = run(**code);
  EXPECT_EQ(result.outcome->end, GuestEnd::kReturned);
  EXPECT_EQ(static_cast<std::int64_t>(result.record.value), -1);
  EXPECT_EQ(result.outcome->denied_grows, 1U);
  EXPECT_FALSE(result.outcome->last_grow_denied);
  EXPECT_EQ(result.outcome->peak_memory_bytes, 16U * 65536);
}

TEST(Instance, AMinimumAboveTheLimitIsRefusedByName) {
  const auto code = compile(kKey, R"((module (memory 17) (func (export "_start"))))");
  const Ended result = run(**code);
  ASSERT_FALSE(result.outcome.has_value());
  EXPECT_EQ(result.outcome.error().code, ErrorCode::kMemoryAboveLimit);
}

TEST(Instance, TablesCountTogether) {
  const auto code = compile(kKey, R"((module (table 600 funcref) (table $t 0 funcref)
    (func (export "_start")
      (if (i32.ne (table.grow $t (ref.null func) (i32.const 401)) (i32.const -1)) (then unreachable))
      (if (i32.ne (table.grow $t (ref.null func) (i32.const 400)) (i32.const 0)) (then unreachable)))))");
  EXPECT_EQ(run(**code).outcome->end, GuestEnd::kReturned);
}

TEST(InstanceConcurrent, ALoopEndsAtTheDeadlineAndIsNoTrap) {
  const auto code = compile(kKey, R"((module (func (export "_start") (loop $l (br $l)))))");
  const Ended result = run(**code, kLimits, std::chrono::milliseconds{20});
  EXPECT_EQ(result.outcome->end, GuestEnd::kStopped);
  EXPECT_FALSE(result.outcome->trap.has_value());
  EXPECT_EQ(result.stop_reason, std::to_underlying(StopReason::kTimeLimit));
}

TEST(InstanceConcurrent, GrowingForEverEndsAtTheDeadline) {
  const auto code = compile(kKey, R"((module (memory 1)
    (func (export "_start") (loop $l (drop (memory.grow (i32.const 0))) (br $l)))))");
  EXPECT_EQ(run(**code, kLimits, std::chrono::milliseconds{20}).outcome->end, GuestEnd::kStopped);
}

TEST(Instance, MeteredCodeCountsFuelTheSameEveryTimeAndEndsWithoutIt) {
  EngineKey metered = kKey;
  metered.code.metered = true;
  constexpr std::string_view kLoop = R"((module (func (export "_start") (local $i i32)
    (loop $l (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (i32.const 1000)))))))";
  const auto code = compile(metered, kLoop);
  const Ended first = run(**code);
  const Ended second = run(**code);
  EXPECT_EQ(first.outcome->end, GuestEnd::kReturned);
  EXPECT_GT(first.outcome->fuel_used, 1000U);
  EXPECT_EQ(first.outcome->fuel_used, second.outcome->fuel_used);

  GuestLimits scarce = kLimits;
  scarce.fuel = *first.outcome->fuel_used / 2;
  EXPECT_EQ(run(**code, scarce).outcome->end, GuestEnd::kOutOfFuel);
  EXPECT_EQ(run(**compile(kKey, kLoop)).outcome->fuel_used, std::nullopt);
}

TEST(Instance, DeterministicCodeHasOneNan) {
  EngineKey deterministic = kKey;
  deterministic.code.deterministic = true;
  // A NaN with its own payload and sign goes through an addition.
  constexpr std::string_view kNan = R"((module
    (import "test" "note" (func $note (param i64) (result i32)))
    (global $nan (mut f64) (f64.const -nan:0x8000000001234))
    (func (export "_start")
      (drop (call $note (i64.reinterpret_f64 (f64.add (global.get $nan) (f64.const 1))))))))";
  EXPECT_EQ(run(**compile(deterministic, kNan)).record.value, 0x7ff8000000000000U);
  EXPECT_NE(run(**compile(kKey, kNan)).record.value, 0x7ff8000000000000U);
}

TEST(Instance, AnArtifactServesAnEngineWithAnotherStackAndNoneWithOtherCode) {
  const auto code = compile(kKey, R"((module (func (export "_start"))))");
  const auto artifact = (*code)->artifact();
  EngineKey deeper = kKey;
  deeper.stack_bytes *= 2;
  const auto loaded = Code::load(*make_engine(deeper), *artifact);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_EQ(run(**loaded).outcome->end, GuestEnd::kReturned);

  EngineKey metered = kKey;
  metered.code.metered = true;
  EXPECT_FALSE(Code::load(*make_engine(metered), *artifact).has_value());
}

TEST(Instance, AForeignImportIsNamed) {
  const auto code =
      compile(kKey, R"((module (import "env" "system" (func)) (func (export "_start"))))");
  ASSERT_FALSE(code.has_value());
  EXPECT_EQ(code.error().code, ErrorCode::kUnsupportedImport);
  EXPECT_NE(code.error().message.find("\"system\""), std::string::npos);
  EXPECT_NE(code.error().message.find("\"env\""), std::string::npos);
}

TEST(Instance, AnImportOfAnotherTypeIsRefused) {
  const auto code = compile(
      kKey, R"((module (import "test" "leave" (func (param i32))) (func (export "_start"))))");
  ASSERT_FALSE(code.has_value());
  EXPECT_EQ(code.error().code, ErrorCode::kUnsupportedImport);
}

}  // namespace
}  // namespace mimobox::engine
