#include "mimobox/suggest.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace mimobox {
namespace {

const std::vector<std::string> kWords = {"run", "doctor", "version"};

TEST(Suggest, NamesWhatIsAtMostTwoTypingErrorsAway) {
  EXPECT_EQ(suggest("docter", kWords), "; did you mean 'doctor'?");
  EXPECT_EQ(suggest("verison", kWords), "; did you mean 'version'?");
  EXPECT_EQ(suggest("vrsn", kWords), "");
  EXPECT_EQ(suggest("rum", kWords), "; did you mean 'run'?");
}

TEST(Suggest, KeepsQuietAboutOtherWords) {
  EXPECT_EQ(suggest("x", kWords), "");
  EXPECT_EQ(suggest("", kWords), "");
  EXPECT_EQ(suggest("cat", kWords), "");
  EXPECT_EQ(suggest(std::string(1'000'000, 'x'), kWords), "");
}

}  // namespace
}  // namespace mimobox
