#include "wasi/scratch_directory.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/wasi/scratch_fixture.h"
#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/scratch_tree.h"

namespace mimobox::wasi {
namespace {

using file_testing::kCreate;
using file_testing::kRead;
using file_testing::kWrite;
using file_testing::pread;
using file_testing::Scratch;
using file_testing::write;
using Paths = std::vector<std::string>;

constexpr OpenOptions kNoFollow{.read = true, .flags = {}};
constexpr OpenOptions kExclusive{
    .follow = true, .create = true, .exclusive = true, .write = true, .flags = {}};
constexpr OpenOptions kDirectory{.follow = true, .directory = true, .read = true, .flags = {}};
constexpr OpenOptions kTruncate{.follow = true, .truncate = true, .write = true, .flags = {}};

std::string target_of(const Scratch& scratch, std::string_view path, std::size_t room = 100) {
  std::string text(room, '?');
  text.resize(scratch.root.readlink(path, std::as_writable_bytes(std::span(text))).value());
  return text;
}

TEST(ScratchOpen, CreatesAFileOnRequestOnly) {
  Scratch scratch;
  EXPECT_EQ(scratch.error_of_open("f", kWrite), Errno::kNoent);
  EXPECT_EQ(scratch.error_of_open("f", kCreate), Errno::kSuccess);
  EXPECT_EQ(scratch.error_of_open("f", kRead), Errno::kSuccess);
  EXPECT_EQ(scratch.error_of_open("missing/f", kCreate), Errno::kNoent);
}

TEST(ScratchOpen, CreatesExclusivelyOnce) {
  Scratch scratch;
  scratch.add_directory("d");
  scratch.add_link("missing", "l");
  EXPECT_EQ(scratch.error_of_open("f", kExclusive), Errno::kSuccess);
  EXPECT_EQ(scratch.error_of_open("f", kExclusive), Errno::kExist);
  EXPECT_EQ(scratch.error_of_open("d", kExclusive), Errno::kExist);
  EXPECT_EQ(scratch.error_of_open("l", kExclusive), Errno::kExist);
  EXPECT_EQ(scratch.error_of_open(".", kExclusive), Errno::kExist);
  EXPECT_EQ(scratch.error_of_stat("missing"), Errno::kNoent);
}

TEST(ScratchOpen, CreatesTheTargetOfALink) {
  Scratch scratch;
  scratch.add_directory("d");
  scratch.add_link("d/new", "l");
  scratch.add_link("l", "to_l");
  scratch.add_link("nowhere/new", "bad");
  OpenOptions no_follow = kCreate;
  no_follow.follow = false;
  EXPECT_EQ(scratch.error_of_open("to_l", no_follow), Errno::kLoop);
  EXPECT_EQ(scratch.error_of_open("to_l", kCreate), Errno::kSuccess);
  EXPECT_EQ(scratch.stat("d/new").type, Filetype::kRegularFile);
  EXPECT_EQ(scratch.error_of_open("bad", kCreate), Errno::kNoent);
}

TEST(ScratchOpen, CreatesNoDirectory) {
  Scratch scratch;
  scratch.add_directory("d");
  OpenOptions both = kCreate;
  both.directory = true;
  EXPECT_EQ(scratch.error_of_open("x", both), Errno::kInval);
  EXPECT_EQ(scratch.error_of_open("x/", kCreate), Errno::kIsdir);
  EXPECT_EQ(scratch.error_of_open("d/", kCreate), Errno::kIsdir);
  EXPECT_EQ(scratch.error_of_open("d", kCreate), Errno::kIsdir);
  EXPECT_EQ(scratch.error_of_open(".", kCreate), Errno::kIsdir);
}

TEST(ScratchOpen, TellsDirectoriesFromFiles) {
  Scratch scratch;
  scratch.add("d/f");
  EXPECT_EQ(scratch.error_of_open("d", kDirectory), Errno::kSuccess);
  EXPECT_EQ(scratch.error_of_open("d/", kRead), Errno::kSuccess);
  EXPECT_EQ(scratch.error_of_open("d", kWrite), Errno::kIsdir);
  EXPECT_EQ(scratch.error_of_open("d", kTruncate), Errno::kIsdir);
  EXPECT_EQ(scratch.error_of_open("d/f", kDirectory), Errno::kNotdir);
  EXPECT_EQ(scratch.error_of_open("d/f/", kRead), Errno::kNotdir);
}

TEST(ScratchOpen, FollowsALastLinkOnRequestOnly) {
  Scratch scratch;
  scratch.add("f");
  scratch.add_directory("d");
  scratch.add_link("f", "to_f");
  scratch.add_link("d", "to_d");
  OpenOptions directory = kNoFollow;
  directory.directory = true;
  EXPECT_EQ(scratch.error_of_open("to_f", kRead), Errno::kSuccess);
  EXPECT_EQ(scratch.error_of_open("to_f", kNoFollow), Errno::kLoop);
  EXPECT_EQ(scratch.error_of_open("to_d", kNoFollow), Errno::kLoop);
  EXPECT_EQ(scratch.error_of_open("to_d", directory), Errno::kNotdir);
  EXPECT_EQ(scratch.error_of_open("to_d/", kNoFollow), Errno::kSuccess);
}

TEST(ScratchOpen, EmptiesAFile) {
  Scratch scratch;
  scratch.add("f", std::string(100'000, 'x'));
  scratch.add("empty");
  const std::uint64_t mtim = scratch.stat("f").mtim;
  EXPECT_EQ(scratch.error_of_open("f", kTruncate), Errno::kSuccess);
  EXPECT_EQ(scratch.stat("f").size, 0U);
  EXPECT_GT(scratch.stat("f").mtim, mtim);
  EXPECT_EQ(scratch.tree->use().bytes, 2 * (kScratchInodePrice + kScratchNamePrice) + 6);
}

TEST(ScratchCreateDirectory, MakesOneThatDoesNotExist) {
  Scratch scratch;
  scratch.add("f");
  scratch.add_link("missing", "l");
  EXPECT_EQ(scratch.root.create_directory("a"), Errno::kSuccess);
  EXPECT_EQ(scratch.root.create_directory("b//"), Errno::kSuccess);
  EXPECT_EQ(scratch.root.create_directory("a"), Errno::kExist);
  EXPECT_EQ(scratch.root.create_directory("f"), Errno::kExist);
  EXPECT_EQ(scratch.root.create_directory("l"), Errno::kExist);
  EXPECT_EQ(scratch.root.create_directory("l/"), Errno::kExist);
  EXPECT_EQ(scratch.root.create_directory("."), Errno::kExist);
  EXPECT_EQ(scratch.root.create_directory("a/."), Errno::kExist);
  EXPECT_EQ(scratch.root.create_directory("f/x"), Errno::kNotdir);
  EXPECT_EQ(scratch.root.create_directory("x/y"), Errno::kNoent);
  EXPECT_EQ(scratch.stat(".").links, 4U);
}

TEST(ScratchRemoveDirectory, RemovesAnEmptyOneOnly) {
  Scratch scratch;
  scratch.add("d/e/f");
  scratch.add_link("d", "l");
  EXPECT_EQ(scratch.root.remove_directory("d/e"), Errno::kNotempty);
  EXPECT_EQ(scratch.root.remove_directory("d/e/f"), Errno::kNotdir);
  EXPECT_EQ(scratch.root.remove_directory("l"), Errno::kNotdir);
  EXPECT_EQ(scratch.root.remove_directory("l/"), Errno::kNotdir);
  EXPECT_EQ(scratch.root.remove_directory("x"), Errno::kNoent);
  EXPECT_EQ(scratch.root.remove_directory("."), Errno::kInval);
  EXPECT_EQ(scratch.root.remove_directory("d/e/."), Errno::kInval);
  EXPECT_EQ(scratch.root.remove_directory("d/e/.."), Errno::kNotempty);
  EXPECT_EQ(scratch.root.unlink_file("d/e/f"), Errno::kSuccess);
  EXPECT_EQ(scratch.root.remove_directory("d/e/"), Errno::kSuccess);
  EXPECT_EQ(scratch.paths(), (Paths{"d", "l"}));
  EXPECT_EQ(scratch.stat("d").links, 2U);
}

TEST(ScratchRemoveDirectory, LeavesAnOpenOneUselessButValid) {
  Scratch scratch;
  scratch.add("f");
  scratch.add_directory("d");
  {
    ScratchDirectory d = scratch.directory("d");
    EXPECT_EQ(scratch.root.remove_directory("d"), Errno::kSuccess);
    EXPECT_EQ(d.stat()->links, 0U);
    EXPECT_EQ(d.open("f", kCreate).error(), Errno::kNoent);
    EXPECT_EQ(d.create_directory("e"), Errno::kNoent);
    EXPECT_EQ(d.symlink("x", "l"), Errno::kNoent);
    EXPECT_EQ(ScratchDirectory::link(scratch.root, "f", d, "g"), Errno::kNoent);
    EXPECT_EQ(d.stat(".", true)->inode, d.stat()->inode);
    EXPECT_EQ(d.stat("..", true).error(), kEscape);
    EXPECT_EQ(d.list(0, [](const DirectoryEntry&) { return true; }), Errno::kNoent);
    EXPECT_EQ(scratch.tree->use().files, 2U);
  }
  EXPECT_EQ(scratch.tree->use().files, 1U);
}

TEST(ScratchUnlinkFile, RemovesAllButDirectories) {
  Scratch scratch;
  scratch.add("f");
  scratch.add_directory("d");
  scratch.add_link("d", "l");
  EXPECT_EQ(scratch.root.unlink_file("d"), Errno::kIsdir);
  EXPECT_EQ(scratch.root.unlink_file("d/"), Errno::kIsdir);
  EXPECT_EQ(scratch.root.unlink_file("."), Errno::kIsdir);
  EXPECT_EQ(scratch.root.unlink_file("d/.."), Errno::kIsdir);
  EXPECT_EQ(scratch.root.unlink_file("f/"), Errno::kNotdir);
  EXPECT_EQ(scratch.root.unlink_file("l/"), Errno::kNotdir);
  EXPECT_EQ(scratch.root.unlink_file("x"), Errno::kNoent);
  EXPECT_EQ(scratch.root.unlink_file("f"), Errno::kSuccess);
  EXPECT_EQ(scratch.root.unlink_file("l"), Errno::kSuccess);
  EXPECT_EQ(scratch.paths(), Paths{"d"});
}

TEST(ScratchSymlink, KeepsItsTarget) {
  Scratch scratch;
  EXPECT_EQ(scratch.root.symlink("../any/where", "l"), Errno::kSuccess);
  EXPECT_EQ(target_of(scratch, "l"), "../any/where");
  EXPECT_EQ(target_of(scratch, "l", 5), "../an");
  EXPECT_EQ(target_of(scratch, "l", 0), "");
  EXPECT_EQ(scratch.stat("l").size, 12U);
  EXPECT_EQ(scratch.root.readlink(".", {}).error(), Errno::kInval);
}

TEST(ScratchSymlink, RefusesTargetsThatCannotBeFollowed) {
  Scratch scratch;
  EXPECT_EQ(scratch.root.symlink("/x", "l"), kEscape);
  EXPECT_EQ(scratch.root.symlink("", "l"), Errno::kNoent);
  EXPECT_EQ(scratch.root.symlink(std::string(4095, 'x'), "l"), Errno::kSuccess);
  EXPECT_EQ(scratch.root.symlink(std::string(4096, 'x'), "m"), Errno::kNametoolong);
}

TEST(ScratchSymlink, GoesToANewNameWithoutSlash) {
  Scratch scratch;
  scratch.add_directory("d");
  EXPECT_EQ(scratch.root.symlink("x", "l/"), Errno::kNoent);
  EXPECT_EQ(scratch.root.symlink("x", "d"), Errno::kExist);
  EXPECT_EQ(scratch.root.symlink("x", "d/"), Errno::kExist);
  EXPECT_EQ(scratch.root.symlink("x", "."), Errno::kExist);
}

TEST(ScratchLink, IsTheSameFile) {
  Scratch scratch;
  scratch.add("a", "text");
  EXPECT_EQ(scratch.link("a", "b"), Errno::kSuccess);
  EXPECT_EQ(scratch.stat("a").inode, scratch.stat("b").inode);
  EXPECT_EQ(scratch.stat("a").links, 2U);
  EXPECT_EQ(scratch.tree->use().files, 1U);
  EXPECT_EQ(scratch.root.unlink_file("a"), Errno::kSuccess);
  EXPECT_EQ(scratch.content("b"), "text");
  EXPECT_EQ(scratch.stat("b").links, 1U);
}

TEST(ScratchLink, RefusesDirectoriesAndNamesThatExist) {
  Scratch scratch;
  scratch.add("f");
  scratch.add_directory("d");
  scratch.add_link("d", "l");
  EXPECT_EQ(scratch.link("d", "x"), Errno::kPerm);
  EXPECT_EQ(scratch.link("l/", "x"), Errno::kNotdir);  // never followed, as on a host directory
  EXPECT_EQ(scratch.link(".", "x"), Errno::kPerm);
  EXPECT_EQ(scratch.link("d", "f"), Errno::kExist);
  EXPECT_EQ(scratch.link("f", "f"), Errno::kExist);
  EXPECT_EQ(scratch.link("f", "."), Errno::kExist);
  EXPECT_EQ(scratch.link("f", "x/"), Errno::kNoent);
  EXPECT_EQ(scratch.link("f/", "x"), Errno::kNotdir);
  EXPECT_EQ(scratch.link("missing", "x"), Errno::kNoent);
}

TEST(ScratchLink, DoesNotFollow) {
  Scratch scratch;
  scratch.add("f");
  scratch.add_link("f", "l");
  EXPECT_EQ(scratch.link("l", "m"), Errno::kSuccess);
  EXPECT_EQ(scratch.stat("m").type, Filetype::kSymbolicLink);
  EXPECT_EQ(scratch.stat("l").links, 2U);
}

TEST(ScratchStat, TellsLittle) {
  Scratch scratch;
  scratch.clock.tick = 0;
  scratch.add("d/f", "abc");
  const Filestat stat = scratch.stat("d/f");
  EXPECT_EQ(stat.device, 1U);
  EXPECT_EQ(stat.inode, 3U);
  EXPECT_EQ(stat.type, Filetype::kRegularFile);
  EXPECT_EQ(stat.links, 1U);
  EXPECT_EQ(stat.size, 3U);
  EXPECT_EQ(stat.atim, 5'000U);
  EXPECT_EQ(stat.mtim, 5'000U);
  EXPECT_EQ(stat.ctim, 5'000U);
  EXPECT_EQ(scratch.root.stat()->inode, 1U);
  EXPECT_EQ(scratch.root.stat()->size, 4096U);
}

TEST(ScratchSetTimes, FollowsOnRequestOnly) {
  Scratch scratch;
  scratch.add("f");
  scratch.add_link("f", "l");
  const TimesChange times{.atim = {.kind = TimeChange::Kind::kValue, .nanoseconds = 7},
                          .mtim = {.kind = TimeChange::Kind::kValue, .nanoseconds = 8}};
  EXPECT_EQ(scratch.root.set_times("l", false, times), Errno::kSuccess);
  EXPECT_EQ(scratch.stat("l").mtim, 8U);
  EXPECT_NE(scratch.stat("f").mtim, 8U);
  EXPECT_EQ(scratch.root.set_times("l", true, times), Errno::kSuccess);
  EXPECT_EQ(scratch.stat("f").atim, 7U);
  EXPECT_EQ(scratch.root.set_times(times), Errno::kSuccess);
  EXPECT_EQ(scratch.root.stat()->mtim, 8U);
  EXPECT_EQ(scratch.root.set_times("x", true, times), Errno::kNoent);
  EXPECT_EQ(scratch.root.sync(), Errno::kSuccess);
}

TEST(ScratchTimes, OfADirectoryChangeWithItsNames) {
  Scratch scratch;
  scratch.add_directory("d");
  scratch.add("f");
  auto changed = [&, last = scratch.stat("d").mtim]() mutable {
    const std::uint64_t now = scratch.stat("d").mtim;
    EXPECT_EQ(scratch.stat("d").ctim, now);
    return std::exchange(last, now) < now;
  };
  EXPECT_FALSE(changed());
  EXPECT_EQ(scratch.link("f", "d/g"), Errno::kSuccess);
  EXPECT_TRUE(changed());
  EXPECT_EQ(scratch.rename("d/g", "d/h"), Errno::kSuccess);
  EXPECT_TRUE(changed());
  EXPECT_EQ(scratch.error_of_open("d/h", kTruncate), Errno::kSuccess);
  EXPECT_FALSE(changed());
  EXPECT_EQ(scratch.root.unlink_file("d/h"), Errno::kSuccess);
  EXPECT_TRUE(changed());
}

}  // namespace
}  // namespace mimobox::wasi
