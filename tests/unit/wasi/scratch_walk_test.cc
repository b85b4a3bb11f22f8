#include "wasi/scratch_walk.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/stop_signal.h"
#include "tests/unit/wasi/scratch_fixture.h"
#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/scratch_tree.h"

namespace mimobox::wasi {
namespace {

using file_testing::kCreate;
using file_testing::kRead;
using file_testing::kRoomy;
using file_testing::Scratch;

/// d/e/f is a file.
struct ScratchPath : ::testing::Test {
  Scratch scratch;
  ScratchPath() { scratch.add("d/e/f", "text"); }
};

TEST_F(ScratchPath, MayHaveDotsAndSlashes) {
  const std::uint64_t inode = scratch.stat("d/e/f").inode;
  EXPECT_EQ(scratch.stat("./d/./e/f").inode, inode);
  EXPECT_EQ(scratch.stat("d//e///f").inode, inode);
  EXPECT_EQ(scratch.stat("d/../d/e/../e/f").inode, inode);
  EXPECT_EQ(scratch.stat(".").inode, 1U);
  EXPECT_EQ(scratch.stat("d/..").inode, 1U);
  EXPECT_EQ(scratch.stat("d/e/").type, Filetype::kDirectory);
}

TEST_F(ScratchPath, DoesNotLeadOut) {
  EXPECT_EQ(scratch.error_of_stat(".."), kEscape);
  EXPECT_EQ(scratch.error_of_stat("../"), kEscape);
  EXPECT_EQ(scratch.error_of_stat("d/../.."), kEscape);
  EXPECT_EQ(scratch.error_of_stat("d/../../d"), kEscape);
  EXPECT_EQ(scratch.error_of_stat("/"), kEscape);
  EXPECT_EQ(scratch.error_of_stat("/d"), kEscape);
  EXPECT_EQ(scratch.error_of_stat("//d"), kEscape);
  const ScratchDirectory d = scratch.directory("d");
  EXPECT_EQ(d.stat("..", true).error(), kEscape);
  EXPECT_EQ(d.stat("e/../..", true).error(), kEscape);
  EXPECT_EQ(d.stat("e/..", true)->inode, d.stat()->inode);
}

TEST_F(ScratchPath, DoesNotLeadOutInAnyCall) {
  ScratchDirectory d = scratch.directory("d");
  EXPECT_EQ(d.open("../x", kCreate).error(), kEscape);
  EXPECT_EQ(d.create_directory(".."), kEscape);
  EXPECT_EQ(d.create_directory("../x"), kEscape);
  EXPECT_EQ(d.remove_directory(".."), kEscape);
  EXPECT_EQ(d.remove_directory("../d"), kEscape);
  EXPECT_EQ(d.unlink_file(".."), kEscape);
  EXPECT_EQ(d.unlink_file("../d"), kEscape);
  EXPECT_EQ(d.symlink("x", "../x"), kEscape);
  EXPECT_EQ(d.set_times("..", true, {}), kEscape);
  EXPECT_EQ(d.readlink("../d", {}).error(), kEscape);
  EXPECT_EQ(ScratchDirectory::link(d, "../d", d, "x"), kEscape);
  EXPECT_EQ(ScratchDirectory::link(d, "e/f", d, "../x"), kEscape);
  EXPECT_EQ(ScratchDirectory::rename(d, "..", d, "x"), kEscape);
  EXPECT_EQ(ScratchDirectory::rename(d, "e", d, "../x"), kEscape);
  EXPECT_EQ(scratch.paths(), (std::vector<std::string>{"d", "d/e", "d/e/f"}));
}

TEST_F(ScratchPath, DoesNotLeadOutThroughLinks) {
  scratch.add_link("../d", "up");
  scratch.add_link("d/../..", "around");
  scratch.add_link("up", "twice");
  EXPECT_EQ(scratch.error_of_stat("up", false), Errno::kSuccess);
  EXPECT_EQ(scratch.error_of_stat("up"), kEscape);
  EXPECT_EQ(scratch.error_of_stat("up/", false), kEscape);
  EXPECT_EQ(scratch.error_of_stat("up/e"), kEscape);
  EXPECT_EQ(scratch.error_of_stat("around"), kEscape);
  EXPECT_EQ(scratch.error_of_stat("twice"), kEscape);
  EXPECT_EQ(scratch.error_of_open("up", kCreate), kEscape);
  EXPECT_EQ(scratch.root.unlink_file("up/e/f"), kEscape);
}

TEST_F(ScratchPath, StartsAtItsDirectoryAlsoForLinksFoundOnTheWay) {
  scratch.add_link("../e/f", "d/out");
  scratch.add_link("../d/e/f", "d/back");
  const ScratchDirectory d = scratch.directory("d");
  EXPECT_EQ(scratch.error_of_stat("d/out"), Errno::kNoent);
  EXPECT_EQ(scratch.stat("d/back", true).inode, scratch.stat("d/e/f").inode);
  EXPECT_EQ(d.stat("back", true).error(), kEscape);
}

TEST_F(ScratchPath, FollowsLinksInTheMiddleAlways) {
  scratch.add_link("d/e", "link");
  EXPECT_EQ(scratch.stat("link/f").inode, scratch.stat("d/e/f").inode);
  EXPECT_EQ(scratch.stat("link/../e/f").inode, scratch.stat("d/e/f").inode);
  EXPECT_EQ(scratch.stat("link", false).type, Filetype::kSymbolicLink);
  EXPECT_EQ(scratch.stat("link", true).type, Filetype::kDirectory);
  EXPECT_EQ(scratch.stat("link/", false).type, Filetype::kDirectory);
}

TEST_F(ScratchPath, FollowsFortyLinks) {
  scratch.add_link("d/e/f", "l1");
  for (int i = 2; i <= 41; ++i) {
    scratch.add_link("l" + std::to_string(i - 1), "l" + std::to_string(i));
  }
  EXPECT_EQ(scratch.error_of_stat("l40"), Errno::kSuccess);
  EXPECT_EQ(scratch.error_of_stat("l41"), Errno::kLoop);
  EXPECT_EQ(scratch.error_of_open("l41", kRead), Errno::kLoop);
}

TEST_F(ScratchPath, FollowsFortyNestedLinks) {
  scratch.add_link("./.", "l1");
  for (int i = 2; i <= 41; ++i) {
    scratch.add_link("l" + std::to_string(i - 1) + "/.", "l" + std::to_string(i));
  }
  EXPECT_EQ(scratch.error_of_stat("l40/d/e/f"), Errno::kSuccess);
  EXPECT_EQ(scratch.error_of_stat("l41/d/e/f"), Errno::kLoop);
}

TEST_F(ScratchPath, EndsAtTheStop) {
  base::StopSignal stop;
  const auto tree = ScratchTree::create(kRoomy, scratch.clock, 1, &stop);
  ASSERT_EQ(tree->add_directory("d/e"), Errno::kSuccess);
  auto root = ScratchDirectory::root(*tree);
  EXPECT_TRUE(root.stat("d/../d/./e", true).has_value());
  ASSERT_TRUE(stop.raise(1));
  for (const std::string_view path : {"d/e", "d/..", "./."})
    EXPECT_EQ(root.stat(path, true).error(), Errno::kIntr) << path;
  EXPECT_EQ(root.create_directory("d/new"), Errno::kIntr);
}

TEST_F(ScratchPath, EndsLinkLoops) {
  scratch.add_link("b", "a");
  scratch.add_link("a", "b");
  scratch.add_link("self/self/self", "self");
  EXPECT_EQ(scratch.error_of_stat("a"), Errno::kLoop);
  EXPECT_EQ(scratch.error_of_stat("self"), Errno::kLoop);
  EXPECT_EQ(scratch.error_of_stat("self/x"), Errno::kLoop);
  EXPECT_EQ(scratch.error_of_open("a", kCreate), Errno::kLoop);
}

TEST_F(ScratchPath, WantsDirectoriesBeforeSlashes) {
  scratch.add_link("d/e/f", "to_file");
  EXPECT_EQ(scratch.error_of_stat("d/e/f/"), Errno::kNotdir);
  EXPECT_EQ(scratch.error_of_stat("d/e/f/."), Errno::kNotdir);
  EXPECT_EQ(scratch.error_of_stat("d/e/f/x"), Errno::kNotdir);
  EXPECT_EQ(scratch.error_of_stat("d/e/f/.."), Errno::kNotdir);
  EXPECT_EQ(scratch.error_of_stat("to_file/", false), Errno::kNotdir);
  EXPECT_EQ(scratch.error_of_stat("missing/"), Errno::kNoent);
  EXPECT_EQ(scratch.error_of_stat("missing/.."), Errno::kNoent);
}

TEST_F(ScratchPath, IsNotEmpty) {
  EXPECT_EQ(scratch.error_of_stat(""), Errno::kNoent);
  EXPECT_EQ(scratch.root.create_directory(""), Errno::kNoent);
  EXPECT_EQ(scratch.rename("", "x"), Errno::kNoent);
}

TEST_F(ScratchPath, HasNamesOf255Bytes) {
  EXPECT_EQ(scratch.root.create_directory(std::string(255, 'x')), Errno::kSuccess);
  EXPECT_EQ(scratch.root.create_directory(std::string(256, 'x')), Errno::kNametoolong);
  EXPECT_EQ(scratch.error_of_stat(std::string(256, 'x')), Errno::kNametoolong);
  EXPECT_EQ(scratch.error_of_stat(std::string(256, 'x') + "/y"), Errno::kNametoolong);
}

TEST_F(ScratchPath, Has4095Bytes) {
  EXPECT_EQ(scratch.error_of_stat("." + std::string(4093, '/') + "d"), Errno::kSuccess);
  EXPECT_EQ(scratch.error_of_stat("." + std::string(4094, '/') + "d"), Errno::kNametoolong);
  EXPECT_EQ(scratch.error_of_stat(std::string(1 << 20, 'x')), Errno::kNametoolong);
}

TEST_F(ScratchPath, HasNoNul) {
  EXPECT_EQ(scratch.error_of_stat(std::string("d\0x", 3)), Errno::kInval);
  EXPECT_EQ(scratch.root.create_directory(std::string("x\0", 2)), Errno::kInval);
  EXPECT_EQ(scratch.root.symlink(std::string("x\0", 2), "l"), Errno::kInval);
}

TEST_F(ScratchPath, TakesAnyOtherBytes) {
  EXPECT_EQ(scratch.root.create_directory("\xFF\n\\"), Errno::kSuccess);
  EXPECT_EQ(scratch.stat("\xFF\n\\").type, Filetype::kDirectory);
}

}  // namespace
}  // namespace mimobox::wasi
