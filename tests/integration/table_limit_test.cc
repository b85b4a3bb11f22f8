// Tables, and what becomes of a grow that is denied.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using ::testing::HasSubstr;

// Grows its table by 100 elements and returns 7 if that was denied.
constexpr const char* kGrowTable = R"((module (memory (export "memory") 1)
  (table $t 20 funcref)
  (func (export "main") (result i32)
    (if (result i32) (i32.eq (table.grow $t (ref.null func) (i32.const 100)) (i32.const -1))
      (then (i32.const 7)) (else (i32.const 0)))))
)";

Result<RunResult> run_text(const char* text, const SandboxConfig& config) {
  return make_sandbox(config)->execute(load_text(text).value());
}

TEST(WasmSandboxTables, ElementsGrowUpToTheLimit) {
  const auto result = run_text(kGrowTable, {.limits = {.table_elements = 120}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->exit_code, 0U);
  EXPECT_EQ(result->metrics.peak_table_elements, 120U);
  EXPECT_EQ(result->metrics.denied_table_grows, 0U);
  EXPECT_EQ(result->limit_hit, LimitHit::kNone);
}

TEST(WasmSandboxTables, AGrowBeyondTheLimitIsDeniedAndCounted) {
  const auto result = run_text(kGrowTable, {.limits = {.table_elements = 119}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->exit_code, 7U);
  EXPECT_EQ(result->metrics.peak_table_elements, 20U);
  EXPECT_EQ(result->metrics.denied_table_grows, 1U);
  EXPECT_EQ(result->limit_hit, LimitHit::kTableElements);
}

TEST(WasmSandboxTables, AGrowBeyondTheLimitEndsTheRunWhereThatIsWanted) {
  SandboxConfig config{.limits = {.table_elements = 119},
                       .on_memory_denied = OnMemoryDenied::kEndRun};
  auto result = run_text(kGrowTable, config);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kMemoryLimit);
  EXPECT_EQ(result->limit_hit, LimitHit::kTableElements);
  EXPECT_FALSE(result->exit_code.has_value());
  config.limits.table_elements = 120;
  EXPECT_EQ(run_text(kGrowTable, config)->exit_code, 0U);
}

TEST(WasmSandboxTables, ThatStartAboveTheLimitAreRefused) {
  const auto result = run_text(kGrowTable, {.limits = {.table_elements = 19}});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kModuleTooLarge);
  EXPECT_THAT(result.error().message, HasSubstr("(table_elements)"));
}

TEST(WasmSandboxTables, AreCounted) {
  const char* two = R"((module (memory (export "memory") 1) (table 1 funcref) (table 1 funcref)
                        (func (export "_start"))))";
  EXPECT_EQ(run_text(two, {.limits = {.tables = 2}})->verdict, Verdict::kExited);
  const auto refused = run_text(two, {.limits = {.tables = 1}});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kModuleTooLarge);
  EXPECT_THAT(refused.error().message, HasSubstr("2 tables"));
  EXPECT_EQ(run_guest("empty.wat", {}, {.limits = {.tables = 0}})->verdict, Verdict::kExited);
}

TEST(WasmSandboxTables, AModulesOwnBoundIsNoneOfOurs) {
  const char* text = R"((module (memory (export "memory") 1 2) (table $t 1 2 funcref)
    (func (export "main") (result i32)
      (i32.and (i32.eq (memory.grow (i32.const 9)) (i32.const -1))
               (i32.eq (table.grow $t (ref.null func) (i32.const 9)) (i32.const -1))))))";
  const auto result = run_text(text, {.on_memory_denied = OnMemoryDenied::kEndRun});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->exit_code, 1U);
  EXPECT_EQ(result->metrics.denied_grows + result->metrics.denied_table_grows, 0U);
  EXPECT_EQ(result->limit_hit, LimitHit::kNone);
}

// Raising the larger one would not help.
TEST(WasmSandboxTables, AModulesOwnBoundComesFirstWhereItIsTheSmallerOne) {
  const char* text = R"((module (memory (export "memory") 1 2) (table $t 1 2 funcref)
    (func (export "main") (result i32)
      (i32.and (i32.eq (memory.grow (i32.const 9)) (i32.const -1))
               (i32.eq (table.grow $t (ref.null func) (i32.const 9)) (i32.const -1))))))";
  SandboxConfig config{.limits = {.memory_bytes = 3 * kPage, .table_elements = 3}};
  const auto own = run_text(text, config);
  ASSERT_TRUE(own.has_value()) << own.error().message;
  EXPECT_EQ(own->exit_code, 1U);
  EXPECT_EQ(own->metrics.denied_grows + own->metrics.denied_table_grows, 0U);
  EXPECT_EQ(own->limit_hit, LimitHit::kNone);
  config.limits = {.memory_bytes = kPage, .table_elements = 1};
  const auto ours = run_text(text, config);
  ASSERT_TRUE(ours.has_value()) << ours.error().message;
  EXPECT_EQ(ours->metrics.denied_grows, 1U);
  EXPECT_EQ(ours->metrics.denied_table_grows, 1U);
}

TEST(WasmSandboxTables, MayHaveMoreElementsThanASlotOfThePool) {
  constexpr std::uint64_t kMost = 10'000'000;
  const char* text = R"((module (memory (export "memory") 1) (table $t 0 funcref)
    (func (export "main") (result i32) (table.grow $t (ref.null func) (i32.const 10000000)))))";
  const auto enough = run_text(text, {.limits = {.table_elements = kMost}});
  ASSERT_TRUE(enough.has_value()) << enough.error().message;
  EXPECT_EQ(enough->exit_code, 0U);
  EXPECT_EQ(enough->metrics.peak_table_elements, kMost);
  const auto too_few = run_text(text, {.limits = {.table_elements = kMost - 1}});
  ASSERT_TRUE(too_few.has_value()) << too_few.error().message;
  EXPECT_EQ(too_few->metrics.denied_table_grows, 1U);
  EXPECT_EQ(too_few->limit_hit, LimitHit::kTableElements);
}

TEST(WasmSandboxMemory, ADeniedGrowEndsTheRunWhereThatIsWanted) {
  SandboxConfig config{.limits = {.memory_bytes = kMiB - kPage},
                       .on_memory_denied = OnMemoryDenied::kEndRun};
  auto result = run_guest("grow_by_pages.wat", {}, config);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kMemoryLimit);
  EXPECT_EQ(result->limit_hit, LimitHit::kMemoryBytes);
  EXPECT_EQ(result->metrics.denied_grows, 1U);
  EXPECT_EQ(result->metrics.peak_memory_bytes, kPage);
  config.limits.memory_bytes = kMiB;
  EXPECT_EQ(run_guest("grow_by_pages.wat", {}, config)->exit_code, 0U);
}

TEST(WasmSandboxMemory, ADeniedGrowOfTheStartFunctionEndsTheRunToo) {
  const char* text = R"((module (memory (export "memory") 0)
    (func $start (drop (memory.grow (i32.const 100)))) (start $start) (func (export "_start"))))";
  SandboxConfig config{.limits = {.memory_bytes = 99 * kPage},
                       .on_memory_denied = OnMemoryDenied::kEndRun};
  const auto result = run_text(text, config);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kMemoryLimit);
  config.on_memory_denied = OnMemoryDenied::kFailGrow;
  EXPECT_EQ(run_text(text, config)->verdict, Verdict::kExited);
  EXPECT_EQ(run_text(text, config)->limit_hit, LimitHit::kMemoryBytes);
}

TEST(WasmSandboxMemory, MoreThanAnyMemoryCanHaveIsDeniedToo) {
  const char* text = R"((module (memory (export "memory") 1)
    (func (export "main") (result i32) (memory.grow (i32.const -1)))))";
  const auto result = run_text(text, {.limits = {.memory_bytes = 4096 * kMiB}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->exit_code, 0xffffffffU);
  EXPECT_EQ(result->metrics.denied_grows, 1U);
}

}  // namespace
}  // namespace mimobox::testing
