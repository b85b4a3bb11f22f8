// Section "Modules and the compiler" of cases.toml: what a module's bytes can do to its host.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/security/configurations.h"
#include "tests/unit/wasm/module_builder.h"

namespace mimobox::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using wasm::test::body;
using wasm::test::Bytes;
using wasm::test::header;
using wasm::test::leb;
using wasm::test::name;
using wasm::test::section;
using wasm::test::sized;
using wasm::test::vec;

std::string file_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Bytes repeat(const Bytes& bytes, std::size_t count) {
  std::string text;
  text.reserve(bytes.size() * count);
  for (std::size_t i = 0; i < count; ++i)
    text += bytes.text();
  return Bytes(text);
}

/// A vector of `count` times the same element.
Bytes many(std::size_t count, const Bytes& element) {
  return leb(count) + repeat(element, count);
}

/// One function of type () -> () in each of the `bodies`, the first of them the entry point.
Bytes program(std::size_t count, const Bytes& bodies) {
  return header() + section(1, vec({{0x60, 0, 0}})) + section(3, many(count, {0})) +
         section(7, vec({name("_start") + Bytes{0, 0}})) + section(10, leb(count) + bodies);
}

/// A runtime whose compiles end soon, in a configuration's ways.
class Attack40 : public EveryConfiguration {
 protected:
  static Runtime hurried() {
    RuntimeConfig config = GetParam().runtime;
    config.compile_timeout = seconds{2};
    return Runtime::create(config).value();
  }
  /// Loads and runs whatever it is; the code of an error, or nothing when it ran.
  static std::optional<ErrorCode> outcome(const Runtime& runtime,
                                          std::span<const std::byte> bytes) {
    const auto module = runtime.load_bytes(bytes, "attack");
    if (!module) return module.error().code;
    SandboxConfig config = settings();
    config.limits.wall_time = milliseconds{50};
    config.limits.memory_bytes = 64 * kMiB;
    const auto result = WasmSandbox::create(runtime, config).value()->execute(*module);
    if (!result) return result.error().code;
    return std::nullopt;
  }
};
MIMOBOX_IN_EVERY_CONFIGURATION(Attack40);

TEST_P(Attack40, CutModulesAreInvalid) {
  const std::string whole = file_bytes(guest_path("hello.wasm"));
  ASSERT_GT(whole.size(), 1000U);
  const Runtime runtime = hurried();
  std::size_t refused = 0;
  const std::size_t step = whole.size() / 150;
  for (std::size_t size = 0; size < whole.size(); size += step)
    refused += outcome(runtime, bytes_of(std::string_view(whole).substr(0, size))) ? 1U : 0U;
  // A cut between two sections at the end may leave a module that is one.
  EXPECT_GE(refused, 140U);
}

TEST_P(Attack40, FlippedBytesEndInAnErrorOrAVerdict) {
  const std::string whole = file_bytes(guest_path("hello.wasm"));
  const Runtime runtime = hurried();
  std::mt19937 random(40);  // NOLINT(cert-msc51-cpp): the same flips each time
  std::size_t refused = 0;
  std::size_t ran = 0;
  for (int i = 0; i < 60; ++i) {
    std::string flipped = whole;
    for (unsigned flips = 1 + random() % 4; flips > 0; --flips) {
      char& byte = flipped[random() % (i % 2 == 0 ? 400U : flipped.size())];
      byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << random() % 8));
    }
    (outcome(runtime, bytes_of(flipped)) ? refused : ran) += 1;
  }
  EXPECT_GT(refused, 0U);
  EXPECT_GT(ran, 0U);
}

TEST_P(Attack40, BombsOfTextAreRefused) {
  const Runtime runtime = hurried();
  const std::string nested = "(module (func (export \"_start\") " + std::string(500'000, '(');
  EXPECT_EQ(outcome(runtime, bytes_of(nested)), ErrorCode::kModuleInvalid);
  std::string folded = "(module (func (export \"_start\") ";
  for (int i = 0; i < 200'000; ++i)
    folded += "(block ";
  EXPECT_EQ(outcome(runtime, bytes_of(folded)), ErrorCode::kModuleInvalid);
  EXPECT_EQ(outcome(runtime, bytes_of("(module (memory (data \"" + std::string(9 << 20, 'x'))),
            ErrorCode::kModuleTooLarge);
}

TEST_P(Attack40, TensOfMegabytesOfNothing) {
  // Seven functions of seven megabytes of nop each: they compile, or their time is over.
  const Bytes huge = body(repeat({0x01}, 7'000'000));
  EXPECT_THAT(outcome(hurried(), program(7, repeat(huge, 7)).span()),
              AnyOf(std::optional<ErrorCode>(), ErrorCode::kCompileTimeout));
  EXPECT_EQ(outcome(hurried(), program(1, body(repeat({0x01}, 8'000'000))).span()),
            ErrorCode::kModuleTooLarge);
}

TEST_P(Attack40, ManyOfEverythingIsRefusedByItsCount) {
  constexpr std::size_t kMillion = 1'000'001;
  const Runtime runtime = hurried();
  const Bytes types = header() + section(1, many(kMillion, {0x60, 0, 0}));
  const Bytes functions = program(kMillion, repeat(body({}), kMillion));
  const Bytes type = section(1, vec({{0x60, 0, 0}}));
  const Bytes imports = header() + type + section(2, many(kMillion, {0, 0, 0, 0}));
  const Bytes exports = header() + type + section(3, vec({{0}})) +
                        section(7, many(kMillion, {1, 0x78, 0, 0})) + section(10, vec({body({})}));
  const Bytes tables = header() + section(4, many(10'000, {0x70, 0, 0}));
  const Bytes globals = header() + section(6, many(kMillion, {0x7F, 0, 0x41, 0, 0x0B}));
  for (const Bytes* const module : {&types, &functions, &imports, &exports, &tables, &globals})
    EXPECT_EQ(outcome(runtime, module->span()), ErrorCode::kModuleTooLarge) << module->size();
}

TEST_P(Attack40, AGiantJumpTableIsInvalidAndALargeOneRuns) {
  const auto with_targets = [](std::size_t count) {
    return program(1, body(Bytes{0x02, 0x40, 0x41, 0x00, 0x0E} + leb(count) +
                           repeat({0}, count + 1) + Bytes{0x0B}));
  };
  const Runtime runtime = hurried();
  EXPECT_EQ(outcome(runtime, with_targets(60'000).span()), std::nullopt);
  EXPECT_EQ(outcome(runtime, with_targets(7'000'000).span()), ErrorCode::kModuleInvalid);
}

TEST_P(Attack40, DeepNestingCompilesOrIsRefused) {
  for (const std::size_t depth : {1'000U, 100'000U}) {
    const Bytes blocks = repeat({0x02, 0x40}, depth) + repeat({0x0B}, depth);
    const Bytes branches = repeat({0x41, 0x01, 0x04, 0x40}, depth) + repeat({0x0B}, depth);
    for (const Bytes& nest : {blocks, branches}) {
      EXPECT_THAT(outcome(hurried(), program(1, body(nest)).span()),
                  AnyOf(std::optional<ErrorCode>(), ErrorCode::kCompileTimeout));
    }
  }
}

TEST_P(Attack40, LocalsAreBoundedEachAndTogether) {
  const auto with_locals = [](std::size_t count) {
    return program(1, sized(vec({leb(count) + Bytes{0x7B}}) + Bytes{0x0B}));
  };
  EXPECT_EQ(outcome(hurried(), with_locals(50'000).span()), std::nullopt);
  EXPECT_EQ(outcome(hurried(), with_locals(50'001).span()), ErrorCode::kModuleTooLarge);
  EXPECT_EQ(outcome(hurried(), with_locals(0xFFFF'FFFF).span()), ErrorCode::kModuleTooLarge);
}

using Attack41 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack41);

struct Refused {
  ErrorCode code;
  std::string_view named;
  std::string_view module;
};

TEST_P(Attack41, WhatDoesNotFitIsRefusedByName) {
  const Refused modules[] = {
      {ErrorCode::kUnsupportedImport, "launch",
       R"((module (import "env" "launch" (func)) (func (export "_start"))))"},
      {ErrorCode::kUnsupportedImport, "fd_writ",
       R"((module (import "wasi_snapshot_preview1" "fd_writ" (func)) (func (export "_start"))))"},
      {ErrorCode::kUnsupportedImport, "fd_write",
       R"((module (import "wasi_snapshot_preview1" "fd_write" (func)) (func (export "_start"))))"},
      {ErrorCode::kUnsupportedImport, "fd_write",
       R"((module (import "wasi_snapshot_preview1" "fd_write" (global i32))
                  (func (export "_start"))))"},
      {ErrorCode::kUnsupportedImport, "memory",
       R"((module (import "env" "memory" (memory 1)) (func (export "_start"))))"},
      {ErrorCode::kUnsupportedImport, "mimobox",
       R"((module (import "mimobox" "interrupt" (func)) (func (export "_start"))))"},
      {ErrorCode::kUnsupportedImport, "",
       R"((module (import "" "" (func)) (func (export "_start"))))"},
      {ErrorCode::kModuleInvalid, "",
       R"((module (func (export "_start")) (func (export "_start"))))"},
      {ErrorCode::kNoEntryPoint, "_start", R"((module (func (export "run"))))"},
      {ErrorCode::kNoEntryPoint, "_start", R"((module (memory (export "_start") 1)))"},
      {ErrorCode::kNoEntryPoint, "_start", R"((module (func (export "_start") (param i32))))"},
      {ErrorCode::kNoEntryPoint, "main",
       R"((module (func (export "main") (result i32 i32) i32.const 0 i32.const 0)))"},
      {ErrorCode::kNoEntryPoint, "main",
       R"((module (func (export "main") (result funcref) ref.null func)))"},
  };
  for (const auto& [code, named, source] : modules) {
    const auto module = text(source);
    const auto error =
        module ? sandbox()->execute(*module) : Result<RunResult>(std::unexpected(module.error()));
    ASSERT_FALSE(error.has_value()) << source;
    EXPECT_EQ(error.error().code, code) << source << ": " << error.error().message;
    EXPECT_THAT(error.error().message, HasSubstr(named)) << source;
  }
}

TEST_P(Attack41, AnExportNamedMemoryNeedNotBeOne) {
  // Each calls random_get(0, 4) and exits with its errno: 21 (FAULT), since the host sees no
  // memory.
  for (const std::string_view memory :
       {R"((func (export "memory")))", R"((global (export "memory") i32 (i32.const 0)))",
        R"((table (export "memory") 1 funcref))", R"((memory 1))"}) {
    const auto module = text(R"((module
      (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))))" +
                             std::string(memory) + R"(
      (func (export "_start") (call $exit (call $random (i32.const 0) (i32.const 4))))))");
    ASSERT_TRUE(module.has_value()) << module.error().message;
    const auto result = sandbox()->execute(*module);
    ASSERT_TRUE(result.has_value()) << result.error().message;
    EXPECT_EQ(result->exit_code, 21U) << memory;
  }
}

TEST_P(Attack41, ACommandThatIsAReactorTooRunsOnce) {
  // _start wins, and _initialize, which would trap, is not called for a command.
  const auto module = text(R"((module (func (export "_initialize") unreachable)
                                      (func (export "_start"))))");
  ASSERT_TRUE(module.has_value());
  const auto result = sandbox()->execute(*module);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
}

using Attack08 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack08);

TEST_P(Attack08, WaitingForAnAtomicIsRefusedAtLoad) {
  for (const std::string_view source : {R"((module (memory 1 1 shared) (func (export "_start")
             (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))))",
                                        R"((module (memory 1) (func (export "_start")
             (drop (memory.atomic.wait64 (i32.const 0) (i64.const 0) (i64.const -1))))))"}) {
    const auto module = text(source);
    ASSERT_FALSE(module.has_value()) << source;
    EXPECT_EQ(module.error().code, ErrorCode::kUnsupportedFeature);
    EXPECT_THAT(module.error().message, HasSubstr("threads"));
  }
}

using Attack14 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack14);

TEST_P(Attack14, CollectedObjectsAndForeignReferencesAreRefusedAtLoad) {
  for (const std::string_view source :
       {R"((module (type $a (array (mut i8))) (func (export "_start")
             (loop (drop (array.new_default $a (i32.const 1000000))) (br 0)))))",
        R"((module (type $s (struct (field i32))) (func (export "_start")
             (loop (drop (struct.new_default $s)) (br 0)))))",
        R"((module (table 1 externref) (func (export "_start")
             (loop (drop (table.grow (ref.null extern) (i32.const 1000))) (br 0)))))"}) {
    const auto module = text(source);
    ASSERT_FALSE(module.has_value()) << source;
    EXPECT_EQ(module.error().code, ErrorCode::kUnsupportedFeature) << module.error().message;
    EXPECT_THAT(module.error().message, HasSubstr("gc"));
  }
}

using Attack42 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack42);

TEST_P(Attack42, EachProposalThatIsOffIsRefusedByName) {
  const std::pair<std::string_view, std::string_view> modules[] = {
      {"memory64", "(module (memory i64 1))"},
      {"memory64", "(module (table i64 1 funcref))"},
      {"multi-memory", "(module (memory 1) (memory 1))"},
      {"threads", "(module (memory 1 1 shared))"},
      {"threads", "(module (func (atomic.fence)))"},
      {"gc", "(module (type (struct)))"},
      {"gc", "(module (func (param externref)))"},
      {"gc", "(module (func (drop (ref.i31 (i32.const 1)))))"},
      {"function-references", "(module (type $f (func)) (func (param (ref $f))))"},
      {"exceptions", "(module (tag))"},
      {"exceptions", "(module (func (throw_ref (ref.null exn))))"},
      {"stack-switching", "(module (type $f (func)) (type $c (cont $f)))"},
      {"custom-page-sizes", "(module (memory 1 (pagesize 1)))"},
      {"wide-arithmetic",
       "(module (func (param i64) (drop (drop (i64.mul_wide_u (local.get 0) (local.get 0))))))"},
  };
  for (const auto& [proposal, source] : modules) {
    const auto module = text(source);
    ASSERT_FALSE(module.has_value()) << source;
    EXPECT_EQ(module.error().code, ErrorCode::kUnsupportedFeature)
        << source << ": " << module.error().message;
    EXPECT_THAT(module.error().message, HasSubstr(proposal)) << source;
  }
}

TEST_P(Attack42, AComponentIsNoModule) {
  const auto module = text("(component)");
  ASSERT_FALSE(module.has_value());
  EXPECT_EQ(module.error().code, ErrorCode::kModuleInvalid);
}

using Attack43 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack43);

TEST_P(Attack43, EachProposalThatIsOnAnswersAsItsSpecificationSays) {
  const auto result = run("speak.wat");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
  EXPECT_EQ(result->exit_code, 0U);
}

}  // namespace
}  // namespace mimobox::testing
