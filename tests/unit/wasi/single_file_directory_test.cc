#include "wasi/single_file_directory.h"

#include <gtest/gtest.h>

#include "tests/unit/wasi/files.h"

namespace mimobox::wasi {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the fixture's names

/// A guest with the file "grant/config" as "/etc/settings" (4); beside it lies "grant/secret".
class SingleFiles : public ::testing::TestWithParam<bool> {
 protected:
  SingleFiles() {
    tree.file("grant/config", "the settings");
    tree.file("grant/secret", "the secret");
    guest.mount("grant/config", "/etc/settings", {.without_openat2 = GetParam()});
  }

  static constexpr std::uint32_t kEtc = 4;
  FilesGuest guest{HostMountOptions{.without_openat2 = GetParam()}};
  TempTree& tree = guest.tree;
};
INSTANTIATE_TEST_SUITE_P(Ways, SingleFiles, ::testing::Bool(), way_name);

TEST_P(SingleFiles, TheGrantIsTheFolderOfTheGuestsPath) {
  guest.wipe();
  EXPECT_EQ(guest.call("fd_prestat_get", {kEtc, 8}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{8, le32(0) + le32(4)}}));
  EXPECT_EQ(guest.call("fd_prestat_dir_name", {kEtc, 100, 4}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{8, le32(0) + le32(4)}, {100, "/etc"}}));
}

TEST_P(SingleFiles, TheFileIsReadAndWritten) {
  const std::uint32_t fd = guest.must_open("settings", {}, kEtc);
  std::string data;
  EXPECT_EQ(guest.read(fd, data), Errno::kSuccess);
  EXPECT_EQ(data, "the settings");
  EXPECT_EQ(guest.pwrite(fd, "THE", 0), Errno::kSuccess);
  EXPECT_EQ(tree.content("grant/config"), "THE settings");
  guest.must_open("./settings", {.oflags = kTrunc}, kEtc);
  EXPECT_EQ(tree.content("grant/config"), "");
}

TEST_P(SingleFiles, NothingElseIsThere) {
  for (const char* path : {"config", "secret", "grant", "settings2", "s"}) {
    EXPECT_EQ(guest.open(path, {}, kEtc).error, Errno::kNoent) << path;
    EXPECT_EQ(guest.stat(path, true, kEtc), Errno::kNoent) << path;
    EXPECT_EQ(guest.set_times(path, 1, true, kEtc), Errno::kNoent) << path;
    EXPECT_EQ(guest.open(path, {.oflags = kCreat}, kEtc).error, Errno::kPerm) << path;
  }
  for (const char* path : {"..", "../secret", "./../config", "/", "/etc/settings"}) {
    EXPECT_EQ(guest.open(path, {}, kEtc).error, Errno::kPerm) << path;
    EXPECT_EQ(guest.stat(path, true, kEtc), Errno::kPerm) << path;
  }
  for (const char* path : {"settings/", "settings/.", "settings/..", "settings/../secret"}) {
    EXPECT_EQ(guest.open(path, {}, kEtc).error, Errno::kNotdir) << path;
    EXPECT_EQ(guest.stat(path, true, kEtc), Errno::kNotdir) << path;
  }
  EXPECT_EQ(guest.stat("", true, kEtc), Errno::kNoent);
  EXPECT_EQ(guest.stat("none/x", true, kEtc), Errno::kNoent);
  EXPECT_EQ(guest.stat(std::string(4'096, 'x'), true, kEtc), Errno::kNametoolong);
}

TEST_P(SingleFiles, ItsFolderOpensAndListsTheOneEntry) {
  const std::uint32_t fd = guest.must_open(".", kAsDirectory, kEtc);
  guest.wipe();
  EXPECT_EQ(guest.call("fd_readdir", {fd, 100, 400, 2, 8}), kOk);
  EXPECT_EQ(guest.result(), 32U);
  EXPECT_EQ(guest.memory().substr(124, 9), "settings?");
  EXPECT_EQ(guest.call("fd_readdir", {fd, 100, 400, 3, 8}), kOk);
  EXPECT_EQ(guest.result(), 0U);
  EXPECT_EQ(guest.call("fd_readdir", {fd, 100, 400, ~0ULL, 8}), kOk);
  EXPECT_EQ(guest.result(), 0U);
  EXPECT_EQ(guest.call("fd_readdir", {fd, 100, 400, 0, 8}), kOk);
  EXPECT_EQ(guest.result(), 25U + 26U + 32U);
}

TEST_P(SingleFiles, ItsFolderTellsNothingOfTheHosts) {
  EXPECT_EQ(guest.stat(".", true, kEtc), Errno::kSuccess);
  EXPECT_EQ(guest.stat_type(), Filetype::kDirectory);
  EXPECT_EQ(guest.stat_size(), 0U);
  EXPECT_EQ(guest.stat_links(), 1U);
  const std::uint64_t folder = guest.stat_inode();
  EXPECT_EQ(guest.stat(".", true), Errno::kSuccess);
  EXPECT_NE(guest.stat_inode(), folder);
  EXPECT_EQ(guest.stat("settings", true, kEtc), Errno::kSuccess);
  const std::uint64_t file = guest.stat_inode();
  EXPECT_NE(file, folder);
  EXPECT_EQ(guest.stat("config", true), Errno::kSuccess);
  EXPECT_EQ(guest.stat_inode(), file);
}

TEST_P(SingleFiles, NoNameCanBeMadeMovedOrRemoved) {
  EXPECT_EQ(guest.mkdir("d", kEtc), Errno::kPerm);
  EXPECT_EQ(guest.rmdir(".", kEtc), Errno::kPerm);
  EXPECT_EQ(guest.unlink("settings", kEtc), Errno::kPerm);
  EXPECT_EQ(guest.symlink("x", "l", kEtc), Errno::kPerm);
  EXPECT_EQ(guest.link("settings", "hard", kEtc, kEtc), Errno::kPerm);
  EXPECT_EQ(guest.rename("settings", "moved", kEtc, kEtc), Errno::kPerm);
  EXPECT_EQ(guest.link("settings", "hard", kEtc, 3), Errno::kXdev);
  EXPECT_EQ(guest.rename("secret", "settings", 3, kEtc), Errno::kXdev);
  EXPECT_EQ(guest.open("settings", {.oflags = kCreat | kExcl}, kEtc).error, Errno::kExist);
  EXPECT_EQ(guest.open(".", {.oflags = kCreat}, kEtc).error, Errno::kIsdir);
  EXPECT_EQ(guest.call("fd_filestat_set_times", {kEtc, 0, 0, 2}), returns(Errno::kPerm));
  EXPECT_EQ(tree.content("grant/config"), "the settings");
  EXPECT_EQ(tree.content("grant/secret"), "the secret");
}

/// The files "grant/b" (written, too) and "grant/a" as "/in/z" and "/in/y" (4).
class JoinedFiles : public ::testing::Test {
 protected:
  JoinedFiles() {
    tree.file("grant/a", "first");
    tree.file("grant/b", "second");
    auto first = HostMount::open(tree.path("grant/a"), "/in/y", {.read_only = true});
    auto second = HostMount::open(tree.path("grant/b"), "/in/z", {});
    first->join(std::move(*second));
    guest.mount(std::move(*first));
  }

  static constexpr std::uint32_t kIn = 4;
  FilesGuest guest{HostMountOptions{}};
  TempTree& tree = guest.tree;
};

TEST_F(JoinedFiles, StandInOneFolder) {
  std::string data;
  EXPECT_EQ(guest.read(guest.must_open("y", {.rights = kReadOnly}, kIn), data), Errno::kSuccess);
  EXPECT_EQ(data, "first");
  EXPECT_EQ(guest.read(guest.must_open("./z", {}, kIn), data), Errno::kSuccess);
  EXPECT_EQ(data, "second");
  EXPECT_EQ(guest.stat("y", true, kIn), Errno::kSuccess);
  EXPECT_EQ(guest.stat_size(), 5U);
  EXPECT_EQ(guest.stat("z", true, kIn), Errno::kSuccess);
  EXPECT_EQ(guest.stat_size(), 6U);
  for (const char* none : {"a", "b", "x", "yz"})
    EXPECT_EQ(guest.stat(none, true, kIn), Errno::kNoent) << none;
  EXPECT_EQ(guest.stat("y/z", true, kIn), Errno::kNotdir);
}

TEST_F(JoinedFiles, EachHasItsOwnAccess) {
  EXPECT_EQ(guest.open("y", {.rights = kFileRights}, kIn).error, Errno::kPerm);
  EXPECT_EQ(guest.open("y", {.oflags = kTrunc}, kIn).error, Errno::kPerm);
  EXPECT_EQ(guest.set_times("y", 1, true, kIn), Errno::kPerm);
  EXPECT_EQ(guest.set_times("z", 1, true, kIn), Errno::kSuccess);
  guest.must_open("z", {.oflags = kTrunc}, kIn);
  EXPECT_EQ(tree.content("grant/a"), "first");
  EXPECT_EQ(tree.content("grant/b"), "");
}

TEST_F(JoinedFiles, AreListedByName) {
  const std::uint32_t fd = guest.must_open(".", kAsDirectory, kIn);
  guest.wipe();
  EXPECT_EQ(guest.call("fd_readdir", {fd, 100, 400, 2, 8}), kOk);
  EXPECT_EQ(guest.result(), 50U);
  EXPECT_EQ(guest.memory().substr(124, 1), "y");
  EXPECT_EQ(guest.memory().substr(149, 1), "z");
  EXPECT_EQ(guest.call("fd_readdir", {fd, 100, 400, 3, 8}), kOk);
  EXPECT_EQ(guest.result(), 25U);
  EXPECT_EQ(guest.call("fd_readdir", {fd, 100, 400, 4, 8}), kOk);
  EXPECT_EQ(guest.result(), 0U);
}

TEST_P(SingleFiles, AFileThatTakesItsNameIsNotIt) {
  EXPECT_EQ(guest.rename("secret", "config"), Errno::kSuccess);
  EXPECT_EQ(guest.open("settings", {}, kEtc).error, Errno::kNoent);
  EXPECT_EQ(guest.stat("settings", true, kEtc), Errno::kNoent);
  EXPECT_EQ(guest.unlink("config"), Errno::kSuccess);
  EXPECT_EQ(guest.symlink("../canary", "config"), Errno::kSuccess);
  EXPECT_EQ(guest.open("settings", {.dirflags = kFollowFlag}, kEtc).error, Errno::kNoent);
  EXPECT_EQ(guest.stat("settings", true, kEtc), Errno::kNoent);
}

TEST_P(SingleFiles, AReadOnlyOneIsOnlyRead) {
  guest.mount("grant/secret", "/etc/secret", {.read_only = true, .without_openat2 = GetParam()});
  EXPECT_EQ(guest.open("secret", {}, 5).error, Errno::kPerm);
  EXPECT_EQ(guest.open("secret", {.oflags = kTrunc, .rights = 0}, 5).error, Errno::kPerm);
  EXPECT_EQ(guest.open("secret", {.oflags = kCreat, .rights = 0}, 5).error, Errno::kPerm);
  EXPECT_EQ(guest.set_times("secret", 1, false, 5), Errno::kPerm);
  const std::uint32_t fd = guest.must_open("secret", {.rights = kRightFdRead}, 5);
  std::string data;
  EXPECT_EQ(guest.read(fd, data), Errno::kSuccess);
  EXPECT_EQ(data, "the secret");
}

TEST_P(SingleFiles, TimesAreSetOnTheFile) {
  EXPECT_EQ(guest.set_times("settings", 9, true, kEtc), Errno::kSuccess);
  EXPECT_EQ(tree.status("grant/config").st_mtim.tv_sec, 9);
}

}  // namespace
}  // namespace mimobox::wasi
