#include <fcntl.h>
#include <sys/sysmacros.h>

#include <array>

#include <gtest/gtest.h>

#include "tests/unit/wasi/files.h"

// Named attacks on path containment; each runs with the kernel's resolution and without it, and on
// scratches where they can hold what it takes.

namespace mimobox::wasi {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the fixture's names

constexpr std::array<bool, 2> kBoth = {false, true};

/// Tries every function of a path on one that leads out, and on one that must not exist: all give
/// `expected` when they follow the end of the path and `not_followed` when they do not.
void expect_refused(FilesGuest& guest, const std::string& path, Errno expected,
                    Errno not_followed) {
  const struct stat canary = guest.tree.status("canary");
  std::string target = "untouched";
  for (const bool follow : kBoth) {
    const std::uint32_t dirflags = follow ? kFollowFlag : 0;
    const Errno open_errno = follow ? expected : not_followed;
    EXPECT_EQ(guest.open(path, {.dirflags = dirflags}).error, open_errno) << path;
    EXPECT_EQ(guest.open(path, {.rights = 0, .dirflags = dirflags}).error, open_errno) << path;
    EXPECT_EQ(guest.open(path, {.oflags = kTrunc, .dirflags = dirflags}).error, open_errno) << path;
  }
  EXPECT_EQ(guest.stat(path, true), expected) << path;
  EXPECT_EQ(guest.set_times(path, 1, true), expected) << path;
  expect_canary_untouched(guest.tree, canary);
}

/// A path that leads out whatever is done with it.
void expect_refused_everywhere(FilesGuest& guest, const std::string& path) {
  const struct stat canary = guest.tree.status("canary");
  expect_refused(guest, path, Errno::kPerm, Errno::kPerm);
  guest.tree.file("grant/mine", "mine");
  std::string target = "untouched";
  for (const std::uint32_t oflags : {kCreat, kCreat | kExcl, kCreat | kTrunc, kDirectoryFlag}) {
    EXPECT_EQ(guest.open(path, {.oflags = oflags}).error, Errno::kPerm) << path << oflags;
  }
  EXPECT_EQ(guest.stat(path), Errno::kPerm) << path;
  EXPECT_EQ(guest.set_times(path, 1), Errno::kPerm) << path;
  EXPECT_EQ(guest.readlink(path, target), Errno::kPerm) << path;
  EXPECT_EQ(guest.mkdir(path), Errno::kPerm) << path;
  EXPECT_EQ(guest.rmdir(path), Errno::kPerm) << path;
  EXPECT_EQ(guest.unlink(path), Errno::kPerm) << path;
  EXPECT_EQ(guest.symlink("x", path), Errno::kPerm) << path;
  EXPECT_EQ(guest.link(path, "stolen"), Errno::kPerm) << path;
  EXPECT_EQ(guest.link("mine", path), Errno::kPerm) << path;
  EXPECT_EQ(guest.rename(path, "stolen"), Errno::kPerm) << path;
  EXPECT_EQ(guest.rename("mine", path), Errno::kPerm) << path;
  EXPECT_EQ(target, "untouched");
  EXPECT_FALSE(guest.tree.exists("grant/stolen"));
  EXPECT_TRUE(guest.tree.exists("grant/mine"));
  expect_canary_untouched(guest.tree, canary);
}

class AttackPaths : public BothWays {};
class AttackPathsOfEveryKind : public EveryKind {};

using Attack24 = AttackPathsOfEveryKind;
INSTANTIATE_TEST_SUITE_P(Kinds, Attack24, kEveryKind, kind_name);

TEST_P(Attack24, DotDotChainsAndAbsolutePathsAreRefused) {
  tree.folder("grant/a/b");
  tree.link("grant/inside", "a");
  for (const char* path :
       {"../canary", "../../canary", "a/../../canary", "a/b/../../../canary", "./../canary",
        "a/./../.././canary", "a//..//..//canary", "inside/../../canary",
        "inside/b/../../../canary", "../grant/../canary", "..", "../", "../.", "a/../..",
        "a/../../", "a/../../.", "../grant", "../grant/a"}) {
    expect_refused_everywhere(guest, path);
  }
  for (const char* slashes : {"", "/", "//"}) {
    expect_refused_everywhere(guest, slashes + tree.path("canary"));
    expect_refused_everywhere(guest, slashes + tree.path("none"));
  }
  for (const char* root : {"/", "//", "/.", "/.."}) {
    EXPECT_EQ(guest.open(root, {.rights = 0}).error, Errno::kPerm) << root;
    EXPECT_EQ(guest.stat(root, true), Errno::kPerm) << root;
  }
  expect_refused_everywhere(guest, tree.path("grant/a"));
}

TEST_P(Attack24, TrailingSlashesAndDotsDoNotFollowOut) {
  tree.folder("outside/inner");
  tree.link("grant/out", "../outside");
  tree.link("grant/file", "../canary");
  const struct stat before = tree.status("outside");
  for (const char* path : {"out/", "out//", "out/.", "out/./", "out/inner", "out/..", "out/new",
                           "file/", "file/.", "file//", "out/inner/.."}) {
    expect_refused(guest, path, Errno::kPerm, Errno::kPerm);
    EXPECT_EQ(guest.stat(path), Errno::kPerm) << path;
    EXPECT_EQ(guest.set_times(path, 1), Errno::kPerm) << path;
  }
  for (const char* path : {"out/inner", "out/new", "out/./x"}) {
    EXPECT_EQ(guest.mkdir(path), Errno::kPerm) << path;
    EXPECT_EQ(guest.rmdir(path), Errno::kPerm) << path;
    EXPECT_EQ(guest.unlink(path), Errno::kPerm) << path;
    EXPECT_EQ(guest.symlink("x", path), Errno::kPerm) << path;
  }
  EXPECT_EQ(guest.rmdir("out/"), Errno::kNotdir);
  EXPECT_EQ(guest.unlink("out/"), Errno::kNotdir);
  EXPECT_EQ(guest.link("out/", "stolen"), Errno::kNotdir);
  EXPECT_EQ(guest.link("file/", "stolen"), Errno::kNotdir);
  EXPECT_EQ(guest.rename("out/", "stolen"), Errno::kNotdir);
  EXPECT_EQ(guest.mkdir("out/"), Errno::kExist);
  EXPECT_FALSE(tree.exists("grant/stolen"));
  EXPECT_TRUE(tree.exists("outside/inner"));
  EXPECT_FALSE(tree.exists("outside/new"));
  EXPECT_EQ(tree.status("outside").st_mtim.tv_nsec, before.st_mtim.tv_nsec);
}

using Attack25 = AttackPathsOfEveryKind;
INSTANTIATE_TEST_SUITE_P(Kinds, Attack25, kEveryKind, kind_name);

TEST_P(Attack25, LinksThatTheGuestMadeLeadNowhere) {
  EXPECT_EQ(guest.symlink("/", "root"), Errno::kPerm);
  EXPECT_EQ(guest.symlink(tree.path("canary"), "bird"), Errno::kPerm);
  EXPECT_EQ(guest.symlink("..", "up"), Errno::kSuccess);
  EXPECT_EQ(guest.symlink("../canary", "bird"), Errno::kSuccess);
  EXPECT_EQ(guest.mkdir("d"), Errno::kSuccess);
  EXPECT_EQ(guest.symlink("../../canary", "d/bird"), Errno::kSuccess);
  EXPECT_EQ(guest.symlink("d/bird", "nested"), Errno::kSuccess);
  EXPECT_EQ(guest.symlink("up/canary", "twice"), Errno::kSuccess);
  for (const char* path : {"bird", "d/bird", "nested", "twice", "up"}) {
    expect_refused(guest, path, Errno::kPerm, Errno::kLoop);
  }
  for (const char* path : {"up/canary", "up/grant/d", "d/../up/canary", "up/."}) {
    expect_refused(guest, path, Errno::kPerm, Errno::kPerm);
  }
  const struct stat canary = tree.status("canary");
  EXPECT_EQ(guest.rename("up/canary", "stolen"), Errno::kPerm);
  EXPECT_EQ(guest.link("up/canary", "stolen"), Errno::kPerm);
  EXPECT_EQ(guest.unlink("up/canary"), Errno::kPerm);
  EXPECT_EQ(guest.rename("bird", "up/bird"), Errno::kPerm);
  EXPECT_EQ(guest.open("up/new", {.oflags = kCreat}).error, Errno::kPerm);
  EXPECT_EQ(guest.open("bird", {.oflags = kCreat | kTrunc, .dirflags = kFollowFlag}).error,
            Errno::kPerm);
  expect_canary_untouched(tree, canary);
  EXPECT_FALSE(tree.exists("new"));
  // The links themselves are the guest's.
  EXPECT_EQ(guest.unlink("bird"), Errno::kSuccess);
  EXPECT_EQ(guest.rename("nested", "moved"), Errno::kSuccess);
  expect_canary_untouched(tree, canary);
}

TEST_P(Attack25, ADanglingLinkOutMakesNothingThere) {
  EXPECT_EQ(guest.symlink("../born", "l"), Errno::kSuccess);
  const How create{.oflags = kCreat, .dirflags = kFollowFlag};
  EXPECT_EQ(guest.open("l", create).error, Errno::kPerm);
  EXPECT_EQ(guest.open("l", {.oflags = kCreat}).error, Errno::kLoop);
  // A file with a slash is refused before the link is looked at.
  EXPECT_EQ(guest.open("l/", create).error, Errno::kIsdir);
  EXPECT_EQ(guest.mkdir("l"), Errno::kExist);
  EXPECT_EQ(guest.mkdir("l/"), Errno::kExist);
  EXPECT_FALSE(tree.exists("born"));
}

TEST_P(Attack25, ADirectoryThatIsMovedTakesItsLinksNowhere) {
  // What was inside at a depth of two leads out at a depth of one.
  EXPECT_EQ(guest.mkdir("a"), Errno::kSuccess);
  EXPECT_EQ(guest.mkdir("a/b"), Errno::kSuccess);
  EXPECT_EQ(guest.symlink("../../canary", "a/b/l"), Errno::kSuccess);
  EXPECT_EQ(guest.stat("a/b/l", true), Errno::kNoent);
  EXPECT_EQ(guest.rename("a/b", "b"), Errno::kSuccess);
  EXPECT_EQ(guest.stat("b/l", true), Errno::kPerm);
  const std::uint32_t b = guest.must_open("b", kAsDirectory);
  EXPECT_EQ(guest.stat("l", true, b), Errno::kPerm);
}

using Attack26 = AttackPaths;
INSTANTIATE_TEST_SUITE_P(Ways, Attack26, ::testing::Bool(), way_name);

TEST_P(Attack26, LinksOfTheHostThatPointOutsideAreRefused) {
  tree.link("grant/absolute", tree.path("canary"));
  tree.link("grant/relative", "../canary");
  tree.link("grant/root", tree.path(""));
  tree.link("grant/back", tree.path("grant"));
  tree.link("grant/chain", "absolute");
  for (const char* path : {"absolute", "relative", "root", "back", "chain"}) {
    expect_refused(guest, path, Errno::kPerm, Errno::kLoop);
  }
  for (const char* path : {"root/canary", "back/x", "root/."}) {
    expect_refused(guest, path, Errno::kPerm, Errno::kPerm);
  }
}

TEST_P(Attack26, MagicLinksAreRefused) {
  const base::UniqueFd canary(::open(tree.path("canary").c_str(), O_RDWR | O_CLOEXEC));
  tree.link("grant/fd", "/proc/self/fd/" + std::to_string(canary.get()));
  tree.link("grant/self", "/proc/self/root");
  expect_refused(guest, "fd", Errno::kPerm, Errno::kLoop);
  expect_refused(guest, "self" + tree.path("canary"), Errno::kPerm, Errno::kPerm);
}

using Attack61 = AttackPaths;
INSTANTIATE_TEST_SUITE_P(Ways, Attack61, ::testing::Bool(), way_name);

TEST_P(Attack61, SetTimesThroughALinkDoesNotReachOutside) {
  tree.link("grant/out", "../canary");
  tree.link("grant/absolute", tree.path("canary"));
  const struct stat canary = tree.status("canary");
  EXPECT_EQ(guest.set_times("out", 1, true), Errno::kPerm);
  EXPECT_EQ(guest.set_times("absolute", 1, true), Errno::kPerm);
  expect_canary_untouched(tree, canary);
  EXPECT_EQ(guest.set_times("out", 1, false), Errno::kSuccess);
  expect_canary_untouched(tree, canary);
  EXPECT_EQ(tree.status("grant/out").st_mtim.tv_sec, 1);
}

TEST_P(Attack61, LinkNeverFollows) {
  tree.link("grant/out", "../canary");
  const struct stat canary = tree.status("canary");
  EXPECT_EQ(guest.link("out", "stolen", 3, 3, kFollowFlag), Errno::kInval);
  EXPECT_FALSE(tree.exists("grant/stolen"));
  EXPECT_EQ(guest.link("out", "copy"), Errno::kSuccess);
  EXPECT_TRUE(S_ISLNK(tree.status("grant/copy").st_mode));
  EXPECT_EQ(guest.open("copy", {.dirflags = kFollowFlag}).error, Errno::kPerm);
  expect_canary_untouched(tree, canary);
}

TEST_P(Attack61, ALastDotOrDotDotStaysInside) {
  tree.folder("grant/d");
  const struct stat outside = tree.status(".");
  for (const char* path : {"..", "d/../..", "../.", "../"})
    expect_refused_everywhere(guest, path);
  EXPECT_EQ(guest.stat("d/.."), Errno::kSuccess);
  EXPECT_EQ(guest.set_times("d/..", 1), Errno::kSuccess);
  EXPECT_EQ(guest.set_times("d/.", 1), Errno::kSuccess);
  EXPECT_EQ(guest.set_times(".", 2, true), Errno::kSuccess);
  EXPECT_EQ(tree.status("grant").st_mtim.tv_sec, 2);
  EXPECT_EQ(tree.status(".").st_mtim.tv_nsec, outside.st_mtim.tv_nsec);
  for (const char* path : {".", "d/.", "d/.."}) {
    EXPECT_EQ(guest.mkdir(path), Errno::kExist) << path;
    EXPECT_EQ(guest.unlink(path), Errno::kIsdir) << path;
    EXPECT_EQ(guest.symlink("x", path), Errno::kExist) << path;
    EXPECT_EQ(guest.link("d", path), Errno::kExist) << path;
    EXPECT_EQ(guest.rename(path, "x"), Errno::kBusy) << path;
    EXPECT_EQ(guest.rename("d", path), Errno::kBusy) << path;
    EXPECT_NE(guest.rmdir(path), Errno::kSuccess) << path;
  }
}

using Attack05 = AttackPaths;
INSTANTIATE_TEST_SUITE_P(Ways, Attack05, ::testing::Bool(), way_name);

TEST_P(Attack05, FifosSocketsAndDevicesAreRefusedWithoutWaiting) {
  tree.fifo("grant/fifo");
  ASSERT_EQ(::mknod(tree.path("grant/socket").c_str(), S_IFSOCK | 0600, 0), 0);
  tree.link("grant/link", "fifo");
  for (const char* path : {"fifo", "socket"}) {
    for (const std::uint64_t rights :
         {kRightFdRead, kRightFdWrite, kFileRights, std::uint64_t{0}}) {
      EXPECT_EQ(guest.open(path, {.rights = rights}).error, Errno::kNotsup) << path;
    }
    EXPECT_EQ(guest.open(path, {.oflags = kTrunc}).error, Errno::kNotsup) << path;
    EXPECT_EQ(guest.open(path, {.oflags = kCreat}).error, Errno::kNotsup) << path;
    EXPECT_EQ(guest.open(path, {.oflags = kCreat | kExcl}).error, Errno::kExist) << path;
    EXPECT_EQ(guest.open(path, {.oflags = kDirectoryFlag}).error, Errno::kNotdir) << path;
    EXPECT_EQ(guest.stat(path), Errno::kSuccess) << path;
  }
  EXPECT_EQ(guest.open("link", {.dirflags = kFollowFlag}).error, Errno::kNotsup);
  // 1:3 is /dev/null; only a privileged host can put it there.
  if (::mknod(tree.path("grant/device").c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0) {
    EXPECT_EQ(guest.open("device").error, Errno::kNotsup);
    EXPECT_EQ(guest.open("device", {.rights = kRightFdRead}).error, Errno::kNotsup);
  }
}

}  // namespace
}  // namespace mimobox::wasi
