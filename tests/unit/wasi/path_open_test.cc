#include <gtest/gtest.h>

#include "tests/unit/wasi/files.h"

namespace mimobox::wasi {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the fixture's names

using PathOpen = EveryKind;
INSTANTIATE_TEST_SUITE_P(Kinds, PathOpen, kEveryKind, kind_name);

TEST_P(PathOpen, WritesTheLowestFreeNumberAndNothingElse) {
  tree.file("grant/a");
  guest.put(100, "a");
  EXPECT_EQ(guest.call("path_open", {3, 0, 100, 1, 0, kRightFdRead, 0, 0, 8}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{8, le32(4)}}));
  EXPECT_EQ(guest.close(0), Errno::kSuccess);
  EXPECT_EQ(guest.must_open("a"), 0U);
  EXPECT_EQ(guest.must_open("a"), 5U);
}

TEST_P(PathOpen, MakesAFileOnlyWhenAsked) {
  EXPECT_EQ(guest.open("new").error, Errno::kNoent);
  EXPECT_EQ(guest.open("new", {.oflags = kCreat}).error, Errno::kSuccess);
  EXPECT_TRUE(tree.exists("grant/new"));
  EXPECT_EQ(guest.open("new", {.oflags = kCreat}).error, Errno::kSuccess);
  EXPECT_EQ(guest.open("new", {.oflags = kCreat | kExcl}).error, Errno::kExist);
  EXPECT_EQ(guest.open("newer", {.oflags = kCreat | kExcl}).error, Errno::kSuccess);
  EXPECT_EQ(guest.open("none/new", {.oflags = kCreat}).error, Errno::kNoent);
}

TEST_P(PathOpen, CutsAFileWhenAsked) {
  tree.file("grant/a", "content");
  EXPECT_EQ(guest.open("a", {.rights = 0}).error, Errno::kSuccess);
  EXPECT_EQ(tree.content("grant/a"), "content");
  EXPECT_EQ(guest.open("a", {.oflags = kTrunc, .rights = 0}).error, Errno::kSuccess);
  EXPECT_EQ(tree.content("grant/a"), "");
}

TEST_P(PathOpen, TellsFilesFromDirectories) {
  tree.file("grant/a");
  tree.folder("grant/d");
  EXPECT_EQ(guest.open("a", {.oflags = kDirectoryFlag}).error, Errno::kNotdir);
  EXPECT_EQ(guest.open("a/b").error, Errno::kNotdir);
  EXPECT_EQ(guest.open("a/").error, Errno::kNotdir);
  EXPECT_EQ(guest.open("a/.").error, Errno::kNotdir);
  EXPECT_EQ(guest.open("d", {.rights = kRightFdRead}).error, Errno::kSuccess);
  EXPECT_EQ(guest.open("d/", {.rights = 0}).error, Errno::kSuccess);
  EXPECT_EQ(guest.open("d///", kAsDirectory).error, Errno::kSuccess);
  EXPECT_EQ(guest.open("d", {.rights = kRightFdRead | kRightFdWrite}).error, Errno::kIsdir);
  EXPECT_EQ(guest.open("d", {.oflags = kCreat, .rights = 0}).error, Errno::kIsdir);
  EXPECT_EQ(guest.open("d", {.oflags = kTrunc, .rights = 0}).error, Errno::kIsdir);
  EXPECT_EQ(guest.open("d", {.oflags = kCreat | kExcl, .rights = 0}).error, Errno::kExist);
}

TEST_P(PathOpen, RefusesADirectoryThatIsToBeMadeOrCut) {
  for (const std::uint32_t flag : {kCreat, kExcl, kTrunc}) {
    EXPECT_EQ(guest.open(".", {.oflags = kDirectoryFlag | flag, .rights = 0}).error, Errno::kInval);
    EXPECT_EQ(guest.open("d", {.oflags = kDirectoryFlag | flag, .rights = 0}).error, Errno::kInval);
  }
  EXPECT_FALSE(tree.exists("grant/d"));
}

TEST_P(PathOpen, RefusesUnknownFlags) {
  tree.file("grant/a");
  EXPECT_EQ(guest.open("a", {.oflags = 16}).error, Errno::kInval);
  EXPECT_EQ(guest.open("a", {.oflags = 0x1'0000}).error, Errno::kInval);
  EXPECT_EQ(guest.open("a", {.fdflags = 32}).error, Errno::kInval);
  EXPECT_EQ(guest.open("a", {.fdflags = 0x8000'0000}).error, Errno::kInval);
  EXPECT_EQ(guest.open("a", {.dirflags = 2}).error, Errno::kInval);
}

TEST_P(PathOpen, FollowsALinkAtTheEndOnlyWhenAsked) {
  tree.file("grant/a", "content");
  tree.folder("grant/d");
  tree.link("grant/to-a", "a");
  tree.link("grant/to-d", "d");
  EXPECT_EQ(guest.open("to-a").error, Errno::kLoop);
  EXPECT_EQ(guest.open("to-a", {.dirflags = kFollowFlag}).error, Errno::kSuccess);
  EXPECT_EQ(guest.open("to-d", {.rights = 0}).error, Errno::kLoop);
  EXPECT_EQ(guest.open("to-d", {.oflags = kDirectoryFlag, .rights = 0}).error, Errno::kNotdir);
  EXPECT_EQ(guest.open("to-d", {.rights = 0, .dirflags = kFollowFlag}).error, Errno::kSuccess);
  EXPECT_EQ(
      guest.open("to-d", {.oflags = kDirectoryFlag, .rights = 0, .dirflags = kFollowFlag}).error,
      Errno::kSuccess);
  EXPECT_EQ(guest.open("to-d/", {.rights = 0}).error, Errno::kSuccess);
  EXPECT_EQ(guest.open("to-a/", {.rights = 0}).error, Errno::kNotdir);
}

TEST_P(PathOpen, MakesTheTargetOfADanglingLinkUnlessExclusively) {
  tree.link("grant/dangling", "target");
  const How create{.oflags = kCreat, .dirflags = kFollowFlag};
  const How exclusively{.oflags = kCreat | kExcl, .dirflags = kFollowFlag};
  EXPECT_EQ(guest.open("dangling", {.dirflags = kFollowFlag}).error, Errno::kNoent);
  EXPECT_EQ(guest.open("dangling", exclusively).error, Errno::kExist);
  EXPECT_FALSE(tree.exists("grant/target"));
  EXPECT_EQ(guest.open("dangling", {.oflags = kCreat}).error, Errno::kLoop);
  EXPECT_FALSE(tree.exists("grant/target"));
  EXPECT_EQ(guest.open("dangling", create).error, Errno::kSuccess);
  EXPECT_TRUE(tree.exists("grant/target"));
}

TEST_P(PathOpen, GoesThroughLinksOnTheWay) {
  tree.folder("grant/d/e");
  tree.file("grant/d/e/f", "deep");
  tree.link("grant/l", "d");
  tree.link("grant/d/up", "../l/e");
  EXPECT_EQ(guest.read_file("l/e/f"), "deep");
  EXPECT_EQ(guest.read_file("d/up/f"), "deep");
  EXPECT_EQ(guest.read_file("d/up/../e/./f"), "deep");
  EXPECT_EQ(guest.read_file("d/.//e/../../d/e/../e///./f"), "deep");
}

TEST_P(PathOpen, EndsLoopsOfLinks) {
  tree.link("grant/self", "self");
  tree.link("grant/a", "b");
  tree.link("grant/b", "a");
  EXPECT_EQ(guest.open("self", {.dirflags = kFollowFlag}).error, Errno::kLoop);
  EXPECT_EQ(guest.open("a", {.dirflags = kFollowFlag}).error, Errno::kLoop);
  EXPECT_EQ(guest.open("a/x").error, Errno::kLoop);
  EXPECT_EQ(guest.open("self/").error, Errno::kLoop);
}

TEST_P(PathOpen, TakesAsManyLinksAsTheKernelDoes) {
  tree.file("grant/l0", "end");
  for (int i = 1; i <= 41; ++i) {
    tree.link("grant/l" + std::to_string(i), "l" + std::to_string(i - 1));
  }
  EXPECT_EQ(guest.open("l40", {.dirflags = kFollowFlag}).error, Errno::kSuccess);
  EXPECT_EQ(guest.open("l41", {.dirflags = kFollowFlag}).error, Errno::kLoop);
}

TEST_P(PathOpen, StartsAtADirectoryThatWasOpened) {
  tree.folder("grant/d");
  tree.file("grant/d/f", "inside");
  tree.file("grant/f", "above");
  const std::uint32_t directory = guest.must_open("d", kAsDirectory);
  const std::uint32_t file = guest.must_open("f", {.rights = kReadOnly}, directory);
  std::string data;
  EXPECT_EQ(guest.read(file, data), Errno::kSuccess);
  EXPECT_EQ(data, "inside");
  EXPECT_EQ(guest.open("../f", {}, directory).error, Errno::kPerm);
  EXPECT_EQ(guest.open("..", {.rights = 0}, directory).error, Errno::kPerm);
}

TEST_P(PathOpen, RefusesPlacesOutsideAndOpensNothing) {
  tree.file("grant/a");
  guest.put(100, "a");
  EXPECT_EQ(guest.call("path_open", {3, 0, 100, 1, 0, 0, 0, 0, 65'533}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("path_open", {3, 0, 65'536, 1, 0, 0, 0, 0, 8}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("path_open", {3, 0, 0xFFFF'FFFF, 2, 0, 0, 0, 0, 8}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("path_open", {3, 0, 0, 0xFFFF'FFFF, 0, 0, 0, 0, 8}), returns(Errno::kFault));
  EXPECT_EQ(guest.memory(), guest.untouched());
  EXPECT_EQ(guest.must_open("a"), 4U);
}

TEST_P(PathOpen, EndsAtTheLimitOfDescriptorsWithoutMakingAFile) {
  guest.max_descriptors = 6;
  tree.file("grant/a");
  EXPECT_EQ(guest.must_open("a"), 4U);
  EXPECT_EQ(guest.must_open("a"), 5U);
  EXPECT_EQ(guest.host().limit_hit(), LimitHit::kNone);
  EXPECT_EQ(guest.open("new", {.oflags = kCreat}).error, Errno::kMfile);
  EXPECT_FALSE(tree.exists("grant/new"));
  EXPECT_EQ(guest.host().limit_hit(), LimitHit::kOpenDescriptors);
  EXPECT_EQ(guest.close(4), Errno::kSuccess);
  EXPECT_EQ(guest.must_open("a"), 4U);
}

TEST_P(PathOpen, KeepsTheFlagsOfAFile) {
  guest.put(100, "a");
  const std::uint32_t fd = guest.must_open("a", {.oflags = kCreat, .fdflags = 1 | 4 | 16});
  EXPECT_EQ(guest.call("fd_fdstat_get", {fd, 200}), kOk);
  EXPECT_EQ(guest.memory().substr(200, 24),
            le16(4) + le16(1 | 4 | 16) + le32(0) + le64(kFileRights) + le64(0));
}

TEST_P(PathOpen, CountsWhatIsOpened) {
  tree.file("grant/a");
  guest.must_open("a");
  guest.must_open(".", kAsDirectory);
  EXPECT_EQ(guest.open("none").error, Errno::kNoent);
  EXPECT_EQ(guest.host().metrics().files_opened, 2U);
  EXPECT_EQ(guest.host().metrics().of(CallKind::kPath).calls, 3U);
}

}  // namespace
}  // namespace mimobox::wasi
