#include "wasm/module_reader.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/wasm/module_builder.h"
#include "wasm/bounds.h"
#include "wasm/module_summary.h"
#include "wasm/types.h"

namespace mimobox::wasm {
namespace {

using test::Bytes;
using test::custom;
using test::header;
using test::leb;
using test::name;
using test::section;
using test::sized;
using test::vec;

ModuleSummary read(const Bytes& bytes, const ReadOptions& options = {}) {
  auto summary = read_module(bytes.span(), options);
  EXPECT_TRUE(summary.has_value()) << summary.error().message << " at " << summary.error().offset;
  return summary.value_or(ModuleSummary{});
}

std::string error_of(const Bytes& bytes) {
  const auto summary = read_module(bytes.span());
  return summary ? "" : summary.error().message;
}

TEST(ReadModule, TellsWhatTheSectionsSay) {
  const ModuleSummary summary = read(test::sample_module());
  EXPECT_EQ(summary.counts.types, 2U);
  EXPECT_EQ(summary.counts.imports, 2U);
  EXPECT_EQ(summary.counts.functions, 2U);
  EXPECT_EQ(summary.counts.imported_functions, 1U);
  EXPECT_EQ(summary.counts.globals, 2U);
  EXPECT_EQ(summary.counts.element_segments, 1U);
  EXPECT_EQ(summary.counts.data_segments, 1U);
  EXPECT_EQ(summary.counts.sections, 16U);
  EXPECT_EQ(summary.start_function, 1U);
  EXPECT_EQ(summary.imports[0],
            (Import{"wasi_snapshot_preview1", "args_get", ExternKind::kFunction, 0}));
  EXPECT_EQ(summary.imports[1], (Import{"env", "base", ExternKind::kGlobal, 0}));
  EXPECT_EQ(summary.exports[1], (Export{"_start", ExternKind::kFunction, 1}));
  EXPECT_EQ(summary.types.function_text(0), "(i32, i32) -> i32");
  EXPECT_EQ(summary.types.function_text(1), "() -> ()");
  EXPECT_EQ(to_text(summary.memories[0]), "memory, 2 pages, at most 16");
  EXPECT_EQ(to_text(summary.tables[0]), "funcref table, 1 element, at most 10");
  EXPECT_EQ(to_text(summary.globals[1]), "mutable i32");
  EXPECT_TRUE(summary.findings.refusals.empty());
}

TEST(ReadModule, MeasuresBodiesWithoutReadingTheirInstructions) {
  const ModuleSummary summary = read(test::sample_module());
  EXPECT_EQ(summary.largest_body, (Largest{11, 1}));
  EXPECT_EQ(summary.most_locals, (Largest{3, 1}));
  ASSERT_TRUE(summary.code.has_value());
  EXPECT_EQ(summary.code->size, 13U);
}

TEST(ReadModule, CountsParametersAsLocals) {
  const Bytes bytes = header() + section(1, vec({{0x60, 2, 0x7F, 0x7F, 0}})) +
                      section(3, vec({{0}})) +
                      section(10, vec({sized({2, 5, 0x7E, 1, 0x7D, 0x0B})}));
  EXPECT_EQ(read(bytes).most_locals.value, 8U);
}

TEST(ReadModule, AddsUpLocalsBeyond32Bits) {
  const Bytes most = leb(0xFFFFFFFF) + Bytes{0x7F};
  const Bytes bytes = header() + section(1, vec({{0x60, 0, 0}})) + section(3, vec({{0}})) +
                      section(10, vec({sized(vec({most, most}) + Bytes{0x0B})}));
  EXPECT_EQ(read(bytes).most_locals.value, 2 * std::uint64_t{0xFFFFFFFF});
}

TEST(ReadModule, ReadsCustomSections) {
  const ModuleSummary summary = read(test::sample_module(), {.function_names = true});
  EXPECT_EQ(summary.module_name, "sample");
  EXPECT_EQ(summary.function_names, (std::vector<FunctionName>{{1, "_start"}}));
  EXPECT_EQ(summary.producers, (std::vector<Producer>{{"language", "C11", ""}}));
  EXPECT_EQ(summary.target_features, (std::vector<std::string>{"+sign-ext"}));
  EXPECT_TRUE(summary.has_dwarf);
  EXPECT_TRUE(summary.has_names);
  EXPECT_EQ(summary.sections.back().name, ".debug_info");
}

TEST(ReadModule, KeepsFunctionNamesOnlyWhenAsked) {
  EXPECT_TRUE(read(test::sample_module()).function_names.empty());
}

TEST(ReadModule, PassesOverMalformedCustomSections) {
  const Bytes bytes = header() + custom("name", {0, 0x7F, 1}) + custom("producers", {0xFF}) +
                      custom("target_features", leb(0xFFFFFFFF)) + custom("name", {});
  EXPECT_EQ(read(bytes).counts.sections, 4U);
}

TEST(ReadModule, RefusesTheSampleCutAnywhere) {
  const Bytes sample = test::sample_module();
  std::size_t accepted = 0;
  for (std::size_t size = 0; size < sample.size(); ++size) {
    const auto summary = read_module(sample.first(size).span());
    if (summary) {
      ++accepted;  // between the sections before the functions and after the bodies
    } else {
      EXPECT_LE(summary.error().offset, size);
      EXPECT_FALSE(summary.error().message.empty());
    }
  }
  EXPECT_EQ(accepted, 8U);
}

TEST(ReadModule, SurvivesTheSampleWithAnyByteChanged) {
  const Bytes sample = test::sample_module();
  for (std::size_t at = 0; at < sample.size(); ++at) {
    for (const int value : {0x00, 0x01, 0x40, 0x7F, 0x80, 0xFF}) {
      std::string changed = sample.text();
      changed[at] = static_cast<char>(value);
      const Bytes bytes{std::string_view(changed)};
      auto summary = read_module(bytes.span(), {.function_names = true});
      if (summary) (void)scan_bodies(bytes.span(), *summary);
    }
  }
}

TEST(ReadModule, RefusesCountsThatTheBytesCannotHold) {
  for (const unsigned id : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 9U, 10U, 11U, 13U}) {
    EXPECT_EQ(error_of(header() + section(id, leb(0xFFFFFFFF))),
              "a count is larger than the bytes that follow")
        << id;
  }
}

TEST(ReadModule, RefusesSectionsThatAreWrong) {
  EXPECT_EQ(error_of(header() + Bytes{1} + leb(0xFFFFFFFF)),
            "a section is larger than the bytes that follow");
  EXPECT_EQ(error_of(header() + section(14, {})), "a section of an unknown kind");
  EXPECT_EQ(error_of(header() + section(3, {0}) + section(1, {0})), "a section out of order");
  EXPECT_EQ(error_of(header() + section(1, {0}) + section(1, {0})), "a section out of order");
  EXPECT_EQ(error_of(header() + section(1, {0, 0})), "a section has bytes behind its end");
  EXPECT_EQ(error_of(header() + section(0, {})), "the bytes end too early");
  EXPECT_EQ(error_of(header() + section(10, vec({{2, 0, 0x0B}}))),
            "the function section and the code section disagree on how many functions there are");
}

TEST(ReadModule, PutsTagsBeforeGlobalsAndTheDataCountBeforeCode) {
  EXPECT_EQ(error_of(header() + section(5, {0}) + section(13, {0}) + section(6, {0}) +
                     section(9, {0}) + section(12, {0}) + section(10, {0}) + section(11, {0})),
            "");
  EXPECT_NE(error_of(header() + section(10, {0}) + section(12, {0})), "");
}

TEST(ReadModule, CountsAMillionImportsAndKeepsWhatIsBounded) {
  constexpr std::uint64_t kImports = 1'000'000;
  std::string items = leb(kImports).text();
  const std::string item = Bytes{0, 0, 0, 0}.text();
  for (std::uint64_t i = 0; i < kImports; ++i)
    items += item;
  const Bytes bytes = header() + section(1, vec({{0x60, 0, 0}})) + section(2, Bytes(items));
  const ModuleSummary summary = read(bytes);
  EXPECT_EQ(summary.counts.imports, kImports);
  EXPECT_EQ(summary.imports.size(), kMaxKeptImports);
  EXPECT_EQ(check_bounds(summary).at(0).what, "imports");
}

TEST(ReadModule, ReadsDeepNestingWithoutDepthOfItsOwn) {
  std::string blocks;
  constexpr int kDepth = 1'000'000;
  for (int i = 0; i < kDepth; ++i)
    blocks += Bytes{0x02, 0x40}.text();
  blocks.append(kDepth, static_cast<char>(0x0B));
  const Bytes bytes = test::module_with_body(Bytes(blocks));
  ModuleSummary summary = read(bytes);
  EXPECT_TRUE(scan_bodies(bytes.span(), summary).has_value());
}

TEST(ReadModule, NamesAComponentAndReadsNoFurther) {
  const ModuleSummary summary = read({0x00, 0x61, 0x73, 0x6D, 0x0D, 0x00, 0x01, 0x00, 0xFF, 0xFF});
  EXPECT_TRUE(summary.is_component);
  EXPECT_EQ(summary.findings.refusals.at(0).proposal, Proposal::kComponentModel);
}

TEST(ReadModule, ReadsEveryFormOfElementSegment) {
  const Bytes zero{0x41, 0, 0x0B};
  const Bytes function{0xD2, 0, 0x0B};
  const Bytes segments = vec({
      Bytes{0} + zero + Bytes{1, 0},
      Bytes{1, 0, 1, 0},
      Bytes{2, 0} + zero + Bytes{0, 1, 0},
      Bytes{3, 0, 1, 0},
      Bytes{4} + zero + Bytes{1} + function,
      Bytes{5, 0x70, 1} + function,
      Bytes{6, 0} + zero + Bytes{0x70, 1} + function,
      Bytes{7, 0x70, 1} + function,
  });
  const ModuleSummary summary = read(header() + section(9, segments));
  EXPECT_EQ(summary.counts.element_segments, 8U);
  EXPECT_TRUE(summary.findings.refusals.empty());
}

TEST(ReadModule, ReadsEveryFormOfDataSegment) {
  const Bytes zero{0x41, 0, 0x0B};
  const Bytes segments =
      vec({Bytes{0} + zero + name("a"), Bytes{1} + name("b"), Bytes{2, 0} + zero + name("c")});
  const ModuleSummary summary = read(header() + section(11, segments));
  EXPECT_EQ(summary.counts.data_segments, 3U);
  EXPECT_TRUE(summary.findings.refusals.empty());
}

}  // namespace
}  // namespace mimobox::wasm
