// What modules use, and the words for what no sandbox offers: in sections and in instructions.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/wasm/module_builder.h"
#include "wasm/module_reader.h"
#include "wasm/module_summary.h"
#include "wasm/proposals.h"

namespace mimobox::wasm {
namespace {

using test::Bytes;
using test::header;
using test::module_with_body;
using test::name;
using test::section;
using test::sized;
using test::vec;

ModuleSummary read(const Bytes& bytes) {
  auto summary = read_module(bytes.span());
  EXPECT_TRUE(summary.has_value()) << summary.error().message << " at " << summary.error().offset;
  return summary.value_or(ModuleSummary{});
}

ModuleSummary scan(const Bytes& bytes) {
  ModuleSummary summary = read(bytes);
  const auto scanned = scan_bodies(bytes.span(), summary);
  EXPECT_TRUE(scanned.has_value()) << scanned.error().message << " at " << scanned.error().offset;
  return summary;
}

/// Proposal and place of each refusal: "threads: shared memory in import env.memory".
std::vector<std::string> refusals(const ModuleSummary& summary) {
  std::vector<std::string> texts;
  for (const Refusal& refusal : summary.findings.refusals) {
    texts.push_back(std::string(proposal_name(refusal.proposal)) + ": " + refusal.where);
  }
  return texts;
}

using Texts = std::vector<std::string>;

Texts refusals_of_type(const Bytes& type) {
  return refusals(read(header() + section(1, vec({type}))));
}

Texts refusals_of_code(const Bytes& instructions) {
  return refusals(scan(module_with_body(instructions)));
}

TEST(RefusedFeature, IsSaidInOneSentence) {
  const ModuleSummary summary =
      read(header() + section(2, vec({name("env") + name("memory") + Bytes{2, 3, 1, 2}})));
  ASSERT_EQ(summary.findings.refusals.size(), 1U);
  EXPECT_EQ(
      refusal_sentence(summary.findings.refusals[0]),
      "the module uses threads (shared memory in import env.memory), which no sandbox offers");
}

TEST(RefusedFeature, ShowsInMemories) {
  const auto of_memory = [](const Bytes& memory) {
    return refusals(read(header() + section(5, vec({memory}))));
  };
  EXPECT_EQ(of_memory({1, 1, 2}), Texts{});
  EXPECT_EQ(of_memory({3, 1, 2}), Texts{"threads: shared memory in memory 0"});
  EXPECT_EQ(of_memory({4, 1}), Texts{"memory64: 64-bit memory in memory 0"});
  EXPECT_EQ(of_memory({8, 1, 0}), Texts{"custom-page-sizes: a page size in memory 0"});
  EXPECT_EQ(refusals(read(header() + section(5, vec({{0, 1}, {0, 1}})))),
            Texts{"multi-memory: memory 1"});
}

TEST(RefusedFeature, ShowsInTypes) {
  EXPECT_EQ(refusals_of_type({0x60, 1, 0x70, 1, 0x7B}), Texts{});
  EXPECT_EQ(refusals_of_type({0x60, 1, 0x6F, 0}), Texts{"gc: externref in type 0"});
  EXPECT_EQ(refusals_of_type({0x60, 1, 0x69, 0}), Texts{"exceptions: exnref in type 0"});
  EXPECT_EQ(refusals_of_type({0x60, 1, 0x63, 0x00, 0}),
            Texts{"function-references: a reference to a type in type 0"});
  EXPECT_EQ(refusals_of_type({0x60, 1, 0x63, 0x70, 0}), Texts{});  // funcref, spelt out
  EXPECT_EQ(refusals_of_type({0x60, 1, 0x64, 0x70, 0}),
            Texts{"function-references: a reference that is never null in type 0"});
  EXPECT_EQ(refusals_of_type({0x5F, 1, 0x78, 1}), Texts{"gc: a struct type in type 0"});
  EXPECT_EQ(refusals_of_type({0x5E, 0x7F, 0}), Texts{"gc: an array type in type 0"});
  EXPECT_EQ(refusals_of_type({0x5D, 0}), Texts{"stack-switching: a continuation type in type 0"});
  EXPECT_EQ(refusals_of_type({0x50, 0, 0x60, 0, 0}), Texts{"gc: a subtype in type 0"});
  EXPECT_EQ(refusals_of_type({0x4E, 2, 0x60, 0, 0, 0x60, 0, 0}),
            Texts{"gc: a recursion group in type 0"});
  EXPECT_EQ(refusals_of_type({0x65, 0x60, 0, 0}),
            Texts{"shared-everything-threads: a shared type in type 0"});
}

TEST(RefusedFeature, CountsTheTypesOfARecursionGroup) {
  const ModuleSummary summary =
      read(header() + section(1, vec({{0x4E, 2, 0x60, 0, 0, 0x5F, 0}, {0x60, 1, 0x7F, 0}})));
  EXPECT_EQ(summary.counts.types, 3U);
  EXPECT_EQ(summary.types.function_text(1), "type 1");
  EXPECT_EQ(summary.types.function_text(2), "(i32) -> ()");
}

TEST(RefusedFeature, ShowsInTagsTablesGlobalsAndImports) {
  EXPECT_EQ(refusals(read(header() + section(13, vec({{0, 0}})))), Texts{"exceptions: tag 0"});
  EXPECT_EQ(refusals(read(header() + section(4, vec({{0x6F, 0, 1}})))),
            Texts{"gc: externref in table 0"});
  EXPECT_EQ(refusals(read(header() + section(4, vec({{0x70, 4, 1}})))),
            Texts{"memory64: a 64-bit table in table 0"});
  EXPECT_EQ(refusals(read(header() + section(4, vec({{0x40, 0, 0x70, 0, 1, 0xD0, 0x70, 0x0B}})))),
            Texts{"function-references: an initial value in table 0"});
  EXPECT_EQ(refusals(read(header() + section(6, vec({{0x7F, 2, 0x41, 0, 0x0B}})))),
            Texts{"shared-everything-threads: a shared global in global 0"});
  EXPECT_EQ(refusals(read(header() + section(2, vec({name("a") + name("b") + Bytes{4, 0, 0}})))),
            Texts{"exceptions: a tag in import a.b"});
  EXPECT_EQ(refusals(read(header() + section(2, vec({name("a") + name("b") + Bytes{0x20, 0}})))),
            Texts{"custom-descriptors: an exact type in import a.b"});
}

TEST(RefusedFeature, ShowsInGroupsOfImports) {
  const Bytes own_types =
      name("a") + Bytes{0, 0x7F} + vec({name("b") + Bytes{0, 0}, name("c") + Bytes{2, 0, 1}});
  const Bytes one_type = name("a") + Bytes{0, 0x7E, 0, 0} + vec({name("d"), name("e")});
  const ModuleSummary summary = read(header() + section(2, vec({own_types, one_type})));
  EXPECT_EQ(refusals(summary), Texts{"compact-imports: a group in import a."});
  EXPECT_EQ(summary.counts.imports, 4U);
  EXPECT_EQ(summary.counts.imported_functions, 3U);
  EXPECT_EQ(summary.imports[3], (Import{"a", "e", ExternKind::kFunction, 2}));
}

TEST(RefusedFeature, ShowsInLocals) {
  const Bytes bytes = header() + section(1, vec({{0x60, 0, 0}})) + section(3, vec({{0}})) +
                      section(10, vec({sized({1, 1, 0x6E, 0x0B})}));
  EXPECT_EQ(refusals(read(bytes)), Texts{"gc: a reference to a managed object in function 0"});
}

TEST(RefusedFeature, ShowsInInstructions) {
  EXPECT_EQ(refusals_of_code({0xFE, 0x10, 2, 0}), Texts{"threads: an instruction in function 0"});
  EXPECT_EQ(refusals_of_code({0xFE, 0x03, 0}), Texts{"threads: an instruction in function 0"});
  EXPECT_EQ(refusals_of_code({0xFB, 0x18, 3, 0, 0x6E, 0x6B})[0],
            "gc: an instruction in function 0");
  EXPECT_EQ(refusals_of_code({0x06, 0x40, 0x19, 0x0B}),
            Texts{"legacy-exceptions: an instruction in function 0"});
  EXPECT_EQ(refusals_of_code({0x1F, 0x40, 2, 0, 1, 2, 2, 3, 0x0B}),
            Texts{"exceptions: an instruction in function 0"});
  EXPECT_EQ(refusals_of_code({0xE3, 0, 2, 0, 1, 2, 1, 3}),
            Texts{"stack-switching: an instruction in function 0"});
  EXPECT_EQ(refusals_of_code({0xFC, 0x13}), Texts{"wide-arithmetic: an instruction in function 0"});
  EXPECT_EQ(refusals_of_code({0x14, 0}),
            Texts{"function-references: an instruction in function 0"});
  EXPECT_EQ(refusals_of_code({0x3F, 1}), Texts{"multi-memory: a second memory in function 0"});
  EXPECT_EQ(refusals_of_code({0x28, 0x42, 0, 4}),
            Texts{"multi-memory: an access that names its memory in function 0"});
}

TEST(RefusedFeature, NamesFunctionAndOffsetOfTheFirstPlace) {
  const Bytes before = header() + section(1, vec({{0x60, 0, 0}})) +
                       section(2, vec({name("a") + name("b") + Bytes{0, 0}})) +
                       section(3, vec({{0}, {0}}));
  const Bytes bytes =
      before + section(10, vec({test::body({0x01}), test::body({0xFC, 0x13, 0xFC, 0x13})}));
  const ModuleSummary summary = scan(bytes);
  ASSERT_EQ(summary.findings.refusals.size(), 1U);
  EXPECT_EQ(summary.findings.refusals[0].function, 2U);
  EXPECT_EQ(summary.findings.refusals[0].offset, before.size() + 3 + 4 + 2);
}

TEST(OfferedFeature, IsListedAndNotRefused) {
  const ModuleSummary summary = scan(module_with_body(
      {0xC0, 0xFC, 0x00, 0xFC, 0x0B, 0x00, 0xFD, 0x0C, 1,    2,    3, 4, 5,    6,    7, 8,
       9,    10,   11,   12,   13,   14,   15,   16,   0xFD, 0x00, 4, 0, 0xFD, 0x54, 0, 0,
       15,   0xFD, 0x80, 0x02, 0x12, 0,    0x1C, 1,    0x7F, 0x0E, 2, 0, 1,    2}));
  EXPECT_TRUE(summary.findings.refusals.empty());
  for (const Proposal used :
       {Proposal::kSignExtension, Proposal::kSaturatingFloatToInt, Proposal::kBulkMemory,
        Proposal::kSimd, Proposal::kRelaxedSimd, Proposal::kTailCall, Proposal::kReferenceTypes}) {
    EXPECT_TRUE(summary.findings.used.has(used)) << proposal_name(used);
  }
  EXPECT_FALSE(summary.findings.used.has(Proposal::kExtendedConst));
}

TEST(OfferedFeature, ShowsInSections) {
  EXPECT_TRUE(read(header() + section(6, vec({{0x7F, 0, 0x41, 0, 0x41, 1, 0x6A, 0x0B}})))
                  .findings.used.has(Proposal::kExtendedConst));
  EXPECT_TRUE(read(header() + section(1, vec({{0x60, 0, 2, 0x7F, 0x7F}})))
                  .findings.used.has(Proposal::kMultiValue));
  EXPECT_TRUE(read(header() + section(2, vec({name("a") + name("b") + Bytes{3, 0x7F, 1}})))
                  .findings.used.has(Proposal::kMutableGlobals));
}

TEST(ScanBodies, GoesOnBehindABodyThatIsNoCode) {
  for (const Bytes& broken :
       {Bytes{0x16}, Bytes{0xFD, 0x9A, 0x01}, Bytes{0xFC, 0x17}, Bytes{0x41},
        Bytes{0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, Bytes{0x0E, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F}}) {
    const Bytes bytes = header() + section(1, vec({{0x60, 0, 0}})) + section(3, vec({{0}, {0}})) +
                        section(10, vec({test::body(broken), test::body({0xFC, 0x13})}));
    ModuleSummary summary = read(bytes);
    EXPECT_FALSE(scan_bodies(bytes.span(), summary).has_value());
    EXPECT_EQ(refusals(summary), Texts{"wide-arithmetic: an instruction in function 1"});
  }
}

TEST(ScanBodies, WantsAnEnd) {
  const Bytes bytes = header() + section(1, vec({{0x60, 0, 0}})) + section(3, vec({{0}})) +
                      section(10, vec({sized({0, 0x01})}));
  ModuleSummary summary = read(bytes);
  EXPECT_EQ(scan_bodies(bytes.span(), summary).error().message, "a body without an end");
}

TEST(ScanBodies, SurvivesBytesOfAnotherModule) {
  ModuleSummary summary = read(test::sample_module());
  EXPECT_FALSE(scan_bodies(header().span(), summary).has_value());
}

TEST(Names, AreShortenedInSentences) {
  const std::string longer(1000, 'x');
  const ModuleSummary summary =
      read(header() + section(2, vec({name(longer) + name("m") + Bytes{2, 3, 1, 2}})));
  EXPECT_LT(summary.findings.refusals.at(0).where.size(), 200U);
}

}  // namespace
}  // namespace mimobox::wasm
