#include <gtest/gtest.h>

#include "tests/unit/wasi/files.h"

namespace mimobox::wasi {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the fixture's names

constexpr std::uint64_t kSecond = 1'000'000'000;

using Filestats = EveryKind;
INSTANTIATE_TEST_SUITE_P(Kinds, Filestats, kEveryKind, kind_name);

std::uint64_t nanoseconds(const timespec& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * kSecond +
         static_cast<std::uint64_t>(time.tv_nsec);
}

TEST_P(Filestats, WritesThe64BytesOfAFile) {
  tree.file("grant/f", "12345");
  tree.hard_link("grant/f", "grant/g");
  const struct stat host = tree.status("grant/f");
  EXPECT_EQ(guest.stat("f"), Errno::kSuccess);
  const std::uint64_t inode = guest.stat_inode();
  guest.wipe();
  guest.put(100, "f");
  EXPECT_EQ(guest.call("path_filestat_get", {3, 0, 100, 1, 200}), kOk);
  EXPECT_EQ(
      guest.memory(),
      guest.expected({{200, le64(1) + le64(inode) + le64(4) + le64(2) + le64(5) +
                                le64(nanoseconds(host.st_atim)) + le64(nanoseconds(host.st_mtim)) +
                                le64(nanoseconds(host.st_ctim))}}));
  const std::uint32_t fd = guest.must_open("f", {.rights = kRightFdFilestatGet});
  EXPECT_EQ(guest.call("fd_filestat_get", {fd, FilesGuest::kDataAt}), kOk);
  EXPECT_EQ(guest.memory().substr(FilesGuest::kDataAt, 64), guest.memory().substr(200, 64));
}

TEST_P(Filestats, TellsEveryKindOfFile) {
  tree.folder("grant/d");
  tree.link("grant/l", "d");
  if (!is_scratch()) {  // which has neither
    tree.fifo("grant/p");
    ASSERT_EQ(::mknod(tree.path("grant/s").c_str(), S_IFSOCK | 0600, 0), 0);
  }
  const auto type = [&](const char* path, bool follow) {
    EXPECT_EQ(guest.stat(path, follow), Errno::kSuccess) << path;
    return guest.stat_type();
  };
  EXPECT_EQ(type("d", false), Filetype::kDirectory);
  EXPECT_EQ(type(".", false), Filetype::kDirectory);
  EXPECT_EQ(type("l", false), Filetype::kSymbolicLink);
  EXPECT_EQ(type("l", true), Filetype::kDirectory);
  EXPECT_EQ(type("l/", false), Filetype::kDirectory);
  EXPECT_EQ(type("l/.", false), Filetype::kDirectory);
  if (is_scratch()) return;
  EXPECT_EQ(type("p", true), Filetype::kUnknown);
  EXPECT_EQ(type("s", true), Filetype::kSocketStream);
}

TEST_P(Filestats, HasNumbersThatAgreeWithinARunAndTellNothing) {
  tree.file("grant/f");
  tree.file("grant/other");
  tree.hard_link("grant/f", "grant/g");
  const auto inode = [&](const char* path) {
    EXPECT_EQ(guest.stat(path), Errno::kSuccess);
    return guest.stat_inode();
  };
  EXPECT_EQ(inode("f"), inode("g"));
  EXPECT_NE(inode("f"), inode("other"));
  if (!is_scratch()) {  // whose numbers tell about nothing else
    EXPECT_NE(inode("f"), tree.status("grant/f").st_ino);
  }
  EXPECT_EQ(guest.stat_field(0), 1U);
}

TEST_P(Filestats, AnswersEachErrno) {
  tree.file("grant/f");
  EXPECT_EQ(guest.stat("none"), Errno::kNoent);
  EXPECT_EQ(guest.stat("f/x"), Errno::kNotdir);
  EXPECT_EQ(guest.stat("f/"), Errno::kNotdir);
  EXPECT_EQ(guest.stat(".."), Errno::kPerm);
  guest.wipe();
  guest.put(100, "f");
  EXPECT_EQ(guest.call("path_filestat_get", {3, 2, 100, 1, 200}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("path_filestat_get", {3, 0, 100, 1, 65'473}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("fd_filestat_get", {3, 65'473}), returns(Errno::kFault));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST_P(Filestats, SetsTimesByPathAndByDescriptor) {
  tree.file("grant/f");
  const std::uint32_t fd = guest.must_open("f", {.rights = kRightFdFilestatSetTimes});
  guest.wipe();
  guest.put(100, "f");
  EXPECT_EQ(guest.call("path_filestat_set_times", {3, 0, 100, 1, kSecond + 5, 7, 1 | 4}), kOk);
  EXPECT_EQ(nanoseconds(tree.status("grant/f").st_atim), kSecond + 5);
  EXPECT_EQ(nanoseconds(tree.status("grant/f").st_mtim), 7U);
  EXPECT_EQ(guest.call("fd_filestat_set_times", {fd, 0, 9 * kSecond, 4}), kOk);
  EXPECT_EQ(nanoseconds(tree.status("grant/f").st_atim), kSecond + 5);
  EXPECT_EQ(nanoseconds(tree.status("grant/f").st_mtim), 9 * kSecond);
  EXPECT_EQ(guest.call("fd_filestat_set_times", {fd, 0, 0, 2}), kOk);
  EXPECT_GT(nanoseconds(tree.status("grant/f").st_atim), 1'600'000'000 * kSecond);
  EXPECT_EQ(nanoseconds(tree.status("grant/f").st_mtim), 9 * kSecond);
  EXPECT_EQ(guest.call("fd_filestat_set_times", {fd, 0, 0, 0}), kOk);
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST_P(Filestats, SetsTimesOfWhatCannotBeOpenedForWriting) {
  tree.folder("grant/d");
  if (!is_scratch()) tree.fifo("grant/p");
  tree.link("grant/l", "d");
  EXPECT_EQ(guest.set_times("d", 3), Errno::kSuccess);
  EXPECT_EQ(tree.status("grant/d").st_mtim.tv_sec, 3);
  if (!is_scratch()) {
    EXPECT_EQ(guest.set_times("p", 3, true), Errno::kSuccess);
    EXPECT_EQ(tree.status("grant/p").st_mtim.tv_sec, 3);
  }
  EXPECT_EQ(guest.set_times("l", 4), Errno::kSuccess);
  EXPECT_EQ(tree.status("grant/l").st_mtim.tv_sec, 4);
  EXPECT_EQ(tree.status("grant/d").st_mtim.tv_sec, 3);
  EXPECT_EQ(guest.set_times("l", 5, true), Errno::kSuccess);
  EXPECT_EQ(tree.status("grant/d").st_mtim.tv_sec, 5);
  EXPECT_EQ(guest.set_times("l/", 6), Errno::kSuccess);
  EXPECT_EQ(tree.status("grant/d").st_mtim.tv_sec, 6);
  EXPECT_EQ(guest.call("fd_filestat_set_times", {3, kSecond, kSecond, 1 | 4}), kOk);
  EXPECT_EQ(tree.status("grant").st_mtim.tv_sec, 1);
}

TEST_P(Filestats, RefusesFlagsThatContradictAndUnknownOnes) {
  tree.file("grant/f");
  const struct stat before = tree.status("grant/f");
  guest.put(100, "f");
  for (const std::uint64_t flags : {1U | 2U, 4U | 8U, 15U, 16U, 0x8000U}) {
    EXPECT_EQ(guest.call("path_filestat_set_times", {3, 0, 100, 1, 0, 0, flags}),
              returns(Errno::kInval));
    EXPECT_EQ(guest.call("fd_filestat_set_times", {3, 0, 0, flags}), returns(Errno::kInval));
  }
  EXPECT_EQ(guest.call("path_filestat_set_times", {3, 2, 100, 1, 0, 0, 0}), returns(Errno::kInval));
  EXPECT_EQ(guest.set_times("f/", 1), Errno::kNotdir);
  EXPECT_EQ(guest.set_times("none", 1), Errno::kNoent);
  EXPECT_EQ(nanoseconds(tree.status("grant/f").st_ctim), nanoseconds(before.st_ctim));
}

}  // namespace
}  // namespace mimobox::wasi
