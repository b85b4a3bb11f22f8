#include <gtest/gtest.h>

#include "tests/unit/wasi/fakes.h"

namespace mimobox::wasi {
namespace {

using testing::Answer;
using testing::Fixture;
using testing::HostCallOutcome;
using testing::iovec;
using testing::kOk;
using testing::le16;
using testing::le32;
using testing::le64;
using testing::returns;

constexpr std::uint64_t kInputRights = kRightFdRead | kRightFdFilestatGet | kRightPollFdReadwrite;
constexpr std::uint64_t kOutputRights = kRightFdWrite | kRightFdFilestatGet | kRightPollFdReadwrite;

TEST(FdFdstatGet, WritesTypeFlagsAndRightsOfAnInput) {
  Fixture guest;
  EXPECT_EQ(guest.call("fd_fdstat_get", {0, 1}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{1, le64(0) + le64(kInputRights) + le64(0)}}));
}

TEST(FdFdstatGet, WritesTypeFlagsAndRightsOfAnOutput) {
  Fixture guest;
  EXPECT_EQ(guest.call("fd_fdstat_get", {2, 232}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{232, le64(0) + le64(kOutputRights) + le64(0)}}));
}

TEST(FdFdstatGet, RefusesPlacesOutside) {
  Fixture guest;
  EXPECT_EQ(guest.call("fd_fdstat_get", {0, 233}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("fd_fdstat_get", {0, 256}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("fd_fdstat_get", {0, 0xFFFF'FFFF}), returns(Errno::kFault));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(FdFilestatGet, WritesZerosForAStream) {
  Fixture guest;
  EXPECT_EQ(guest.call("fd_filestat_get", {1, 192}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{192, std::string(64, '\0')}}));
}

TEST(FdFilestatGet, RefusesPlacesOutside) {
  Fixture guest;
  EXPECT_EQ(guest.call("fd_filestat_get", {1, 193}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("fd_filestat_get", {1, 0xFFFF'FFC0}), returns(Errno::kFault));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(FdFdstatSetRights, TakesRightsAway) {
  Fixture guest;
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", {1, kRightFdFilestatGet, 0}), kOk);
  EXPECT_EQ(guest.call("fd_write", {1, 0, 0, 64}), returns(Errno::kNotcapable));
  EXPECT_EQ(guest.call("fd_filestat_get", {1, 193}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("fd_fdstat_get", {1, 0}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{0, le64(0) + le64(kRightFdFilestatGet) + le64(0)}}));
}

TEST(FdFdstatSetRights, WithoutRightsAllIsRefused) {
  Fixture guest;
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", {0, 0, 0}), kOk);
  EXPECT_EQ(guest.call("fd_read", {0, 0, 0, 64}), returns(Errno::kNotcapable));
  EXPECT_EQ(guest.call("fd_filestat_get", {0, 0}), returns(Errno::kNotcapable));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(FdFdstatSetRights, RefusesToGiveBackWhatWasTaken) {
  Fixture guest;
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", {1, kRightFdFilestatGet, 0}), kOk);
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", {1, kOutputRights, 0}), returns(Errno::kNotcapable));
  EXPECT_EQ(guest.call("fd_fdstat_get", {1, 0}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{0, le64(0) + le64(kRightFdFilestatGet) + le64(0)}}));
}

TEST(FdFdstatSetRights, RefusesRightsThatWereNeverThereAndChangesNothing) {
  Fixture guest;
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", {1, kRightFdRead, 0}), returns(Errno::kNotcapable));
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", {1, 0, 1}), returns(Errno::kNotcapable));
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", {1, 1ULL << 63, 0}), returns(Errno::kNotcapable));
  EXPECT_EQ(guest.call("fd_fdstat_get", {1, 0}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{0, le64(0) + le64(kOutputRights) + le64(0)}}));
}

TEST(FdFdstatSetRights, GiveUpPollingOnly) {
  Fixture guest;
  guest.put(0, iovec(8, 2) + "hi");
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", {1, kOutputRights & ~kRightPollFdReadwrite, 0}),
            kOk);
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 64}), kOk);
  EXPECT_EQ(guest.host().take_output().data, "hi");
}

TEST(FdClose, ClosesOnceAndForEveryFunction) {
  Fixture guest;
  EXPECT_EQ(guest.call("fd_close", {1}), kOk);
  EXPECT_EQ(guest.call("fd_close", {1}), returns(Errno::kBadf));
  EXPECT_EQ(guest.call("fd_write", {1, 0, 0, 64}), returns(Errno::kBadf));
  EXPECT_EQ(guest.call("fd_read", {1, 0, 0, 64}), returns(Errno::kBadf));
  EXPECT_EQ(guest.call("fd_fdstat_get", {1, 0}), returns(Errno::kBadf));
  EXPECT_EQ(guest.call("fd_filestat_get", {1, 0}), returns(Errno::kBadf));
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", {1, 0, 0}), returns(Errno::kBadf));
  EXPECT_EQ(guest.call("fd_seek", {1, 0, 0, 0}), returns(Errno::kBadf));
  EXPECT_EQ(guest.call("path_open", {1, 0, 0, 1, 0, 0, 0, 0, 0}), returns(Errno::kBadf));
  EXPECT_EQ(guest.call("sock_shutdown", {1, 0}), returns(Errno::kBadf));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(FdClose, KeepsWhatWasCaptured) {
  Fixture guest;
  guest.put(0, iovec(8, 2) + "hi");
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 64}), kOk);
  EXPECT_EQ(guest.call("fd_close", {1}), kOk);
  EXPECT_EQ(guest.host().take_output().data, "hi");
}

TEST(FdRenumber, MovesAStream) {
  Fixture guest;
  guest.put(0, iovec(8, 2) + "hi");
  EXPECT_EQ(guest.call("fd_renumber", {1, 2}), kOk);
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 64}), returns(Errno::kBadf));
  EXPECT_EQ(guest.call("fd_write", {2, 0, 1, 64}), kOk);
  EXPECT_EQ(guest.host().take_output().data, "hi");
  EXPECT_EQ(guest.host().take_error().data, "");
}

TEST(FdRenumber, MovesTheRightsToo) {
  Fixture guest;
  EXPECT_EQ(guest.call("fd_fdstat_set_rights", {1, kRightFdFilestatGet, 0}), kOk);
  EXPECT_EQ(guest.call("fd_renumber", {1, 0}), kOk);
  EXPECT_EQ(guest.call("fd_write", {0, 0, 0, 64}), returns(Errno::kNotcapable));
  EXPECT_EQ(guest.call("fd_read", {0, 0, 0, 64}), returns(Errno::kBadf));
}

TEST(FdRenumber, ToItselfChangesNothing) {
  Fixture guest;
  guest.put(0, iovec(8, 2) + "hi");
  EXPECT_EQ(guest.call("fd_renumber", {1, 1}), kOk);
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 64}), kOk);
  EXPECT_EQ(guest.host().take_output().data, "hi");
}

TEST(FdRenumber, RefusesWhatIsNotOpenAndChangesNothing) {
  Fixture guest;
  EXPECT_EQ(guest.call("fd_close", {0}), kOk);
  EXPECT_EQ(guest.call("fd_renumber", {0, 0}), returns(Errno::kBadf));
  EXPECT_EQ(guest.call("fd_renumber", {0, 1}), returns(Errno::kBadf));
  EXPECT_EQ(guest.call("fd_renumber", {1, 0}), returns(Errno::kBadf));
  EXPECT_EQ(guest.call("fd_renumber", {1, 3}), returns(Errno::kBadf));
  EXPECT_EQ(guest.call("fd_renumber", {0xFFFF'FFFF, 1}), returns(Errno::kBadf));
  EXPECT_EQ(guest.call("fd_write", {1, 0, 0, 64}), kOk);
}

}  // namespace
}  // namespace mimobox::wasi
