#include "wasi/host_access.h"

#include <sys/resource.h>

#include <cstdlib>
#include <limits>

#include <gtest/gtest.h>

#include "tests/unit/wasi/files.h"

namespace mimobox::wasi {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the fixture's names

struct Access {
  explicit Access(const HostFileLimits& limits = {}, std::optional<InodeKey> key = InodeKey{1, 2})
      : access(limits, record, key, stop, blocking) {}

  LimitRecord record;
  base::StopSignal stop;
  NullBlocking blocking;
  HostAccess access;
};

TEST(HostAccess, WithoutLimitsAllIsAllowed) {
  Access with;
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(with.access.writable_at(0, kMost), kMost);
  EXPECT_EQ(with.access.may_grow_to(kMost), Errno::kSuccess);
  EXPECT_EQ(with.access.may_write(kMost), Errno::kSuccess);
  EXPECT_EQ(with.access.may_create(), Errno::kSuccess);
  EXPECT_EQ(with.record.first(), LimitHit::kNone);
}

TEST(HostAccess, GivesTheSmallestOfWhatIsWantedAndWhatIsLeft) {
  Access with({.written_bytes = 100, .file_bytes = 50});
  EXPECT_EQ(with.access.writable_at(0, 10), 10U);
  EXPECT_EQ(with.access.writable_at(0, 60), 50U);
  EXPECT_EQ(with.access.writable_at(45, 60), 5U);
  with.access.count_written(97);
  EXPECT_EQ(with.access.writable_at(0, 60), 3U);
  EXPECT_EQ(with.record.first(), LimitHit::kNone);
  EXPECT_EQ(with.access.writable_at(50, 1).error(), Errno::kFbig);
  with.access.count_written(3);
  EXPECT_EQ(with.access.writable_at(0, 1).error(), Errno::kDquot);
  EXPECT_EQ(with.record.first(), LimitHit::kFileBytes);
}

TEST(HostAccess, NumbersOfFilesAreKeyed) {
  Access one;
  Access same;
  EXPECT_EQ(one.access.guest_inode(1, 2), same.access.guest_inode(1, 2));
  EXPECT_NE(one.access.guest_inode(1, 2), one.access.guest_inode(2, 1));
  EXPECT_NE(one.access.guest_inode(1, 2), one.access.guest_inode(1, 3));
  Access other({}, InodeKey{2, 1});
  EXPECT_NE(one.access.guest_inode(1, 2), other.access.guest_inode(1, 2));
}

TEST(HostAccess, WithoutAGivenKeyEachRunHasItsOwn) {
  Access one({}, std::nullopt);
  Access two({}, std::nullopt);
  EXPECT_EQ(one.access.guest_inode(1, 2), one.access.guest_inode(1, 2));
  EXPECT_NE(one.access.guest_inode(1, 2), two.access.guest_inode(1, 2));
}

TEST(HostAccess, NumbersOfFilesLeaveTheGuestsRandomNumbersAlone) {
  FilesGuest guest;
  guest.tree.file("grant/f");
  EXPECT_EQ(guest.stat("f"), Errno::kSuccess);
  EXPECT_TRUE(guest.random.sizes.empty());
}

/// In a child, since what must not happen is the end of the process by SIGXFSZ.
[[noreturn]] void write_beyond_the_hosts_limit() {
  const rlimit limit{.rlim_cur = 4'096, .rlim_max = 4'096};
  if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) std::_Exit(2);
  FilesGuest guest;
  const std::uint32_t fd = guest.must_open("f", {.oflags = kCreat});
  const bool refused = guest.pwrite(fd, "x", 4'096) == Errno::kFbig &&
                       guest.call("fd_filestat_set_size", {fd, 4'097}).error == Errno::kFbig;
  const bool written = guest.pwrite(fd, "xy", 4'095) == Errno::kSuccess && guest.result() == 1;
  std::filesystem::remove_all(guest.tree.path(""));
  std::_Exit(refused && written ? 0 : 1);
}

TEST(HostAccess, KeepsAFileBelowTheHostsOwnLimitWhoseSignalWouldKillIt) {
  EXPECT_EXIT(write_beyond_the_hosts_limit(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace mimobox::wasi
