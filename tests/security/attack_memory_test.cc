// Section "Memory" of cases.toml: what a guest takes stays within its limits, and comes back.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/process_size.h"
#include "tests/security/configurations.h"

namespace mimobox::testing {
namespace {

using ::testing::HasSubstr;

using Attack11 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack11);

TEST_P(Attack11, GrowthEndsAtTheLimit) {
  SandboxConfig config = settings();
  config.limits.memory_bytes = 8 * kMiB;
  // Grows page by page until it is denied, a hundred times.
  const std::string guest = R"((module (memory (export "memory") 1)
    (func (export "_start") (local $denied i32)
      (loop $again
        (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1))
          (then (local.set $denied (i32.add (local.get $denied) (i32.const 1)))))
        (br_if $again (i32.lt_u (local.get $denied) (i32.const 100)))))))";
  auto result = sandbox(config)->execute(text(guest).value());
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
  EXPECT_EQ(result->limit_hit, LimitHit::kMemoryBytes);
  EXPECT_EQ(result->metrics.peak_memory_bytes, 8 * kMiB);
  EXPECT_EQ(result->metrics.denied_grows, 100U);

  config.on_memory_denied = OnMemoryDenied::kEndRun;
  result = sandbox(config)->execute(text(guest).value());
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kMemoryLimit);
  EXPECT_EQ(result->metrics.denied_grows, 1U);
}

TEST_P(Attack11, AMemoryThatStartsAboveTheLimitIsRefusedAndAMaximumAboveItIsNot) {
  SandboxConfig config = settings();
  config.limits.memory_bytes = kMiB;
  const auto start = [&](const std::string& memory) {
    return sandbox(config)->execute(
        text("(module (memory (export \"memory\") " + memory + ") (func (export \"_start\")))")
            .value());
  };
  EXPECT_EQ(start("16")->verdict, Verdict::kExited);
  EXPECT_EQ(start("16 65536")->verdict, Verdict::kExited);
  for (const char* above : {"17", "17 17", "65536"}) {
    const auto refused = start(above);
    ASSERT_FALSE(refused.has_value()) << above;
    EXPECT_EQ(refused.error().code, ErrorCode::kMemoryAboveLimit);
  }
}

TEST_P(Attack11, ManyMemoriesAndLargeOnesAreRefusedByName) {
  std::string many = "(module";
  for (int i = 0; i < 100; ++i)
    many += " (memory 1)";
  const auto memories = text(many + " (func (export \"_start\")))");
  ASSERT_FALSE(memories.has_value());
  EXPECT_THAT(memories.error().message, HasSubstr("multi-memory"));
  const auto wide = text("(module (memory i64 65537) (func (export \"_start\")))");
  ASSERT_FALSE(wide.has_value());
  EXPECT_THAT(wide.error().message, HasSubstr("memory64"));
}

using Attack12 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack12);

TEST_P(Attack12, TablesGrowToTheLimitAndNoFurther) {
  SandboxConfig config = settings();
  config.limits.table_elements = 10'000;
  const std::string guest = R"((module (memory (export "memory") 1) (table $t 1 funcref)
    (func (export "main") (result i32) (local $i i32)
      (if (i32.ne (table.grow $t (ref.null func) (i32.const -1)) (i32.const -1)) (then (return (i32.const 1))))
      (loop $again
        (drop (table.grow $t (ref.null func) (i32.const 100)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $i) (i32.const 1000))))
      (i32.const 0))))";
  const auto result = sandbox(config)->execute(text(guest).value());
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->exit_code, 0U);
  EXPECT_EQ(result->limit_hit, LimitHit::kTableElements);
  EXPECT_EQ(result->metrics.peak_table_elements, 9'901U);
  EXPECT_EQ(result->metrics.denied_table_grows, 1 + 1000 - 99U);
}

TEST_P(Attack12, HugeAndManyTablesAreRefusedByName) {
  const auto start = [&](const std::string& tables) -> SandboxError {
    const auto module =
        text("(module (memory (export \"memory\") 1) " + tables + " (func (export \"_start\")))");
    if (!module) return module.error();
    const auto result = sandbox()->execute(*module);
    return result ? SandboxError{} : result.error();
  };
  std::string many;
  for (int i = 0; i < 10'000; ++i)
    many += "(table 1 funcref)";
  EXPECT_EQ(start("(table 4294967295 funcref)").code, ErrorCode::kModuleTooLarge);
  EXPECT_EQ(start("(table 1048577 funcref)").code, ErrorCode::kModuleTooLarge);
  EXPECT_EQ(start("(table 524288 funcref) (table 524289 funcref)").code,
            ErrorCode::kModuleTooLarge);
  EXPECT_EQ(start(many).code, ErrorCode::kModuleTooLarge);
}

using Attack13 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack13);

TEST_P(Attack13, RecursionOfAnyShapeIsAStackOverflow) {
  std::string locals = "(module (memory (export \"memory\") 1) (func $f (param i64) (local";
  for (int i = 0; i < 49'000; ++i)
    locals += " i64";
  locals +=
      ") (call $f (i64.add (local.get 0) (i64.const 1)))) (func (export \"_start\") (call $f "
      "(i64.const 0))))";
  const std::vector<std::string> guests = {
      "(module (memory (export \"memory\") 1) (func $f (export \"_start\") (call $f)))",
      R"((module (memory (export "memory") 1)
           (func $a (call $b)) (func $b (call $c)) (func $c (call $a))
           (func (export "_start") (call $a))))",
      // By way of a host call in each level.
      R"((module (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
           (memory (export "memory") 1)
           (func $f (export "_start") (drop (call $yield)) (call $f))))",
      // By way of a table.
      R"((module (memory (export "memory") 1) (table funcref (elem $f)) (type $t (func))
           (func $f (export "_start") (call_indirect (type $t) (i32.const 0)))))",
      locals};
  for (const std::string& guest : guests) {
    const auto result = sandbox()->execute(text(guest).value());
    ASSERT_TRUE(result.has_value()) << result.error().message;
    EXPECT_EQ(result->verdict, Verdict::kStackOverflow);
    EXPECT_EQ(result->limit_hit, LimitHit::kStackBytes);
  }
}

using Attack15 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack15);

TEST_P(Attack15, GuestsThatTouchAllTheirMemoryStayWithinTheirLimitsTogether) {
#ifdef MIMOBOX_TEST_SANITIZED
  GTEST_SKIP() << "a sanitizer has memory of its own";
#endif
  constexpr std::size_t kGuests = 6;
  SandboxConfig config = settings();
  config.limits.memory_bytes = 32 * kMiB;
  const auto box = sandbox(config);
  const Module module = guest("allocate.wasm");
  ASSERT_TRUE(box->execute(module, {.args = {"1"}}).has_value());
  const std::size_t before = resident_bytes();
  std::size_t most = 0;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kGuests; ++i) {
      // Says at its end how much it got, while it still has it.
      threads.emplace_back([&] {
        static_cast<void>(box->execute(
            module, {.args = {"100"}, .output = OutputCallback{[](auto) {
                                        std::this_thread::sleep_for(std::chrono::milliseconds{200});
                                      }}}));
      });
    }
    for (int look = 0; look < 100; ++look) {
      most = std::max(most, resident_bytes());
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
  }
  const std::size_t overhead = 64 * kMiB;
  EXPECT_GT(most, before + 32 * kMiB) << "nobody touched anything";
  EXPECT_LE(most, before + kGuests * 32 * kMiB + overhead);
  EXPECT_LE(resident_bytes(), before + overhead);
}

}  // namespace
}  // namespace mimobox::testing
