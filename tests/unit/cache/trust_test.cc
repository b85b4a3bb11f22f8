#include "cache/trust.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cache/temporary_folder.h"

namespace mimobox::cache {
namespace {

using ::testing::HasSubstr;

class OpenCacheFolder : public TemporaryFolder {
 protected:
  [[nodiscard]] std::string why_not(const std::string& folder, bool tighten = false) const {
    const auto opened = open_cache_folder(folder, Owner::kUser, tighten);
    if (opened) return "";
    EXPECT_TRUE(opened.error().unsafe);
    return opened.error().why;
  }
};

TEST_F(OpenCacheFolder, MakesItForThisUserAlone) {
  EXPECT_EQ(why_not(path("a/b/c")), "");
  struct stat status{};
  ASSERT_EQ(::stat(path("a/b/c").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0700U);
}

TEST_F(OpenCacheFolder, RefusesOneThatOthersMayReadOrWrite) {
  for (const mode_t mode : {0755, 0710, 0770, 0777, 0701}) {
    const std::string folder = path("mode" + std::to_string(mode));
    ASSERT_EQ(::mkdir(folder.c_str(), 0700), 0);
    ASSERT_EQ(::chmod(folder.c_str(), mode), 0);
    EXPECT_THAT(why_not(folder), HasSubstr("0700")) << std::oct << mode;
  }
}

TEST_F(OpenCacheFolder, TightensTheDefaultOneUnlessOthersCouldWrite) {
  ASSERT_EQ(::mkdir(path("readable").c_str(), 0700), 0);
  ASSERT_EQ(::chmod(path("readable").c_str(), 0755), 0);
  EXPECT_EQ(why_not(path("readable"), true), "");
  struct stat status{};
  ASSERT_EQ(::stat(path("readable").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0700U);
  ASSERT_EQ(::mkdir(path("writable").c_str(), 0700), 0);
  ASSERT_EQ(::chmod(path("writable").c_str(), 0775), 0);
  EXPECT_THAT(why_not(path("writable"), true), HasSubstr("empty it first"));
}

TEST_F(OpenCacheFolder, RefusesOneBelowAFolderThatOthersMayWrite) {
  ASSERT_EQ(::mkdir(path("shared").c_str(), 0700), 0);
  ASSERT_EQ(::mkdir(path("shared/mine").c_str(), 0700), 0);
  ASSERT_EQ(::chmod(path("shared").c_str(), 0777), 0);
  EXPECT_THAT(why_not(path("shared/mine")), HasSubstr("a folder above it (mode 0777"));
  // Behind a link it lies there all the same.
  ASSERT_EQ(::symlink("shared", path("link").c_str()), 0);
  EXPECT_THAT(why_not(path("link/mine")), HasSubstr("a folder above it"));
  // Where others can make names but not take ours, as in /tmp, they can do no harm.
  if (::geteuid() == 0) {
    ASSERT_EQ(::chmod(path("shared").c_str(), 01777), 0);
    EXPECT_EQ(why_not(path("shared/mine")), "");
  }
}

TEST_F(OpenCacheFolder, RefusesOneThatSomebodyElseMadeFirst) {
  if (::geteuid() != 0) GTEST_SKIP() << "giving a folder away takes root";
  ASSERT_EQ(::mkdir(path("squatted").c_str(), 0700), 0);
  ASSERT_EQ(::chown(path("squatted").c_str(), 65534, 65534), 0);
  EXPECT_THAT(why_not(path("squatted")), HasSubstr("belongs to user 65534"));
  ASSERT_EQ(::mkdir(path("squatted/mine").c_str(), 0700), 0);
  EXPECT_THAT(why_not(path("squatted/mine")), HasSubstr("a folder above it"));
}

TEST_F(OpenCacheFolder, OfAFleetMayBeAnybodys) {
  ASSERT_EQ(::mkdir(path("shared").c_str(), 0700), 0);
  ASSERT_EQ(::chmod(path("shared").c_str(), 0777), 0);
  EXPECT_TRUE(open_cache_folder(path("shared"), Owner::kFleet, false).has_value());
}

TEST_F(OpenCacheFolder, ThatIsAFileCannotBeUsed) {
  write(path("file"), "");
  const auto opened = open_cache_folder(path("file"), Owner::kUser, false);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().os_errno, ENOTDIR);
  EXPECT_FALSE(opened.error().unsafe);
}

}  // namespace
}  // namespace mimobox::cache
