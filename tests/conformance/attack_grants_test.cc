#include <memory>

#include <gtest/gtest.h>

#include "tests/unit/wasi/files.h"

// Named attacks on what is granted: read-only mounts, several mounts, rights, descriptors and
// limits.

namespace mimobox::wasi {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the fixture's names

constexpr HostMountOptions kReadOnlyMount{.read_only = true};

/// A guest with "grant" to read (3) and "work" of the same kind to write (4).
class ReadOnlyGrant : public ::testing::TestWithParam<GrantKind> {
 protected:
  ReadOnlyGrant() {
    tree.folder("grant/d");
    tree.file("grant/f", "content");
    tree.link("grant/l", "f");
    if (GetParam() == GrantKind::kScratch) {
      work_ = ScratchTree::create({.bytes = 1U << 20, .files = 100}, guest.clock);
      guest.grants.push_back(ScratchGrant{"/work", work_.get(), false});
    } else {
      tree.folder("work");
      guest.mount("work", "/work", {.without_openat2 = GetParam() == GrantKind::kWalk});
    }
    const std::uint32_t fd = guest.must_open("w", {.oflags = kCreat}, 4);
    EXPECT_EQ(guest.write(fd, "work"), Errno::kSuccess);
    EXPECT_EQ(guest.close(fd), Errno::kSuccess);
    before_ = tree.status("grant/f");
    folder_ = tree.status("grant");
  }

  void expect_nothing_changed() {
    EXPECT_EQ(tree.content("grant/f"), "content");
    const struct stat now = tree.status("grant/f");
    EXPECT_EQ(now.st_mtim.tv_nsec, before_.st_mtim.tv_nsec);
    EXPECT_EQ(now.st_ctim.tv_nsec, before_.st_ctim.tv_nsec);
    EXPECT_EQ(now.st_nlink, before_.st_nlink);
    const struct stat folder = tree.status("grant");
    EXPECT_EQ(folder.st_mtim.tv_nsec, folder_.st_mtim.tv_nsec);
    EXPECT_EQ(folder.st_ctim.tv_nsec, folder_.st_ctim.tv_nsec);
    const std::uint32_t fd = guest.must_open("w", {.rights = kReadOnly}, 4);
    std::string data;
    EXPECT_EQ(guest.read(fd, data), Errno::kSuccess);
    EXPECT_EQ(data, "work");
  }
  /// What is refused from one grant to the other: two scratches share nothing in any case.
  [[nodiscard]] static Errno across() {
    return GetParam() == GrantKind::kScratch ? Errno::kXdev : Errno::kPerm;
  }
  ~ReadOnlyGrant() override { guest.end_host(); }  // before the scratch that it borrows

  FilesGuest guest{GetParam(), /*read_only=*/true};
  GuestTree& tree = guest.tree;
  std::unique_ptr<ScratchTree> work_;
  struct stat before_{};
  struct stat folder_{};
};

using Attack28 = ReadOnlyGrant;
INSTANTIATE_TEST_SUITE_P(Kinds, Attack28, kEveryKind, kind_name);

TEST_P(Attack28, EveryChangeOfAReadOnlyMountIsRefused) {
  for (const std::uint32_t oflags : {kTrunc, kCreat, kCreat | kTrunc, kCreat | kExcl}) {
    for (const char* path : {"f", "new", "l", "d/new"}) {
      for (const std::uint64_t rights : {std::uint64_t{0}, kRightFdRead, kFileRights}) {
        const How how{.oflags = oflags, .rights = rights, .dirflags = kFollowFlag};
        EXPECT_EQ(guest.open(path, how).error, Errno::kPerm) << path;
      }
    }
  }
  EXPECT_EQ(guest.open("f").error, Errno::kPerm);
  EXPECT_EQ(guest.open("f", {.rights = kRightFdWrite}).error, Errno::kPerm);
  EXPECT_EQ(guest.open("f", {.rights = kRightFdWrite, .fdflags = kAppendFlag}).error, Errno::kPerm);
  EXPECT_EQ(guest.open("f", {.rights = kRightFdAllocate}).error, Errno::kPerm);
  EXPECT_EQ(guest.open("f", {.rights = kRightFdFilestatSetSize}).error, Errno::kPerm);
  EXPECT_EQ(guest.mkdir("new"), Errno::kPerm);
  EXPECT_EQ(guest.rmdir("d"), Errno::kPerm);
  EXPECT_EQ(guest.unlink("f"), Errno::kPerm);
  EXPECT_EQ(guest.symlink("f", "new"), Errno::kPerm);
  EXPECT_EQ(guest.link("f", "new"), Errno::kPerm);
  EXPECT_EQ(guest.rename("f", "new"), Errno::kPerm);
  EXPECT_EQ(guest.set_times("f", 1), Errno::kPerm);
  EXPECT_EQ(guest.set_times("l", 1, true), Errno::kPerm);
  EXPECT_EQ(guest.set_times(".", 1), Errno::kPerm);
  EXPECT_EQ(guest.call("fd_filestat_set_times", {3, 0, 0, 2 | 8}), returns(Errno::kPerm));
  expect_nothing_changed();
}

TEST_P(Attack28, NoDescriptorOfAReadOnlyMountCanWrite) {
  const std::uint32_t fd = guest.must_open("f", {.rights = kReadOnly & ~kRightFdAllocate});
  EXPECT_EQ(guest.write(fd, "x"), Errno::kBadf);
  EXPECT_EQ(guest.pwrite(fd, "x", 0), Errno::kNotcapable);
  EXPECT_EQ(guest.call("fd_allocate", {fd, 0, 100}), returns(Errno::kNotcapable));
  EXPECT_EQ(guest.call("fd_filestat_set_size", {fd, 0}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_filestat_set_times", {fd, 0, 0, 2 | 8}), returns(Errno::kPerm));
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", {fd, kFileRights, 0}), returns(Errno::kNotcapable));
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", {fd, kAppendFlag}), kOk);
  EXPECT_EQ(guest.write(fd, "x"), Errno::kBadf);
  const std::uint32_t directory = guest.must_open("d", kAsDirectory);
  EXPECT_EQ(guest.open("new", {.oflags = kCreat}, directory).error, Errno::kPerm);
  EXPECT_EQ(guest.mkdir("new", directory), Errno::kPerm);
  expect_nothing_changed();
}

TEST_P(Attack28, NothingMovesInOrOutOfAReadOnlyMount) {
  EXPECT_EQ(guest.rename("f", "new", 3, 4), across());
  EXPECT_EQ(guest.rename("w", "new", 4, 3), across());
  EXPECT_EQ(guest.rename("w", "f", 4, 3), across());
  EXPECT_EQ(guest.link("w", "new", 4, 3), across());
  expect_nothing_changed();
}

using Attack29 = ReadOnlyGrant;
INSTANTIATE_TEST_SUITE_P(Kinds, Attack29, kEveryKind, kind_name);

TEST_P(Attack29, AReadOnlyFileIsNotLinkedIntoAWritableMount) {
  EXPECT_EQ(guest.link("f", "raised", 3, 4), across());
  EXPECT_EQ(guest.link("l", "raised", 3, 4), across());
  EXPECT_EQ(guest.open("raised", {}, 4).error, Errno::kNoent);
  expect_nothing_changed();
}

class AttackGrantsOfEveryKind : public EveryKind {};

using Attack30 = AttackGrantsOfEveryKind;
INSTANTIATE_TEST_SUITE_P(Kinds, Attack30, kEveryKind, kind_name);

TEST_P(Attack30, RenumberIsSafeInEveryForm) {
  guest.tree.file("grant/f", "content");
  guest.host();
  const std::size_t descriptors = open_descriptors();
  const std::uint32_t fd = guest.must_open("f");
  const auto renumber = [&](std::uint64_t from, std::uint64_t to) {
    return guest.call("fd_renumber", {from, to}).error;
  };
  EXPECT_EQ(renumber(fd, fd), Errno::kSuccess);
  EXPECT_EQ(guest.read_file("f"), "content");
  EXPECT_EQ(renumber(fd, 5), Errno::kBadf);
  EXPECT_EQ(renumber(5, fd), Errno::kBadf);
  EXPECT_EQ(renumber(fd, 0x8000'0000), Errno::kBadf);
  EXPECT_EQ(renumber(0xFFFF'FFFF, fd), Errno::kBadf);
  // Onto a stream and onto the grant itself.
  EXPECT_EQ(renumber(fd, 1), Errno::kSuccess);
  EXPECT_EQ(guest.write(1, "written"), Errno::kSuccess);
  EXPECT_EQ(guest.tree.content("grant/f"), "written");
  EXPECT_EQ(guest.host().take_output().data, "");
  EXPECT_EQ(guest.must_open(".", kAsDirectory), 4U);
  EXPECT_EQ(renumber(1, 3), Errno::kSuccess);
  EXPECT_EQ(guest.open("f").error, Errno::kNotdir);
  EXPECT_EQ(guest.call("fd_prestat_get", {3, 8}), returns(Errno::kBadf));
  EXPECT_EQ(renumber(4, 3), Errno::kSuccess);
  EXPECT_EQ(guest.close(3), Errno::kSuccess);
  EXPECT_EQ(open_descriptors(), descriptors);
}

TEST_P(Attack30, AGrantKeepsItsNameWhereverItIsMoved) {
  guest.tree.file("grant/f", "content");
  EXPECT_EQ(guest.call("fd_renumber", {3, 0}), kOk);
  EXPECT_EQ(guest.call("fd_prestat_get", {3, 8}), returns(Errno::kBadf));
  guest.wipe();
  EXPECT_EQ(guest.call("fd_prestat_get", {0, 8}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{8, le32(0) + le32(1)}}));
  EXPECT_EQ(guest.must_open("f", {}, 0), 3U);
}

TEST_P(Attack30, AMillionRenumbersLeakNothing) {
  guest.tree.file("grant/f");
  guest.host();
  const std::size_t descriptors = open_descriptors();
  const std::uint32_t a = guest.must_open("f");
  std::uint32_t b = guest.must_open("f");
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_EQ(guest.call("fd_renumber", {a, b}), kOk);
    EXPECT_EQ(guest.must_open("f"), a);
  }
  for (int i = 0; i < 1'000'000; ++i) {
    if (guest.call("fd_renumber", {a, a}) != kOk) FAIL();
  }
  EXPECT_EQ(open_descriptors(), descriptors + (is_scratch() ? 0 : 2));
  guest.end_host();
  EXPECT_EQ(open_descriptors(), descriptors);
}

using Attack31 = AttackGrantsOfEveryKind;
INSTANTIATE_TEST_SUITE_P(Kinds, Attack31, kEveryKind, kind_name);

TEST_P(Attack31, AClosedGrantIsGone) {
  guest.tree.file("grant/f");
  EXPECT_EQ(guest.close(3), Errno::kSuccess);
  EXPECT_EQ(guest.close(3), Errno::kBadf);
  EXPECT_EQ(guest.open("f").error, Errno::kBadf);
  EXPECT_EQ(guest.stat("f"), Errno::kBadf);
  EXPECT_EQ(guest.call("fd_prestat_get", {3, 8}), returns(Errno::kBadf));
  EXPECT_EQ(guest.call("fd_readdir", {3, 100, 100, 0, 8}), returns(Errno::kBadf));
}

TEST_P(Attack31, AClosedGrantStaysOpenForTheNextRun) {
  guest.tree.file("grant/f", "content");
  EXPECT_EQ(guest.close(3), Errno::kSuccess);
  guest.end_host();
  EXPECT_EQ(guest.read_file("f"), "content");
}

TEST_P(Attack31, AReusedNumberIsTheNewFile) {
  guest.tree.file("grant/a", "a");
  guest.tree.folder("grant/d");
  const std::uint32_t d = guest.must_open("d", kAsDirectory);
  EXPECT_EQ(guest.close(d), Errno::kSuccess);
  EXPECT_EQ(guest.must_open("a", {.rights = kRightFdRead}), d);
  EXPECT_EQ(guest.open("x", {}, d).error, Errno::kNotdir);
  EXPECT_EQ(guest.write(d, "x"), Errno::kBadf);
  EXPECT_EQ(guest.call("fd_prestat_get", {d, 8}), returns(Errno::kBadf));
}

TEST_P(Attack31, OpeningUntilTheLimitLeavesTheHostAsItWas) {
  guest.tree.file("grant/f");
  guest.host();
  const std::size_t descriptors = open_descriptors();
  for (int turn = 0; turn < 3; ++turn) {
    std::uint32_t opened = 0;
    while (guest.open("f").error == Errno::kSuccess)
      ++opened;
    EXPECT_EQ(opened, 256U - 4U);
    EXPECT_EQ(guest.open("f").error, Errno::kMfile);
    EXPECT_EQ(open_descriptors(), descriptors + (is_scratch() ? 0 : opened));
    guest.end_host();
    EXPECT_EQ(open_descriptors(), descriptors);
  }
}

using Attack32 = AttackGrantsOfEveryKind;
INSTANTIATE_TEST_SUITE_P(Kinds, Attack32, kEveryKind, kind_name);

TEST_P(Attack32, RightsOnlyNarrow) {
  guest.tree.file("grant/f", "content");
  guest.tree.folder("grant/d");
  const std::uint64_t few = kRightFdRead | kRightFdSeek;
  const std::uint32_t narrow =
      guest.must_open("d", {.oflags = kDirectoryFlag, .rights = kRightPathOpen, .inheriting = few});
  const auto set = [&](std::uint32_t fd, std::uint64_t base, std::uint64_t inheriting) {
    return guest.call("fd_fdstat_set_rights", {fd, base, inheriting}).error;
  };
  EXPECT_EQ(set(narrow, kDirectoryRights, few), Errno::kNotcapable);
  EXPECT_EQ(set(narrow, kRightPathOpen, few | kRightFdWrite), Errno::kNotcapable);
  EXPECT_EQ(set(narrow, ~0ULL, ~0ULL), Errno::kNotcapable);
  EXPECT_EQ(set(3, ~0ULL, kInheritedRights), Errno::kNotcapable);
  EXPECT_EQ(set(3, kDirectoryRights, ~0ULL), Errno::kNotcapable);
  guest.tree.file("grant/d/f", "content");
  for (const std::uint64_t more :
       {kRightFdWrite, kRightFdTell, kRightPathOpen, std::uint64_t{1} << 63U}) {
    EXPECT_EQ(guest.open("f", {.rights = few | more}, narrow).error, Errno::kNotcapable);
    EXPECT_EQ(guest.open("f", {.rights = few, .inheriting = more}, narrow).error,
              Errno::kNotcapable);
  }
  const std::uint32_t fd = guest.must_open("f", {.rights = few}, narrow);
  EXPECT_EQ(guest.write(fd, "x"), Errno::kBadf);
  EXPECT_EQ(guest.open("f", {.oflags = kTrunc, .rights = few}, narrow).error, Errno::kNotcapable);
  EXPECT_EQ(guest.open("n", {.oflags = kCreat, .rights = few}, narrow).error, Errno::kNotcapable);
  EXPECT_EQ(guest.open("f", {.rights = few, .fdflags = 16}, narrow).error, Errno::kNotcapable);
  EXPECT_EQ(guest.tree.content("grant/d/f"), "content");
}

TEST(Attack33, AFolderGrantedTwiceIsWritableOnlyWhereItIs) {
  FilesGuest guest(kReadOnlyMount);
  guest.tree.folder("grant/inner");
  guest.tree.file("grant/inner/f", "content");
  guest.mount("grant/inner", "/inner", {});
  EXPECT_EQ(guest.open("inner/f").error, Errno::kPerm);
  EXPECT_EQ(guest.unlink("inner/f"), Errno::kPerm);
  EXPECT_EQ(guest.open("../f", {}, 4).error, Errno::kPerm);
  const std::uint32_t fd = guest.must_open("f", {}, 4);
  EXPECT_EQ(guest.write(fd, "CONTENT"), Errno::kSuccess);
  EXPECT_EQ(guest.read_file("inner/f"), "CONTENT");
}

TEST(Attack33, TheRootOfTheHostIsContainedToo) {
  FilesGuest guest;
  auto root = HostMount::open("/", "/host", kReadOnlyMount);
  ASSERT_TRUE(root.has_value());
  guest.mounts.push_back(std::move(*root));
  EXPECT_EQ(guest.open("..", {.rights = 0}, 4).error, Errno::kPerm);
  EXPECT_EQ(guest.open("/etc", {.rights = 0}, 4).error, Errno::kPerm);
  EXPECT_EQ(guest.open("etc", {.rights = 0}, 4).error, Errno::kSuccess);
}

TEST(Attack62, PseudoFileSystemsAreNoMounts) {
  for (const char* path : {"/proc", "/proc/self", "/proc/version", "/sys", "/sys/kernel"}) {
    const auto mount = HostMount::open(path, "/p", {});
    ASSERT_FALSE(mount.has_value()) << path;
    EXPECT_EQ(mount.error().step, MountError::Step::kPseudoFilesystem) << path;
  }
}

class Attack62Below : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Ways, Attack62Below, ::testing::Bool(), way_name);

TEST_P(Attack62Below, APathOntoAPseudoFileSystemIsRefused) {
  FilesGuest guest;
  auto root = HostMount::open("/", "/", {.read_only = true, .without_openat2 = GetParam()});
  ASSERT_TRUE(root.has_value());
  guest.mounts.push_back(std::move(*root));
  for (const char* path : {"proc", "proc/version", "proc/self/environ", "proc/1/mem", "sys",
                           "proc/self/root/etc", "proc/self/cwd", "sys/kernel/notes"}) {
    for (const std::uint32_t dirflags : {0U, kFollowFlag}) {
      const How how{.rights = kRightFdRead, .dirflags = dirflags};
      EXPECT_NE(guest.open(path, how, 4).error, Errno::kSuccess) << path;
    }
    EXPECT_NE(guest.stat(path, true, 4), Errno::kSuccess) << path;
  }
  std::string target = "untouched";
  EXPECT_EQ(guest.open("proc/version", {.rights = kRightFdRead}, 4).error, Errno::kPerm);
  EXPECT_EQ(guest.stat("proc/version", false, 4), Errno::kPerm);
  EXPECT_EQ(guest.readlink("proc/self", target, 4), Errno::kPerm);
  EXPECT_EQ(target, "untouched");
}

TEST_P(Attack62Below, NothingChangesOnAPseudoFileSystem) {
  FilesGuest guest;
  auto root = HostMount::open("/", "/", {.without_openat2 = GetParam()});
  ASSERT_TRUE(root.has_value());
  guest.mounts.push_back(std::move(*root));
  // Names with which the kernel's own answer would be an error too.
  EXPECT_EQ(guest.mkdir("sys/kernel/x", 4), Errno::kPerm);
  EXPECT_EQ(guest.unlink("proc/version", 4), Errno::kPerm);
  EXPECT_EQ(guest.rmdir("proc/tty", 4), Errno::kPerm);
  EXPECT_EQ(guest.set_times("proc/version", 1, true, 4), Errno::kPerm);
  EXPECT_EQ(guest.rename("proc/version", "proc/x", 4, 4), Errno::kPerm);
}

TEST(Attack62, NoXdevRefusesEveryOtherFileSystem) {
  FilesGuest guest;
  for (const bool walk : {false, true}) {
    auto root =
        HostMount::open("/", "/", {.read_only = true, .no_xdev = true, .without_openat2 = walk});
    ASSERT_TRUE(root.has_value());
    guest.mounts.push_back(std::move(*root));
  }
  struct stat here{};
  struct stat devices{};
  ASSERT_EQ(::stat("/", &here), 0);
  ASSERT_EQ(::stat("/dev", &devices), 0);
  for (const std::uint32_t fd : {4U, 5U}) {
    EXPECT_EQ(guest.open("proc", {.rights = 0}, fd).error, Errno::kPerm);
    EXPECT_EQ(guest.open("etc", {.rights = 0}, fd).error, Errno::kSuccess);
    if (here.st_dev == devices.st_dev) continue;
    EXPECT_EQ(guest.stat("dev", false, fd), Errno::kPerm);
    EXPECT_EQ(guest.stat("dev/null", false, fd), Errno::kPerm);
    EXPECT_EQ(guest.open("dev", {.rights = 0}, fd).error, Errno::kPerm);
  }
}

}  // namespace
}  // namespace mimobox::wasi
