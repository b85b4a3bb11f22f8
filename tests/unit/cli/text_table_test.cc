#include "cli/text_table.h"

#include <gtest/gtest.h>

namespace mimobox::cli {
namespace {

TEST(TextTable, AlignsItsColumns) {
  TextTable table({"name", "n"}, 1);
  table.add({"a", "100"});
  table.add({"longer", "7"});
  EXPECT_EQ(table.text(),
            "name      n\n"
            "a       100\n"
            "longer    7\n");
}

TEST(TextTable, LeavesNoSpaceAtTheEnd) {
  TextTable table({"a", "b"}, 2);
  EXPECT_TRUE(table.empty());
  table.add({"x", ""});
  EXPECT_FALSE(table.empty());
  EXPECT_EQ(table.text(), "a  b\nx\n");
}

}  // namespace
}  // namespace mimobox::cli
