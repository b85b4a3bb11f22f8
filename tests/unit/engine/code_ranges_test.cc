// Where function bodies lie: by the engine's own table, by its symbols, and what is no body.
#include "engine/code_ranges.h"

#include <elf.h>
#include <mimobox_engine.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/engine/endless_guests.h"
#include "tests/unit/engine/run_code.h"

namespace mimobox::engine::testing {
namespace {

/// The ranges that the symbols of an artifact give: those whose name begins with
/// "wasm[0]::function[", whatever a guest calls its functions.
std::set<std::pair<std::uint64_t, std::uint64_t>> bodies_by_symbols(
    const std::vector<std::byte>& artifact) {
  const auto at = [&](auto& out, std::uint64_t offset) {
    ASSERT_LE(offset + sizeof out, artifact.size());
    std::memcpy(&out, artifact.data() + offset, sizeof out);
  };
  std::set<std::pair<std::uint64_t, std::uint64_t>> ranges;
  Elf64_Ehdr header{};
  at(header, 0);
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    Elf64_Shdr section{};
    at(section, header.e_shoff + std::uint64_t{i} * sizeof section);
    if (section.sh_type != SHT_SYMTAB) continue;
    Elf64_Shdr names{};
    at(names, header.e_shoff + std::uint64_t{section.sh_link} * sizeof names);
    for (std::uint64_t offset = 0; offset < section.sh_size; offset += sizeof(Elf64_Sym)) {
      Elf64_Sym symbol{};
      at(symbol, section.sh_offset + offset);
      const auto* name =
          reinterpret_cast<const char*>(artifact.data()) + names.sh_offset + symbol.st_name;
      if (std::string_view(name).starts_with("wasm[0]::function[")) {
        ranges.emplace(symbol.st_value, symbol.st_value + symbol.st_size);
      }
    }
  }
  return ranges;
}

std::vector<std::byte> compiled(const Engine& engine, std::string_view text) {
  return *compile(engine, *text_to_binary(text));
}

std::shared_ptr<const Code> load(std::string_view text,
                                 std::optional<std::vector<CodeRange>> ranges = std::nullopt) {
  const auto engine = *make_engine(key_of(InterruptWay::kSignal));
  return *Code::load(engine, Artifact::in_memory(compiled(*engine, text)), std::move(ranges));
}

std::vector<CodeRange> all_of(std::span<const CodeRange> ranges) {
  return {ranges.begin(), ranges.end()};
}

TEST(CodeRanges, AreThoseOfTheSymbols) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::string text = random_module(seed);
    const auto code = load(text);
    const auto expected = bodies_by_symbols(compiled(code->engine(), text));
    std::set<std::pair<std::uint64_t, std::uint64_t>> found;
    for (const CodeRange& range : code->ranges())
      found.emplace(range.begin, range.end);
    EXPECT_EQ(found, expected) << seed;
    EXPECT_EQ(found.size(), 25U) << seed;
  }
}

TEST(CodeRanges, LeaveOutStubsWhateverAGuestCallsItsFunctions) {
  const auto code = load(R"((module
    (import "test" "leave" (func $leave))
    (func $"wasm[0]::function[0]" (call $leave))
    (func $array_to_wasm_trampoline (drop (memory.grow (i32.const 0))))
    (memory 1) (start $array_to_wasm_trampoline)
    (func (export "_start") (call $"wasm[0]::function[0]"))))");
  ASSERT_TRUE(code->interruptible());
  EXPECT_EQ(code->ranges().size(), 3U);
  std::uint64_t bytes = 0;
  for (const CodeRange& range : code->ranges())
    bytes += range.end - range.begin;
  // The rest are stubs for calls in and out.
  EXPECT_LT(bytes, code->text_bytes());
}

TEST(CodeRanges, FindTheBodyAroundAnAddress) {
  const auto code =
      load(R"((module (func $a) (func $b) (func (export "_start") (call $a) (call $b))))");
  const auto ranges = code->ranges();
  ASSERT_EQ(ranges.size(), 3U);
  const auto all = CodeRanges::checked({ranges.begin(), ranges.end()}, *code->raw());
  ASSERT_TRUE(all.has_value());
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    EXPECT_EQ(all->find(ranges[i].begin), i);
    EXPECT_EQ(all->find(ranges[i].end - 1), i);
    EXPECT_NE(all->find(ranges[i].end), i);
  }
  EXPECT_EQ(all->find(UINT64_MAX), std::nullopt);
}

TEST(CodeRanges, AreFoundInAnArtifactBeforeItIsLoaded) {
  const std::string text = random_module(1);
  const auto engine = *make_engine(key_of(InterruptWay::kSignal));
  const auto found = find_ranges(*engine, compiled(*engine, text));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(*found, all_of(load(text)->ranges()));
  EXPECT_EQ(find_ranges(*engine, std::vector<std::byte>(100)), std::nullopt);
}

TEST(CodeRanges, AreNotNeededForCodeThatLooksAtEpochs) {
  const auto engine = *make_engine(key_of(InterruptWay::kEpoch));
  const auto artifact = compiled(*engine, random_module(1));
  EXPECT_EQ(find_ranges(*engine, artifact), std::vector<CodeRange>());
  const auto code = *Code::load(engine, Artifact::in_memory(artifact), std::vector<CodeRange>());
  EXPECT_TRUE(code->interruptible());
  EXPECT_TRUE(code->ranges().empty());
}

TEST(CodeRanges, ThatAreNotTheModulesOwnAreRefused) {
  constexpr std::string_view kText =
      R"((module (func $a) (func $b) (func (export "_start") (call $a) (call $b))))";
  const auto good = all_of(load(kText)->ranges());
  EXPECT_TRUE(load(kText, good)->interruptible());
  auto fewer = good;
  fewer.pop_back();
  auto overlapping = good;
  overlapping[1].begin = overlapping[0].begin;
  auto outside = good;
  outside[2].end = UINT32_MAX;
  auto empty = good;
  empty[0].end = empty[0].begin;
  const auto engine = *make_engine(key_of(InterruptWay::kSignal));
  const auto artifact = compiled(*engine, kText);
  for (const auto& ranges : {fewer, overlapping, outside, empty, {}}) {
    const auto code = Code::load(engine, Artifact::in_memory(artifact), ranges);
    ASSERT_FALSE(code.has_value());
    EXPECT_EQ(code.error().code, ErrorCode::kInternal);
  }
}

}  // namespace
}  // namespace mimobox::engine::testing
