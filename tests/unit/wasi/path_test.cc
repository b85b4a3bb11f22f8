#include <gtest/gtest.h>

#include "tests/unit/wasi/files.h"

namespace mimobox::wasi {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the fixture's names

class PathNames : public EveryKind {};
INSTANTIATE_TEST_SUITE_P(Kinds, PathNames, kEveryKind, kind_name);

TEST_P(PathNames, CreateDirectoryMakesOneAndWritesNothing) {
  guest.put(100, "d");
  EXPECT_EQ(guest.call("path_create_directory", {3, 100, 1}), kOk);
  EXPECT_EQ(guest.memory(), guest.untouched());
  EXPECT_TRUE(S_ISDIR(tree.status("grant/d").st_mode));
}

TEST_P(PathNames, CreateDirectoryAnswersEachErrno) {
  tree.file("grant/f");
  tree.link("grant/l", "nowhere");
  EXPECT_EQ(guest.mkdir("d/"), Errno::kSuccess);
  EXPECT_EQ(guest.mkdir("d"), Errno::kExist);
  EXPECT_EQ(guest.mkdir("f"), Errno::kExist);
  EXPECT_EQ(guest.mkdir("l"), Errno::kExist);
  EXPECT_EQ(guest.mkdir("."), Errno::kExist);
  EXPECT_EQ(guest.mkdir("d/.."), Errno::kExist);
  EXPECT_EQ(guest.mkdir(".."), Errno::kPerm);
  EXPECT_EQ(guest.mkdir("none/d"), Errno::kNoent);
  EXPECT_EQ(guest.mkdir("none/."), Errno::kNoent);
  EXPECT_EQ(guest.mkdir("f/d"), Errno::kNotdir);
  EXPECT_EQ(guest.mkdir(""), Errno::kNoent);
  EXPECT_EQ(guest.mkdir(std::string(256, 'x')), Errno::kNametoolong);
  EXPECT_EQ(guest.mkdir(std::string(255, 'x')), Errno::kSuccess);
}

TEST_P(PathNames, RemoveDirectoryAnswersEachErrno) {
  tree.folder("grant/d/e");
  tree.file("grant/f");
  tree.link("grant/l", "d");
  EXPECT_EQ(guest.rmdir("d"), Errno::kNotempty);
  EXPECT_EQ(guest.rmdir("d/."), Errno::kInval);
  EXPECT_EQ(guest.rmdir("d/e/.."), Errno::kNotempty);
  EXPECT_EQ(guest.rmdir("."), Errno::kInval);
  EXPECT_EQ(guest.rmdir(".."), Errno::kPerm);
  EXPECT_EQ(guest.rmdir("f"), Errno::kNotdir);
  EXPECT_EQ(guest.rmdir("f/"), Errno::kNotdir);
  EXPECT_EQ(guest.rmdir("l"), Errno::kNotdir);
  EXPECT_EQ(guest.rmdir("l/"), Errno::kNotdir);
  EXPECT_EQ(guest.rmdir("none"), Errno::kNoent);
  EXPECT_EQ(guest.rmdir("l/e/"), Errno::kSuccess);
  EXPECT_EQ(guest.rmdir("d///"), Errno::kSuccess);
  EXPECT_FALSE(tree.exists("grant/d"));
}

TEST_P(PathNames, UnlinkFileAnswersEachErrno) {
  tree.folder("grant/d");
  tree.file("grant/f");
  tree.link("grant/l", "d");
  if (!is_scratch()) tree.fifo("grant/p");  // a scratch has none
  EXPECT_EQ(guest.unlink("d"), Errno::kIsdir);
  EXPECT_EQ(guest.unlink("d/"), Errno::kIsdir);
  EXPECT_EQ(guest.unlink("d/."), Errno::kIsdir);
  EXPECT_EQ(guest.unlink("d/.."), Errno::kIsdir);
  EXPECT_EQ(guest.unlink("f/"), Errno::kNotdir);
  EXPECT_EQ(guest.unlink("l/"), Errno::kNotdir);
  EXPECT_EQ(guest.unlink("none"), Errno::kNoent);
  EXPECT_EQ(guest.unlink("none/"), Errno::kNoent);
  EXPECT_EQ(guest.unlink("f"), Errno::kSuccess);
  EXPECT_EQ(guest.unlink("l"), Errno::kSuccess);
  EXPECT_EQ(guest.unlink("p"), is_scratch() ? Errno::kNoent : Errno::kSuccess);
  EXPECT_TRUE(tree.exists("grant/d"));
  EXPECT_FALSE(tree.exists("grant/f"));
  EXPECT_FALSE(tree.exists("grant/l"));
}

TEST_P(PathNames, SymlinkAnswersEachErrno) {
  tree.folder("grant/d");
  tree.file("grant/f");
  EXPECT_EQ(guest.symlink("../up", "new"), Errno::kSuccess);
  EXPECT_EQ(tree.target("grant/new"), "../up");
  EXPECT_EQ(guest.symlink("x", "new"), Errno::kExist);
  EXPECT_EQ(guest.symlink("x", "d"), Errno::kExist);
  EXPECT_EQ(guest.symlink("x", "d/"), Errno::kExist);
  EXPECT_EQ(guest.symlink("x", "f/"), Errno::kNotdir);
  EXPECT_EQ(guest.symlink("x", "none/"), Errno::kNoent);
  EXPECT_EQ(guest.symlink("x", "."), Errno::kExist);
  EXPECT_EQ(guest.symlink("x", "d/.."), Errno::kExist);
  EXPECT_EQ(guest.symlink("", "e"), Errno::kNoent);
  EXPECT_EQ(guest.symlink("/etc", "e"), Errno::kPerm);
  EXPECT_EQ(guest.symlink(std::string("a\0b", 3), "e"), Errno::kInval);
  EXPECT_EQ(guest.symlink("\xFF", "e"), Errno::kIlseq);
  EXPECT_FALSE(tree.exists("grant/e"));
}

TEST_P(PathNames, ReadlinkWritesTheTargetAndItsLength) {
  tree.link("grant/l", "target");
  guest.put(100, "l");
  EXPECT_EQ(guest.call("path_readlink", {3, 100, 1, 200, 10, 8}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{200, "target"}, {8, le32(6)}}));
}

TEST_P(PathNames, ReadlinkCutsTheTarget) {
  tree.link("grant/l", "target");
  guest.put(100, "l");
  EXPECT_EQ(guest.call("path_readlink", {3, 100, 1, 200, 4, 8}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{200, "targ"}, {8, le32(4)}}));
  EXPECT_EQ(guest.call("path_readlink", {3, 100, 1, 65'536, 0, 8}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{200, "targ"}, {8, le32(0)}}));
}

TEST_P(PathNames, ReadlinkAnswersEachErrno) {
  tree.file("grant/f");
  tree.folder("grant/d");
  if (!is_scratch()) {  // in which nobody can make such links
    tree.link("grant/absolute", tree.path("canary"));
    tree.link("grant/bytes", "\xFF\xFE");
  }
  std::string target = "untouched";
  EXPECT_EQ(guest.readlink("f", target), Errno::kInval);
  EXPECT_EQ(guest.readlink("d", target), Errno::kInval);
  EXPECT_EQ(guest.readlink(".", target), Errno::kInval);
  EXPECT_EQ(guest.readlink("none", target), Errno::kNoent);
  if (!is_scratch()) {
    EXPECT_EQ(guest.readlink("absolute", target), Errno::kPerm);
    EXPECT_EQ(guest.readlink("bytes", target), Errno::kIlseq);
  }
  EXPECT_EQ(guest.readlink("..", target), Errno::kPerm);
  EXPECT_EQ(target, "untouched");
  guest.wipe();
  guest.put(100, "absolute");
  EXPECT_EQ(guest.call("path_readlink", {3, 100, 8, 65'535, 2, 8}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("path_readlink", {3, 100, 8, 200, 64, 65'533}), returns(Errno::kFault));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST_P(PathNames, LinkAnswersEachErrno) {
  tree.file("grant/f", "content");
  tree.folder("grant/d");
  tree.link("grant/dangling", "nowhere");
  EXPECT_EQ(guest.link("f", "hard"), Errno::kSuccess);
  EXPECT_EQ(tree.status("grant/hard").st_ino, tree.status("grant/f").st_ino);
  EXPECT_EQ(guest.link("f", "hard"), Errno::kExist);
  EXPECT_EQ(guest.link("f", "f"), Errno::kExist);
  EXPECT_EQ(guest.link("f", "d"), Errno::kExist);
  EXPECT_EQ(guest.link("f", "d/"), Errno::kExist);
  EXPECT_EQ(guest.link("f", "dangling"), Errno::kExist);
  EXPECT_EQ(guest.link("f", "new/"), Errno::kNoent);
  EXPECT_EQ(guest.link("f", "hard/"), Errno::kNotdir);
  EXPECT_EQ(guest.link("f/", "new"), Errno::kNotdir);
  EXPECT_EQ(guest.link("d", "new"), Errno::kPerm);
  EXPECT_EQ(guest.link("d/", "new"), Errno::kPerm);
  EXPECT_EQ(guest.link(".", "new"), Errno::kPerm);
  EXPECT_EQ(guest.link("d/..", "new"), Errno::kPerm);
  EXPECT_EQ(guest.link("f", "."), Errno::kExist);
  EXPECT_EQ(guest.link("none", "new"), Errno::kNoent);
  EXPECT_EQ(guest.link("none/", "new"), Errno::kNoent);
  EXPECT_EQ(guest.link("f", "new", 3, 3, kFollowFlag), Errno::kInval);
  EXPECT_EQ(guest.link("f", "new", 3, 3, 2), Errno::kInval);
  EXPECT_FALSE(tree.exists("grant/new"));
}

TEST_P(PathNames, LinkOfALinkLinksItself) {
  tree.link("grant/dangling", "nowhere");
  EXPECT_EQ(guest.link("dangling", "hard"), Errno::kSuccess);
  EXPECT_TRUE(S_ISLNK(tree.status("grant/hard").st_mode));
  EXPECT_EQ(guest.link("dangling/", "other"), Errno::kNotdir);
}

TEST_P(PathNames, RenameMovesAndReplaces) {
  tree.file("grant/a", "a");
  tree.file("grant/b", "b");
  tree.folder("grant/d/sub");
  tree.folder("grant/empty");
  EXPECT_EQ(guest.rename("a", "b"), Errno::kSuccess);
  EXPECT_EQ(tree.content("grant/b"), "a");
  EXPECT_FALSE(tree.exists("grant/a"));
  EXPECT_EQ(guest.rename("d/", "empty/"), Errno::kSuccess);
  EXPECT_TRUE(tree.exists("grant/empty/sub"));
  EXPECT_EQ(guest.rename("empty", "fresh/"), Errno::kSuccess);
  EXPECT_TRUE(tree.exists("grant/fresh/sub"));
}

TEST_P(PathNames, RenameAnswersEachErrno) {
  tree.file("grant/f", "f");
  tree.folder("grant/d/sub");
  tree.folder("grant/full/x");
  tree.link("grant/l", "d");
  EXPECT_EQ(guest.rename("none", "x"), Errno::kNoent);
  EXPECT_EQ(guest.rename("none/", "x"), Errno::kNoent);
  EXPECT_EQ(guest.rename("f", "d"), Errno::kIsdir);
  EXPECT_EQ(guest.rename("d", "f"), Errno::kNotdir);
  EXPECT_EQ(guest.rename("d", "full"), Errno::kNotempty);
  EXPECT_EQ(guest.rename("d", "d/sub/e"), Errno::kInval);
  EXPECT_EQ(guest.rename("f/", "x"), Errno::kNotdir);
  EXPECT_EQ(guest.rename("f", "x/"), Errno::kNotdir);
  EXPECT_EQ(guest.rename("l/", "x"), Errno::kNotdir);
  EXPECT_EQ(guest.rename(".", "x"), Errno::kBusy);
  EXPECT_EQ(guest.rename("d/..", "x"), Errno::kBusy);
  EXPECT_EQ(guest.rename("f", "d/."), Errno::kBusy);
  EXPECT_EQ(guest.rename("f", "../x"), Errno::kPerm);
  EXPECT_EQ(guest.rename("../canary", "x"), Errno::kPerm);
  EXPECT_FALSE(tree.exists("grant/x"));
  EXPECT_EQ(tree.content("grant/f"), "f");
}

TEST_P(PathNames, RenameOfALinkMovesItself) {
  tree.folder("grant/d");
  tree.link("grant/l", "d");
  EXPECT_EQ(guest.rename("l", "m"), Errno::kSuccess);
  EXPECT_TRUE(S_ISLNK(tree.status("grant/m").st_mode));
}

TEST_P(PathNames, PathsOutsideTheMemoryChangeNothing) {
  guest.put(100, "a");
  for (const std::uint64_t at : {65'536ULL, 0xFFFF'FFFFULL}) {
    EXPECT_EQ(guest.call("path_create_directory", {3, at, 1}), returns(Errno::kFault));
    EXPECT_EQ(guest.call("path_remove_directory", {3, at, 1}), returns(Errno::kFault));
    EXPECT_EQ(guest.call("path_unlink_file", {3, at, 1}), returns(Errno::kFault));
    EXPECT_EQ(guest.call("path_readlink", {3, at, 1, 0, 1, 8}), returns(Errno::kFault));
    EXPECT_EQ(guest.call("path_symlink", {at, 1, 3, 100, 1}), returns(Errno::kFault));
    EXPECT_EQ(guest.call("path_symlink", {100, 1, 3, at, 1}), returns(Errno::kFault));
    EXPECT_EQ(guest.call("path_link", {3, 0, at, 1, 3, 100, 1}), returns(Errno::kFault));
    EXPECT_EQ(guest.call("path_link", {3, 0, 100, 1, 3, at, 1}), returns(Errno::kFault));
    EXPECT_EQ(guest.call("path_rename", {3, at, 1, 3, 100, 1}), returns(Errno::kFault));
    EXPECT_EQ(guest.call("path_rename", {3, 100, 1, 3, at, 1}), returns(Errno::kFault));
  }
  EXPECT_EQ(guest.memory(), guest.untouched());
}

}  // namespace
}  // namespace mimobox::wasi
