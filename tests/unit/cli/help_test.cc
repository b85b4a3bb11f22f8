#include "cli/help.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace mimobox::cli {
namespace {

TEST(HelpEntries, AlignsTheTexts) {
  const std::vector<HelpEntry> entries = {{"-v, --verbose", "Say more"}, {"--long TIME", "Words"}};
  EXPECT_EQ(help_entries(entries),
            "  -v, --verbose  Say more\n"
            "  --long TIME    Words\n");
}

TEST(HelpEntries, WrapsALongTextUnderItself) {
  const std::vector<HelpEntry> entries = {
      {"--a", std::string(40, 'x') + " " + std::string(40, 'y')}};
  EXPECT_EQ(help_entries(entries),
            "  --a  " + std::string(40, 'x') + "\n       " + std::string(40, 'y') + "\n");
}

TEST(HelpEntries, PutsTheTextOfAWideHeadOnTheNextLine) {
  const std::vector<HelpEntry> entries = {{"--a", "Short"},
                                          {"--quite-a-wide-option VALUE", "Text"}};
  EXPECT_EQ(help_entries(entries),
            "  --a  Short\n"
            "  --quite-a-wide-option VALUE\n"
            "       Text\n");
}

}  // namespace
}  // namespace mimobox::cli
