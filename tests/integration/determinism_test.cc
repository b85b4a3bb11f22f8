#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mimobox/config.h"
#include "mimobox/result.h"
#include "mimobox/run_request.h"

#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

SandboxConfig deterministic(Determinism determinism = {}) {
  return {.determinism = determinism};
}

/// The bytes that a module in the text format writes to standard output; its `_start` is `body`,
/// with the functions below at hand and 64 KiB of memory. What it writes is 16 to 16 + `count`.
std::string written_by(std::string_view body, std::uint32_t count, const SandboxConfig& config) {
  const std::string text = R"((module
    (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
    (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start") )" +
                           std::string(body) + R"(
      (i32.store (i32.const 0) (i32.const 16))
      (i32.store (i32.const 4) (i32.const )" +
                           std::to_string(count) + R"())
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))))";
  const auto module = load_text(text);
  EXPECT_TRUE(module.has_value()) << (module ? "" : module.error().message);
  const auto result = make_sandbox(config)->execute(module.value());
  EXPECT_TRUE(result.has_value());
  EXPECT_EQ(result->verdict, Verdict::kExited);
  return result->out.data;
}

std::uint64_t number_at(const std::string& bytes, std::size_t at) {
  std::uint64_t number = 0;
  for (std::size_t i = 8; i-- > 0;)
    number = number << 8 | static_cast<unsigned char>(bytes.at(at + i));
  return number;
}

constexpr std::string_view kReadClocks = R"(
      (drop (call $clock (i32.const 0) (i64.const 1) (i32.const 16)))
      (drop (call $clock (i32.const 1) (i64.const 1) (i32.const 24)))
      (drop (call $clock (i32.const 2) (i64.const 1) (i32.const 32)))
      (drop (call $clock (i32.const 3) (i64.const 1) (i32.const 40))))";

TEST(Determinism, ClocksBeginWhereAskedAndMoveByAMicrosecondAReading) {
  const auto start = seconds{1'577'836'800};
  const std::string out = written_by(kReadClocks, 32, deterministic({.start_time = start}));
  EXPECT_EQ(number_at(out, 0), static_cast<std::uint64_t>(nanoseconds(start).count()) + 1'000);
  EXPECT_EQ(number_at(out, 8), 2'000U);
  EXPECT_EQ(number_at(out, 16), 3'000U);
  EXPECT_EQ(number_at(out, 24), 4'000U);
}

TEST(Determinism, OrdinaryRunsHaveTheHostsClocks) {
  const std::string out = written_by(kReadClocks, 32, {});
  EXPECT_GT(number_at(out, 0), 1'577'836'800'000'000'000U);
  EXPECT_NE(number_at(out, 8), 2'000U);
}

constexpr std::string_view kReadRandom = "(drop (call $random (i32.const 16) (i32.const 32)))";

TEST(Determinism, TheSeedSaysWhichRandomBytes) {
  const std::string first = written_by(kReadRandom, 32, deterministic({.seed = 1}));
  EXPECT_EQ(written_by(kReadRandom, 32, deterministic({.seed = 1})), first);
  EXPECT_NE(written_by(kReadRandom, 32, deterministic({.seed = 2})), first);
  EXPECT_NE(written_by(kReadRandom, 32, {}), written_by(kReadRandom, 32, {}));
}

// 0.0 / 0.0 with the sign that the processor gives, and one that was negated.
constexpr std::string_view kMakeNans = R"(
      (f64.store (i32.const 16) (f64.div (f64.const 0) (f64.load (i32.const 100))))
      (i64.store (i32.const 104) (i64.const 0xFFF8000000001234))
      (f64.store (i32.const 24) (f64.add (f64.load (i32.const 104)) (f64.const 1))))";

TEST(Determinism, NansAreCanonical) {
  constexpr std::uint64_t kCanonical = 0x7FF8'0000'0000'0000;
  const std::string out = written_by(kMakeNans, 16, deterministic());
  EXPECT_EQ(number_at(out, 0), kCanonical);
  EXPECT_EQ(number_at(out, 8), kCanonical);
#ifdef __x86_64__
  EXPECT_NE(written_by(kMakeNans, 16, {}), out) << "the setting changes nothing";
#endif
}

/// A relaxed instruction, whose result its proposal leaves to the processor among a few.
struct RelaxedInstruction {
  std::string_view name;
  std::string_view body;        ///< gives a v128
  std::uint32_t deterministic;  ///< its first lane as the proposal's deterministic profile has it
  std::uint32_t of_x86_64;      ///< as one instruction of that processor has it
};

constexpr RelaxedInstruction kRelaxed[] = {
    {"swizzle by an index that is too large",
     "(i8x16.relaxed_swizzle (v128.const i32x4 0x11111111 0 0 0) "
     "(v128.const i32x4 0x10101010 0 0 0))",
     0, 0x11111111},
    {"a number of a NaN", "(i32x4.relaxed_trunc_f32x4_s (f32x4.splat (f32.load (i32.const 100))))",
     0, 0x80000000},
    {"a number of what is too large", "(i32x4.relaxed_trunc_f32x4_s (v128.const f32x4 1e20 0 0 0))",
     0x7FFFFFFF, 0x80000000},
    {"a number of what is negative, unsigned",
     "(i32x4.relaxed_trunc_f32x4_u (v128.const f32x4 -5 0 0 0))", 0, 0xFFFFFFFB},
    {"the smaller of 1 and a NaN",
     "(f32x4.relaxed_min (v128.const f32x4 nan 0 0 0) (v128.const f32x4 1 0 0 0))", 0x7FC00000,
     0x3F800000},
    {"the larger of -0 and 0",
     "(f32x4.relaxed_max (v128.const f32x4 0 0 0 0) "
     "(v128.const f32x4 -0 0 0 0))",
     0, 0x80000000},
    {"bytes chosen by a mask of some bits",
     "(i8x16.relaxed_laneselect (v128.const i32x4 -1 0 0 0) (v128.const i32x4 0 0 0 0) "
     "(v128.const i32x4 0x0F0F0F0F 0 0 0))",
     0x0F0F0F0F, 0},
    {"the product of -1 and -1 in 15 bits",
     "(i16x8.relaxed_q15mulr_s (v128.const i32x4 0x80008000 0 0 0) "
     "(v128.const i32x4 0x80008000 0 0 0))",
     0x7FFF7FFF, 0x80008000},
};

std::uint32_t first_lane(std::string_view body, const SandboxConfig& config) {
  const std::string out = written_by(
      "(i32.store (i32.const 100) (i32.const 0x7FC00000)) "
      "(v128.store (i32.const 16) " +
          std::string(body) + ")",
      16, config);
  return static_cast<std::uint32_t>(number_at(out, 0));
}

TEST(Determinism, RelaxedInstructionsHaveOneAnswer) {
  for (const RelaxedInstruction& instruction : kRelaxed) {
    SCOPED_TRACE(instruction.name);
    const std::uint32_t lane = first_lane(instruction.body, deterministic());
    EXPECT_EQ(lane, instruction.deterministic) << std::hex << lane;
  }
}

// Fused: one rounding, where a product and a sum would have two and give 0.
TEST(Determinism, RelaxedMultiplyAndAddIsFused) {
  constexpr std::string_view kBody =
      "(f32x4.relaxed_madd (v128.const f32x4 0x1.000002p0 0 0 0) "
      "(v128.const f32x4 0x1.000002p0 0 0 0) (v128.const f32x4 -0x1.000004p0 0 0 0))";
  EXPECT_EQ(first_lane(kBody, deterministic()), 0x28800000U);
}

#ifdef __x86_64__
// The setting changes something: what an ordinary run gives is as the processor has it.
TEST(Determinism, RelaxedInstructionsOfOrdinaryRunsAreTheProcessors) {
  int other_answers = 0;
  for (const RelaxedInstruction& instruction : kRelaxed) {
    SCOPED_TRACE(instruction.name);
    const std::uint32_t lane = first_lane(instruction.body, {});
    if (lane != instruction.deterministic) ++other_answers;
    EXPECT_TRUE(lane == instruction.of_x86_64 || lane == instruction.deterministic)
        << std::hex << lane;
  }
  EXPECT_GT(other_answers, 0) << "the setting changes nothing";
}
#endif

/// Sleeps on clock `id` for `time`, `flags` as in a subscription, and then reads the clocks.
std::string sleep_and_read(std::uint32_t id, std::uint64_t time, std::uint32_t flags) {
  return "(i32.store (i32.const 216) (i32.const " + std::to_string(id) + "))" +
         "(i64.store (i32.const 224) (i64.const " + std::to_string(time) + "))" +
         "(i32.store (i32.const 240) (i32.const " + std::to_string(flags) + "))" +
         "(drop (call $poll (i32.const 200) (i32.const 300) (i32.const 1) (i32.const 400)))" +
         std::string(kReadClocks);
}

TEST(Determinism, SleepsEndAtOnceAndTakeTheirLengthOfVirtualTime) {
  SandboxConfig config = deterministic({.start_time = seconds{0}});
  config.limits.wall_time = std::nullopt;  // nothing else would end it
  constexpr std::uint64_t kHour = 3'600'000'000'000;
  const std::string out = written_by(sleep_and_read(1, kHour, 0), 32, config);
  EXPECT_EQ(number_at(out, 0), kHour + 1'000);
  EXPECT_EQ(number_at(out, 8), kHour + 2'000);
  EXPECT_EQ(number_at(out, 16), 3'000U) << "a sleep takes no CPU time";
}

// The guest's own deadlines, from 0 to 2^64-1, of both clocks.
TEST(Determinism, SleepsOfAnyLengthEndAtOnce) {
  SandboxConfig config = deterministic({.start_time = seconds{5}});
  config.limits.wall_time = std::nullopt;
  constexpr std::uint64_t kEnd = ~std::uint64_t{0};
  for (const std::uint32_t clock : {0U, 1U}) {
    for (const std::uint32_t absolute : {0U, 1U}) {
      for (const std::uint64_t time :
           {std::uint64_t{0}, std::uint64_t{1}, kEnd / 2, kEnd - 1, kEnd}) {
        const std::string out = written_by(sleep_and_read(clock, time, absolute), 32, config);
        const std::uint64_t begin = clock == 0 ? 5'000'000'000 : 0;
        const std::uint64_t due = absolute != 0         ? std::max(time, begin)
                                  : time > kEnd - begin ? kEnd
                                                        : begin + time;
        EXPECT_GE(number_at(out, clock * 8), due) << clock << " " << absolute << " " << time;
      }
    }
  }
}

TEST(Determinism, TheWallLimitStays) {
  SandboxConfig config = deterministic();
  config.limits.wall_time = std::chrono::milliseconds{100};
  const auto result = run_guest("infinite_loop.wat", {}, config);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kTimeLimit);
}

// How deep a recursion may go is not: docs/determinism.md.
TEST(Determinism, IsTheSameForBothWaysOfStoppingGuests) {
  const Runtime by_checks = Runtime::create({.interrupt = Interrupt::kEpoch}).value();
  for (const char* const guest :
       {"learn.wasm", "random_clock.wasm", "allocate.wasm", "divide_by_zero.wasm",
        "grow_by_pages.wat", "bulk_fill.wat", "call_tree.wat"}) {
    SCOPED_TRACE(guest);
    SandboxConfig config = deterministic();
    config.limits.fuel = 100'000;
    const auto sandbox = WasmSandbox::create(by_checks, config).value();
    const auto checked = sandbox->execute(by_checks.load(guest_path(guest)).value());
    const auto usual = run_guest(guest, {}, config);
    ASSERT_TRUE(checked && usual);
    EXPECT_EQ(checked->verdict, usual->verdict);
    EXPECT_EQ(checked->exit_code, usual->exit_code);
    EXPECT_EQ(checked->trap, usual->trap);
    EXPECT_EQ(checked->out, usual->out);
    EXPECT_EQ(checked->metrics.fuel_used, usual->metrics.fuel_used);
    EXPECT_EQ(checked->metrics.host_calls, usual->metrics.host_calls);
  }
}

TEST(Determinism, AStartTimeOutOfBoundsIsAnErrorAtCreation) {
  const auto sandbox =
      WasmSandbox::create(shared_runtime(), deterministic({.start_time = seconds{-1}}));
  ASSERT_FALSE(sandbox.has_value());
  EXPECT_EQ(sandbox.error().message,
            "start_time is negative; allowed: 1970-01-01T00:00:00Z to 2200-01-01T00:00:00Z");
}

}  // namespace
}  // namespace mimobox::testing
