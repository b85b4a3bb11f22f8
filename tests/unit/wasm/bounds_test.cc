#include "wasm/bounds.h"

#include <gtest/gtest.h>

#include "wasm/module_summary.h"

namespace mimobox::wasm {
namespace {

TEST(CheckBounds, AcceptsWhatIsAtTheBoundAndNamesWhatIsAbove) {
  ModuleSummary summary;
  summary.counts.functions = 10;
  EXPECT_TRUE(check_bounds(summary, {.functions = 10}).empty());
  const auto above = check_bounds(summary, {.functions = 9});
  ASSERT_EQ(above.size(), 1U);
  EXPECT_EQ(bound_sentence(above[0]),
            "the module has 10 functions, more than the 9 that are accepted");
}

TEST(CheckBounds, NamesTheFunction) {
  ModuleSummary summary;
  summary.most_locals = {50'001, 7};
  summary.largest_body = {7'654'322, 8};
  const auto above = check_bounds(summary);
  ASSERT_EQ(above.size(), 2U);
  EXPECT_EQ(bound_sentence(above[0]),
            "function 7 of the module has 50001 locals, more than the 50000 that are accepted");
  EXPECT_EQ(above[1].function, 8U);
}

TEST(CheckBounds, NamesAllThatIsAbove) {
  ModuleSummary summary;
  summary.counts = {.types = 2,
                    .imports = 2,
                    .functions = 2,
                    .tables = 2,
                    .memories = 2,
                    .globals = 2,
                    .exports = 2,
                    .element_segments = 2,
                    .data_segments = 2};
  const Bounds ones{.types = 1,
                    .functions = 1,
                    .globals = 1,
                    .tables = 1,
                    .memories = 1,
                    .element_segments = 1,
                    .data_segments = 1,
                    .imports = 1,
                    .exports = 1};
  EXPECT_EQ(check_bounds(summary, ones).size(), 9U);
}

}  // namespace
}  // namespace mimobox::wasm
