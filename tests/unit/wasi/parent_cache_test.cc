#include "wasi/parent_cache.h"

#include <fcntl.h>

#include <ctime>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/wasi/files.h"
#include "wasi/host_file.h"

namespace mimobox::wasi {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the fixture's names

/// With and without believing the times of the directories above.
class ParentCaches : public ::testing::TestWithParam<bool> {
 protected:
  ParentCaches() {
    tree.folder("top/d/e");
    tree.file("top/d/f", "inside");
    tree.folder("outside");
    tree.file("outside/f", "the canary sings");
    top = base::UniqueFd(::open(tree.path("top").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat status{};
    EXPECT_EQ(::fstat(top.get(), &status), 0);
    mount = {.device = status.st_dev, .changes_tell = GetParam()};
    settle();
  }
  int find(std::string_view names = "d") { return cache.find(top.get(), names, mount); }
  /// Waits until what was changed last is so old that its time would tell of a further change.
  void settle() const {
    if (!GetParam()) return;
    const std::int64_t changed = now_ms();
    while (now_ms() < changed + 150)
      std::this_thread::yield();
  }
  static std::int64_t now_ms() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return now.tv_sec * 1'000 + now.tv_nsec / 1'000'000;
  }
  static ino_t inode_of(int fd) {
    struct stat status{};
    EXPECT_EQ(::fstat(fd, &status), 0);
    return status.st_ino;
  }
  void move(std::string_view from, std::string_view to) {
    std::filesystem::rename(tree.path(from), tree.path(to));
  }

  TempTree tree;
  base::UniqueFd top;
  ParentCache::Mount mount;
  ParentCache cache;
};
INSTANTIATE_TEST_SUITE_P(Times, ParentCaches, ::testing::Bool(),
                         [](const auto& how) { return how.param ? "Believed" : "NotBelieved"; });

TEST_P(ParentCaches, KeepADirectoryFromTheSecondTimeOn) {
  EXPECT_EQ(find(), -1);
  const int fd = find();
  ASSERT_GE(fd, 0);
  EXPECT_EQ(inode_of(fd), tree.status("top/d").st_ino);
  EXPECT_EQ(find(), fd);
}

TEST_P(ParentCaches, DoNotFindWhatWasMovedAway) {
  static_cast<void>(find());
  ASSERT_GE(find(), 0);
  move("top/d", "outside/d");
  EXPECT_EQ(find(), -1);
}

TEST_P(ParentCaches, FindWhatTookTheName) {
  static_cast<void>(find());
  ASSERT_GE(find(), 0);
  move("top/d", "outside/d");
  tree.folder("top/d");
  const int fd = find();
  ASSERT_GE(fd, 0);
  EXPECT_EQ(inode_of(fd), tree.status("top/d").st_ino);
}

TEST_P(ParentCaches, NeverFollowALink) {
  static_cast<void>(find());
  ASSERT_GE(find(), 0);
  move("top/d", "outside/d");
  tree.link("top/d", "../outside");
  EXPECT_EQ(find(), -1);
  EXPECT_EQ(find(), -1);
  // Not even one to the directory that is kept.
  std::filesystem::remove(tree.path("top/d"));
  tree.link("top/d", "../outside/d");
  EXPECT_EQ(find(), -1);
}

TEST_P(ParentCaches, RefuseFilesAndOtherDevices) {
  EXPECT_EQ(find("none"), -1);
  EXPECT_EQ(find("none"), -1);
  tree.file("top/file");
  EXPECT_EQ(find("file"), -1);
  EXPECT_EQ(find("file"), -1);
  static_cast<void>(find());
  ++mount.device;
  EXPECT_EQ(find(), -1);
  ASSERT_EQ(find(), -1);
}

TEST_P(ParentCaches, FindDirectoriesOfDirectories) {
  tree.folder("top/d/e/g/h");
  for (int i = 0; i < 4; ++i)
    static_cast<void>(find("d/e/g"));
  EXPECT_EQ(inode_of(find("d/e/g")), tree.status("top/d/e/g").st_ino);
  EXPECT_EQ(inode_of(find("d/e")), tree.status("top/d/e").st_ino);
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(find("d/e/g/h"), -1);
  for (const char* names : {"", "/", "d/", "/d", "d//e", "./d", "d/.", "d/..", "..", "d/e/"}) {
    EXPECT_EQ(find(names), -1) << names;
    EXPECT_EQ(find(names), -1) << names;
    EXPECT_EQ(find(names), -1) << names;
  }
}

TEST_P(ParentCaches, SeeAChangeAtAnyLevel) {
  const auto find_again = [&] {
    settle();
    for (int i = 0; i < 40; ++i)
      static_cast<void>(find("d/e"));
    EXPECT_EQ(inode_of(find("d/e")), tree.status("top/d/e").st_ino);
  };
  find_again();
  move("top/d/e", "outside/e");
  EXPECT_EQ(find("d/e"), -1);
  tree.folder("top/d/e");
  find_again();
  move("top/d", "outside/d");
  EXPECT_EQ(find("d/e"), -1);
  tree.folder("top/d/e");
  find_again();
  // Exchanged, which no name of a guest's can do.
  tree.folder("top/other/e");
  find_again();
  ASSERT_EQ(::renameat2(top.get(), "d", top.get(), "other", RENAME_EXCHANGE), 0);
  // What was below the other one is not known yet.
  static_cast<void>(find("d/e"));
  static_cast<void>(find("d/e"));
  EXPECT_EQ(inode_of(find("d/e")), tree.status("top/d/e").st_ino);
  tree.link("top/link", "../outside");
  find_again();
  ASSERT_EQ(::renameat2(top.get(), "d", top.get(), "link", RENAME_EXCHANGE), 0);
  EXPECT_EQ(find("d/e"), -1);
}

TEST_P(ParentCaches, DoNotTakeAnotherDirectoryOfTheSameNumber) {
  static_cast<void>(find());
  ASSERT_GE(find(), 0);
  settle();
  static_cast<void>(find());
  const int number = top.get();
  top = base::UniqueFd();
  tree.folder("outside/d");
  top = base::UniqueFd(::open(tree.path("outside").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_EQ(top.get(), number);
  EXPECT_EQ(inode_of(find()), tree.status("outside/d").st_ino);
}

TEST_P(ParentCaches, KeepFewDescriptors) {
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 20; ++i) {
    const std::string name = "d" + std::to_string(i);
    tree.folder("top/" + name);
    EXPECT_EQ(find(name), -1);
    EXPECT_GE(find(name), 0);
  }
  EXPECT_LE(open_descriptors(), before + ParentCache::kMaxKept);
  cache = ParentCache();
  EXPECT_EQ(open_descriptors(), before);
}

class PathsOfTwoNames : public BothWays {};
INSTANTIATE_TEST_SUITE_P(Ways, PathsOfTwoNames, ::testing::Bool(), way_name);

TEST_P(PathsOfTwoNames, FollowEveryChangeOfTheDirectory) {
  tree.folder("grant/d");
  tree.file("grant/d/f", "first");
  const auto expect = [&](Errno errno_of_all, std::string_view content) {
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(guest.stat("d/f", true), errno_of_all);
      EXPECT_EQ(guest.open("d/f", {.rights = kReadOnly}).error, errno_of_all);
      if (errno_of_all == Errno::kSuccess) {
        EXPECT_EQ(guest.read_file("d/f"), content);
      }
    }
  };
  expect(Errno::kSuccess, "first");
  std::filesystem::rename(tree.path("grant/d"), tree.path("moved"));
  expect(Errno::kNoent, "");
  tree.folder("grant/d");
  tree.file("grant/d/f", "second");
  expect(Errno::kSuccess, "second");
  std::filesystem::remove_all(tree.path("grant/d"));
  tree.link("grant/d", "../moved");
  expect(Errno::kPerm, "");
  std::filesystem::remove(tree.path("grant/d"));
  tree.folder("grant/e");
  tree.file("grant/e/f", "third");
  tree.link("grant/d", "e");
  expect(Errno::kSuccess, "third");
}

/// Something else took the name between the look and the opening.
TEST(UnprovenFile, IsLookedAtBeforeItIsUsed) {
  FilesGuest guest;
  guest.tree.fifo("grant/p");
  LimitRecord record;
  HostAccess access({}, record, std::nullopt, guest.stop, guest.null_blocking);
  base::UniqueFd fd(::open(guest.tree.path("grant/p").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  ASSERT_TRUE(fd.valid());
  HostFile file(std::move(fd), {.readable = true, .writable = true, .unproven_on = 1, .flags = {}},
                access);
  char byte = 'x';
  const ::iovec buffer{.iov_base = &byte, .iov_len = 1};
  EXPECT_EQ(file.read({&buffer, 1}).error(), Errno::kNotsup);
  EXPECT_EQ(file.pread({&buffer, 1}, 0).error(), Errno::kNotsup);
  EXPECT_EQ(file.write({&buffer, 1}).error(), Errno::kNotsup);
  EXPECT_EQ(file.pwrite({&buffer, 1}, 0).error(), Errno::kNotsup);
  EXPECT_EQ(file.stat().error(), Errno::kNotsup);
  EXPECT_EQ(file.seek(0, Whence::kEnd).error(), Errno::kNotsup);
  EXPECT_EQ(file.set_size(0), Errno::kNotsup);
  EXPECT_EQ(file.allocate(0, 1), Errno::kNotsup);
  EXPECT_EQ(file.advise(0, 1, Advice::kNormal), Errno::kNotsup);
  EXPECT_EQ(file.sync(), Errno::kNotsup);
  EXPECT_EQ(file.datasync(), Errno::kNotsup);
  EXPECT_EQ(file.set_times({.atim = {}, .mtim = {.kind = TimeChange::Kind::kNow}}), Errno::kNotsup);
  EXPECT_EQ(file.set_flags({.append = true}), Errno::kSuccess);
  EXPECT_EQ(file.write({&buffer, 1}).error(), Errno::kNotsup);
}

}  // namespace
}  // namespace mimobox::wasi
