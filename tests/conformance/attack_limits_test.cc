#include <gtest/gtest.h>

#include "tests/unit/wasi/files.h"

// Named attacks on the limits of host mounts: under and above each, to the byte.

namespace mimobox::wasi {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the fixture's names

TEST(Attack34, BytesAreCountedUpToTheLimitAndNoFurther) {
  FilesGuest guest;
  guest.file_limits.written_bytes = 10;
  const std::uint32_t fd = guest.must_open("f", {.oflags = kCreat});
  EXPECT_EQ(guest.write(fd, "0123456"), Errno::kSuccess);
  EXPECT_EQ(guest.host().limit_hit(), LimitHit::kNone);
  EXPECT_EQ(guest.write(fd, "789abc"), Errno::kSuccess);
  EXPECT_EQ(guest.result(), 3U);
  EXPECT_EQ(guest.write(fd, "x"), Errno::kDquot);
  EXPECT_EQ(guest.pwrite(fd, "x", 0), Errno::kDquot);
  EXPECT_EQ(guest.write(fd, ""), Errno::kSuccess);
  EXPECT_EQ(guest.call("fd_allocate", {fd, 0, 1}), returns(Errno::kDquot));
  EXPECT_EQ(guest.tree.content("grant/f"), "0123456789");
  EXPECT_EQ(guest.host().limit_hit(), LimitHit::kWrittenBytes);
  EXPECT_EQ(guest.host().metrics().of(CallKind::kFileWrite).bytes, 10U);
}

TEST(Attack34, OverwritingAndAppendingCountToo) {
  FilesGuest guest;
  guest.file_limits.written_bytes = 10;
  const std::uint32_t fd = guest.must_open("f", {.oflags = kCreat});
  const std::uint32_t appending = guest.must_open("f", {.fdflags = kAppendFlag});
  EXPECT_EQ(guest.pwrite(fd, "0123", 0), Errno::kSuccess);
  EXPECT_EQ(guest.pwrite(fd, "0123", 0), Errno::kSuccess);
  EXPECT_EQ(guest.write(appending, "4567"), Errno::kSuccess);
  EXPECT_EQ(guest.result(), 2U);
  EXPECT_EQ(guest.write(appending, "6"), Errno::kDquot);
  EXPECT_EQ(guest.tree.content("grant/f"), "012345");
}

TEST(Attack34, AllMountsOfARunShareTheLimit) {
  FilesGuest guest;
  guest.tree.folder("other");
  guest.mount("other", "/other");
  guest.file_limits.written_bytes = 4;
  const std::uint32_t a = guest.must_open("f", {.oflags = kCreat});
  const std::uint32_t b = guest.must_open("f", {.oflags = kCreat}, 4);
  EXPECT_EQ(guest.write(a, "abc"), Errno::kSuccess);
  EXPECT_EQ(guest.write(b, "de"), Errno::kSuccess);
  EXPECT_EQ(guest.result(), 1U);
  EXPECT_EQ(guest.write(a, "f"), Errno::kDquot);
}

TEST(Attack34, CuttingAndRemovingGivesNothingBack) {
  FilesGuest guest;
  guest.file_limits.written_bytes = 4;
  const std::uint32_t fd = guest.must_open("f", {.oflags = kCreat, .fdflags = kAppendFlag});
  EXPECT_EQ(guest.write(fd, "ab"), Errno::kSuccess);
  EXPECT_EQ(guest.call("fd_filestat_set_size", {fd, 0}), kOk);
  EXPECT_EQ(guest.write(fd, "cd"), Errno::kSuccess);
  EXPECT_EQ(guest.unlink("f"), Errno::kSuccess);
  EXPECT_EQ(guest.write(fd, "e"), Errno::kDquot);
}

TEST(Attack34, OneFileGrowsToItsLimitAndNoFurther) {
  FilesGuest guest;
  guest.file_limits.file_bytes = 8;
  const std::uint32_t fd = guest.must_open("f", {.oflags = kCreat});
  EXPECT_EQ(guest.write(fd, "012345"), Errno::kSuccess);
  EXPECT_EQ(guest.write(fd, "6789"), Errno::kSuccess);
  EXPECT_EQ(guest.result(), 2U);
  EXPECT_EQ(guest.write(fd, "8"), Errno::kFbig);
  EXPECT_EQ(guest.pwrite(fd, "X", 7), Errno::kSuccess);
  EXPECT_EQ(guest.pwrite(fd, "X", 8), Errno::kFbig);
  EXPECT_EQ(guest.pwrite(fd, "X", 1ULL << 40U), Errno::kFbig);
  EXPECT_EQ(guest.tree.content("grant/f"), "0123456X");
  EXPECT_EQ(guest.host().limit_hit(), LimitHit::kFileBytes);
}

TEST(Attack34, SparseFilesCountWithTheirSize) {
  FilesGuest guest;
  guest.file_limits.file_bytes = 1'000;
  const std::uint32_t fd = guest.must_open("f", {.oflags = kCreat});
  EXPECT_EQ(guest.call("fd_filestat_set_size", {fd, 1'000}), kOk);
  EXPECT_EQ(guest.call("fd_filestat_set_size", {fd, 1'001}), returns(Errno::kFbig));
  EXPECT_EQ(guest.call("fd_filestat_set_size", {fd, 1ULL << 62U}), returns(Errno::kFbig));
  EXPECT_EQ(guest.call("fd_allocate", {fd, 999, 1}), kOk);
  EXPECT_EQ(guest.call("fd_allocate", {fd, 999, 2}), returns(Errno::kFbig));
  EXPECT_EQ(guest.tree.status("grant/f").st_size, 1'000);
}

TEST(Attack34, AFileAboveTheLimitMayShrinkAndBeRead) {
  FilesGuest guest;
  guest.tree.file("grant/f", "0123456789");
  guest.file_limits.file_bytes = 4;
  const std::uint32_t fd = guest.must_open("f");
  std::string data;
  EXPECT_EQ(guest.read(fd, data), Errno::kSuccess);
  EXPECT_EQ(data, "0123456789");
  EXPECT_EQ(guest.pwrite(fd, "X", 5), Errno::kFbig);
  EXPECT_EQ(guest.call("fd_filestat_set_size", {fd, 9}), kOk);
  EXPECT_EQ(guest.call("fd_filestat_set_size", {fd, 10}), returns(Errno::kFbig));
}

TEST(Attack34, AppendingEndsAtTheLimitOfOneFile) {
  FilesGuest guest;
  guest.tree.file("grant/f", "01234");
  guest.file_limits.file_bytes = 8;
  const std::uint32_t fd = guest.must_open("f", {.fdflags = kAppendFlag});
  EXPECT_EQ(guest.write(fd, "56789"), Errno::kSuccess);
  EXPECT_EQ(guest.result(), 3U);
  EXPECT_EQ(guest.write(fd, "8"), Errno::kFbig);
  EXPECT_EQ(guest.tree.content("grant/f"), "01234567");
}

TEST(Attack34, AllocatedSpaceIsWrittenSpace) {
  FilesGuest guest;
  guest.file_limits.written_bytes = 100;
  const std::uint32_t fd = guest.must_open("f", {.oflags = kCreat});
  EXPECT_EQ(guest.call("fd_filestat_set_size", {fd, 1'000}), kOk);
  EXPECT_EQ(guest.call("fd_allocate", {fd, 0, 101}), returns(Errno::kDquot));
  EXPECT_EQ(guest.call("fd_allocate", {fd, 0, 100}), kOk);
  EXPECT_EQ(guest.write(fd, "x"), Errno::kDquot);
}

TEST(Attack34, EveryNewNameCountsAndARemovedOneStaysCounted) {
  FilesGuest guest;
  guest.tree.file("grant/old");
  guest.tree.link("grant/dangling", "made-by-link");
  guest.file_limits.created_files = 5;
  EXPECT_EQ(guest.open("old", {.oflags = kCreat}).error, Errno::kSuccess);
  EXPECT_EQ(guest.open("a", {.oflags = kCreat}).error, Errno::kSuccess);
  EXPECT_EQ(guest.mkdir("b"), Errno::kSuccess);
  EXPECT_EQ(guest.mkdir("b"), Errno::kExist);
  EXPECT_EQ(guest.symlink("a", "c"), Errno::kSuccess);
  EXPECT_EQ(guest.link("a", "d"), Errno::kSuccess);
  EXPECT_EQ(guest.unlink("d"), Errno::kSuccess);
  EXPECT_EQ(guest.rename("a", "renamed"), Errno::kSuccess);
  EXPECT_EQ(guest.open("dangling", {.oflags = kCreat, .dirflags = kFollowFlag}).error,
            Errno::kSuccess);
  EXPECT_EQ(guest.host().limit_hit(), LimitHit::kNone);
  EXPECT_EQ(guest.open("e", {.oflags = kCreat}).error, Errno::kDquot);
  EXPECT_EQ(guest.mkdir("e"), Errno::kDquot);
  EXPECT_EQ(guest.symlink("a", "e"), Errno::kDquot);
  EXPECT_EQ(guest.link("renamed", "e"), Errno::kDquot);
  EXPECT_FALSE(guest.tree.exists("grant/e"));
  EXPECT_EQ(guest.host().limit_hit(), LimitHit::kCreatedFiles);
  EXPECT_EQ(guest.open("old", {.oflags = kCreat}).error, Errno::kSuccess);
}

TEST(Attack34, WhatIsThereAlreadyIsNoQuestionOfLimits) {
  FilesGuest guest;
  guest.tree.file("grant/f");
  guest.tree.folder("grant/d");
  guest.file_limits.created_files = 0;
  for (const char* there : {"f", "d"}) {
    EXPECT_EQ(guest.mkdir(there), Errno::kExist) << there;
    EXPECT_EQ(guest.symlink("x", there), Errno::kExist) << there;
    EXPECT_EQ(guest.link("f", there), Errno::kExist) << there;
  }
  EXPECT_EQ(guest.mkdir("d/"), Errno::kExist);
  EXPECT_EQ(guest.open("f", {.oflags = kCreat | kExcl}).error, Errno::kExist);
  EXPECT_EQ(guest.host().limit_hit(), LimitHit::kNone);
  EXPECT_EQ(guest.mkdir("new"), Errno::kDquot);
  EXPECT_EQ(guest.host().limit_hit(), LimitHit::kCreatedFiles);
}

TEST(Attack34, TheFirstLimitThatIsHitIsToldAlsoWhenOthersFollow) {
  FilesGuest guest;
  guest.file_limits = {.written_bytes = 0, .file_bytes = 10, .created_files = 1};
  const std::uint32_t fd = guest.must_open("f", {.oflags = kCreat});
  EXPECT_EQ(guest.mkdir("d"), Errno::kDquot);
  EXPECT_EQ(guest.write(fd, "x"), Errno::kDquot);
  EXPECT_EQ(guest.pwrite(fd, "x", 10), Errno::kFbig);
  EXPECT_EQ(guest.host().limit_hit(), LimitHit::kCreatedFiles);
}

}  // namespace
}  // namespace mimobox::wasi
