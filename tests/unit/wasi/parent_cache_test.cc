#include "wasi/parent_cache.h"

#include <fcntl.h>

#include <gtest/gtest.h>

#include "tests/unit/wasi/files.h"
#include "wasi/host_file.h"

namespace mimobox::wasi {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the fixture's names

class ParentCaches : public ::testing::Test {
 protected:
  ParentCaches() {
    tree.folder("top/d");
    tree.file("top/d/f", "inside");
    tree.folder("outside");
    tree.file("outside/f", "the canary sings");
    top = base::UniqueFd(::open(tree.path("top").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat status{};
    EXPECT_EQ(::fstat(top.get(), &status), 0);
    device = status.st_dev;
  }
  int find() { return cache.find(top.get(), "d", device); }
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
  dev_t device = 0;
  ParentCache cache;
};

TEST_F(ParentCaches, KeepADirectoryFromTheSecondTimeOn) {
  EXPECT_EQ(find(), -1);
  const int fd = find();
  ASSERT_GE(fd, 0);
  EXPECT_EQ(inode_of(fd), tree.status("top/d").st_ino);
  EXPECT_EQ(find(), fd);
}

TEST_F(ParentCaches, DoNotFindWhatWasMovedAway) {
  static_cast<void>(find());
  ASSERT_GE(find(), 0);
  move("top/d", "outside/d");
  EXPECT_EQ(find(), -1);
}

TEST_F(ParentCaches, FindWhatTookTheName) {
  static_cast<void>(find());
  ASSERT_GE(find(), 0);
  move("top/d", "outside/d");
  tree.folder("top/d");
  const int fd = find();
  ASSERT_GE(fd, 0);
  EXPECT_EQ(inode_of(fd), tree.status("top/d").st_ino);
}

TEST_F(ParentCaches, NeverFollowALink) {
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

TEST_F(ParentCaches, RefuseFilesAndOtherDevices) {
  EXPECT_EQ(cache.find(top.get(), "none", device), -1);
  EXPECT_EQ(cache.find(top.get(), "none", device), -1);
  tree.file("top/file");
  EXPECT_EQ(cache.find(top.get(), "file", device), -1);
  EXPECT_EQ(cache.find(top.get(), "file", device), -1);
  static_cast<void>(find());
  EXPECT_EQ(cache.find(top.get(), "d", device + 1), -1);
}

TEST_F(ParentCaches, KeepFewDescriptors) {
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 20; ++i) {
    const std::string name = "d" + std::to_string(i);
    tree.folder("top/" + name);
    EXPECT_EQ(cache.find(top.get(), name, device), -1);
    EXPECT_GE(cache.find(top.get(), name, device), 0);
  }
  EXPECT_LE(open_descriptors(), before + 4);
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
