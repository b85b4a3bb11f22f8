#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/wasi/scratch_fixture.h"
#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/scratch_directory.h"

namespace mimobox::wasi {
namespace {

using file_testing::Scratch;
using Paths = std::vector<std::string>;

TEST(ScratchRename, MovesAFile) {
  Scratch scratch;
  scratch.add("a", "text");
  scratch.add_directory("d");
  const std::uint64_t inode = scratch.stat("a").inode;
  EXPECT_EQ(scratch.rename("a", "d/b"), Errno::kSuccess);
  EXPECT_EQ(scratch.paths(), (Paths{"d", "d/b"}));
  EXPECT_EQ(scratch.stat("d/b").inode, inode);
  EXPECT_EQ(scratch.content("d/b"), "text");
}

TEST(ScratchRename, ReplacesAFileAndFreesIt) {
  Scratch scratch;
  scratch.add("a", "new");
  const std::uint64_t one_file = scratch.tree->use().bytes;
  scratch.add("b", std::string(100'000, 'x'));
  EXPECT_EQ(scratch.rename("a", "b"), Errno::kSuccess);
  EXPECT_EQ(scratch.content("b"), "new");
  EXPECT_EQ(scratch.tree->use().bytes, one_file);
  EXPECT_EQ(scratch.tree->use().files, 1U);
}

TEST(ScratchRename, MovesADirectoryWithAllInIt) {
  Scratch scratch;
  scratch.add("d/e/f", "text");
  scratch.add_directory("to");
  EXPECT_EQ(scratch.rename("d", "to/d/"), Errno::kSuccess);
  EXPECT_EQ(scratch.paths(), (Paths{"to", "to/d", "to/d/e", "to/d/e/f"}));
  EXPECT_EQ(scratch.stat("to/d/..").inode, scratch.stat("to").inode);
  EXPECT_EQ(scratch.stat("to").links, 3U);
  EXPECT_EQ(scratch.stat(".").links, 3U);
}

TEST(ScratchRename, ReplacesAnEmptyDirectoryOnly) {
  Scratch scratch;
  scratch.add("a/f");
  scratch.add_directory("empty");
  scratch.add("full/f");
  EXPECT_EQ(scratch.rename("a", "full"), Errno::kNotempty);
  EXPECT_EQ(scratch.rename("a", "empty"), Errno::kSuccess);
  EXPECT_EQ(scratch.paths(), (Paths{"empty", "empty/f", "full", "full/f"}));
  EXPECT_EQ(scratch.stat(".").links, 4U);
}

TEST(ScratchRename, ReplacesNothingOfAnotherKind) {
  Scratch scratch;
  scratch.add("f");
  scratch.add_directory("d");
  scratch.add_link("d", "l");
  EXPECT_EQ(scratch.rename("f", "d"), Errno::kIsdir);
  EXPECT_EQ(scratch.rename("l", "d"), Errno::kIsdir);
  EXPECT_EQ(scratch.rename("d", "f"), Errno::kNotdir);
  EXPECT_EQ(scratch.rename("d", "l"), Errno::kNotdir);
  EXPECT_EQ(scratch.rename("f", "l"), Errno::kSuccess);
  EXPECT_EQ(scratch.stat("l").type, Filetype::kRegularFile);
}

TEST(ScratchRename, RefusesADirectoryIntoItself) {
  Scratch scratch;
  scratch.add_directory("d/e");
  EXPECT_EQ(scratch.rename("d", "d/x"), Errno::kInval);
  EXPECT_EQ(scratch.rename("d", "d/e/x"), Errno::kInval);
  EXPECT_EQ(scratch.rename("d", "d/e"), Errno::kInval);
  EXPECT_EQ(scratch.rename("d/e", "d"), Errno::kNotempty);
  ScratchDirectory inner = scratch.directory("d/e");
  EXPECT_EQ(ScratchDirectory::rename(scratch.root, "d", inner, "x"), Errno::kInval);
}

TEST(ScratchRename, DoesNothingOntoTheSameInode) {
  Scratch scratch;
  scratch.add("a", "text");
  scratch.add_directory("d");
  EXPECT_EQ(scratch.link("a", "b"), Errno::kSuccess);
  EXPECT_EQ(scratch.rename("a", "a"), Errno::kSuccess);
  EXPECT_EQ(scratch.rename("a", "b"), Errno::kSuccess);
  EXPECT_EQ(scratch.rename("d", "d"), Errno::kSuccess);
  EXPECT_EQ(scratch.paths(), (Paths{"a", "d", "b"}));
  EXPECT_EQ(scratch.stat("a").links, 2U);
}

TEST(ScratchRename, RefusesDots) {
  Scratch scratch;
  scratch.add_directory("d/e");
  scratch.add("f");
  EXPECT_EQ(scratch.rename(".", "x"), Errno::kBusy);
  EXPECT_EQ(scratch.rename("d/.", "x"), Errno::kBusy);
  EXPECT_EQ(scratch.rename("d/e/..", "x"), Errno::kBusy);
  EXPECT_EQ(scratch.rename("d", "."), Errno::kBusy);
  EXPECT_EQ(scratch.rename("f", "d/.."), Errno::kBusy);
}

TEST(ScratchRename, WantsDirectoriesBeforeSlashes) {
  Scratch scratch;
  scratch.add("f");
  scratch.add_directory("d");
  scratch.add_link("d", "l");
  EXPECT_EQ(scratch.rename("f/", "x"), Errno::kNotdir);
  EXPECT_EQ(scratch.rename("f", "x/"), Errno::kNotdir);
  EXPECT_EQ(scratch.rename("l/", "x"), Errno::kNotdir);
  EXPECT_EQ(scratch.rename("d/", "x/"), Errno::kSuccess);
  EXPECT_EQ(scratch.rename("missing", "x"), Errno::kNoent);
  EXPECT_EQ(scratch.rename("f", "missing/x"), Errno::kNoent);
  EXPECT_EQ(scratch.rename("f", "f/x"), Errno::kNotdir);
}

TEST(ScratchRename, MovesALinkItself) {
  Scratch scratch;
  scratch.add_link("missing", "l");
  EXPECT_EQ(scratch.rename("l", "m"), Errno::kSuccess);
  EXPECT_EQ(scratch.stat("m").type, Filetype::kSymbolicLink);
}

TEST(ScratchRename, NeedsQuotaForALongerNameOnly) {
  constexpr std::uint64_t kFile = kScratchInodePrice + kScratchNamePrice;
  Scratch scratch({.bytes = kFile + 3, .files = 1});
  scratch.add("aa");
  EXPECT_EQ(scratch.rename("aa", "bb"), Errno::kSuccess);
  EXPECT_EQ(scratch.rename("bb", "bbbb"), Errno::kDquot);
  EXPECT_EQ(scratch.rename("bb", "ccc"), Errno::kSuccess);
  EXPECT_EQ(scratch.rename("ccc", "c"), Errno::kSuccess);
  EXPECT_EQ(scratch.tree->use().bytes, kFile + 1);
}

TEST(ScratchRename, StaysWithinOneTree) {
  Scratch one;
  Scratch other;
  one.add("f");
  EXPECT_EQ(ScratchDirectory::rename(one.root, "f", other.root, "f"), Errno::kXdev);
  EXPECT_EQ(ScratchDirectory::link(one.root, "f", other.root, "f"), Errno::kXdev);
}

TEST(ScratchRename, DoesNotGoToARemovedDirectory) {
  Scratch scratch;
  scratch.add("f");
  scratch.add_directory("d");
  ScratchDirectory d = scratch.directory("d");
  EXPECT_EQ(scratch.root.remove_directory("d"), Errno::kSuccess);
  EXPECT_EQ(ScratchDirectory::rename(scratch.root, "f", d, "f"), Errno::kNoent);
  EXPECT_EQ(ScratchDirectory::rename(d, "f", scratch.root, "f"), Errno::kNoent);
}

TEST(ScratchRename, MovesADirectoryThatIsOpen) {
  Scratch scratch;
  scratch.add("d/e/f");
  ScratchDirectory e = scratch.directory("d/e");
  EXPECT_EQ(scratch.rename("d/e", "x"), Errno::kSuccess);
  EXPECT_EQ(e.create_directory("new"), Errno::kSuccess);
  EXPECT_EQ(scratch.paths(), (Paths{"d", "x", "x/f", "x/new"}));
}

}  // namespace
}  // namespace mimobox::wasi
