#include "sandbox/guest_path.h"

#include <gtest/gtest.h>

namespace mimobox::internal {
namespace {

TEST(NormalGuestPath, IsOneForAllTextsOfAPath) {
  for (const char* text : {"/a", "/a/", "//a", "/a/.", "/./a", "/a//", "/././a/./", "a", "./a"})
    EXPECT_EQ(normal_guest_path(text), "/a") << text;
  for (const char* text : {"/", "//", "/.", "/./", ".", "./", "././/."})
    EXPECT_EQ(normal_guest_path(text), "/") << text;
  for (const char* text : {"/a/b", "a/b", "./a/b", "a//b/", "a/./b/."})
    EXPECT_EQ(normal_guest_path(text), "/a/b") << text;
}

TEST(NormalGuestPath, LeavesWhatIsAnotherPath) {
  for (const char* text : {"/b", "/a/b", "/..", "/a/..", "/a/../b", "/...", "/ a"})
    EXPECT_EQ(normal_guest_path(text), text);
}

}  // namespace
}  // namespace mimobox::internal
