#include <limits>

#include <gtest/gtest.h>

#include "tests/unit/wasi/files.h"

// Bytes, offset, size and flags of an open file.

namespace mimobox::wasi {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the fixture's names

constexpr std::uint64_t kMaxOffset = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kMinus1 = ~0ULL;

class FileIo : public EveryKind {
 protected:
  FileIo() { guest.tree.file("grant/f", "0123456789"); }
};

INSTANTIATE_TEST_SUITE_P(Kinds, FileIo, kEveryKind, kind_name);

TEST_P(FileIo, ReadFillsTheBuffersInOrderInOneCall) {
  const std::uint32_t fd = guest.must_open("f");
  guest.wipe();
  guest.put(0, iovec(100, 2) + iovec(65'536, 0) + iovec(200, 3) + iovec(300, 100));
  EXPECT_EQ(guest.call("fd_read", {fd, 0, 4, 64}), kOk);
  EXPECT_EQ(guest.memory(),
            guest.expected({{100, "01"}, {200, "234"}, {300, "56789"}, {64, le32(10)}}));
  EXPECT_EQ(guest.call("fd_read", {fd, 0, 4, 64}), kOk);
  EXPECT_EQ(guest.memory(),
            guest.expected({{100, "01"}, {200, "234"}, {300, "56789"}, {64, le32(0)}}));
  EXPECT_EQ(guest.host().metrics().of(CallKind::kFileRead), (CallCount{.calls = 2, .bytes = 10}));
  EXPECT_EQ(guest.host().metrics().files_opened, 1U);
}

TEST_P(FileIo, WriteTakesTheBuffersInOrder) {
  const std::uint32_t fd = guest.must_open("f");
  guest.wipe();
  guest.put(0, iovec(100, 2) + iovec(101, 2));
  guest.put(100, "abc");
  EXPECT_EQ(guest.call("fd_write", {fd, 0, 2, 64}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{64, le32(4)}}));
  EXPECT_EQ(tree.content("grant/f"), "abbc456789");
  EXPECT_EQ(guest.host().metrics().of(CallKind::kFileWrite), (CallCount{.calls = 1, .bytes = 4}));
}

TEST_P(FileIo, PositionalCallsLeaveTheOffset) {
  const std::uint32_t fd = guest.must_open("f");
  guest.wipe();
  guest.put(0, iovec(100, 3));
  EXPECT_EQ(guest.call("fd_pread", {fd, 0, 1, 7, 64}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{100, "789"}, {64, le32(3)}}));
  EXPECT_EQ(guest.call("fd_pread", {fd, 0, 1, 10, 64}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{100, "789"}, {64, le32(0)}}));
  EXPECT_EQ(guest.call("fd_pwrite", {fd, 0, 1, 12, 64}), kOk);
  EXPECT_EQ(tree.content("grant/f"), std::string("0123456789\0\000789", 15));
  EXPECT_EQ(guest.call("fd_tell", {fd, 32}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{100, "789"}, {64, le32(3)}, {32, le64(0)}}));
}

TEST_P(FileIo, OffsetsAbove63BitsAreRefused) {
  const std::uint32_t fd = guest.must_open("f");
  guest.wipe();
  guest.put(0, iovec(100, 3));
  EXPECT_EQ(guest.call("fd_pread", {fd, 0, 1, kMaxOffset + 1, 64}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_pread", {fd, 0, 1, kMinus1, 64}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_pwrite", {fd, 0, 1, kMaxOffset + 1, 64}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_pwrite", {fd, 0, 1, kMinus1, 64}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_pwrite", {fd, 0, 1, kMaxOffset, 64}), returns(Errno::kFbig));
  EXPECT_EQ(guest.call("fd_pwrite", {fd, 0, 1, kMaxOffset - 1, 64}), returns(Errno::kFbig));
  EXPECT_EQ(guest.memory(), guest.untouched());
  EXPECT_EQ(guest.call("fd_pread", {fd, 0, 1, kMaxOffset, 64}), kOk);
  EXPECT_EQ(guest.call("fd_pread", {fd, 0, 1, kMaxOffset - 1, 64}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{64, le32(0)}}));
  EXPECT_EQ(tree.content("grant/f"), "0123456789");
}

TEST_P(FileIo, AppendWritesAtTheEndWhereverTheOffsetIs) {
  const std::uint32_t fd = guest.must_open("f", {.fdflags = kAppendFlag});
  EXPECT_EQ(guest.write(fd, "ab"), Errno::kSuccess);
  EXPECT_EQ(guest.call("fd_tell", {fd, FilesGuest::kResultAt}), kOk);
  EXPECT_EQ(guest.result64(), 12U);
  EXPECT_EQ(guest.call("fd_seek", {fd, 0, 0, FilesGuest::kResultAt}), kOk);
  std::string data;
  EXPECT_EQ(guest.read(fd, data, 3), Errno::kSuccess);
  EXPECT_EQ(data, "012");
  EXPECT_EQ(guest.write(fd, "cd"), Errno::kSuccess);
  EXPECT_EQ(tree.content("grant/f"), "0123456789abcd");
}

TEST_P(FileIo, PwriteGoesToItsOffsetAlsoWhenAppending) {
  const std::uint32_t fd = guest.must_open("f", {.fdflags = kAppendFlag});
  EXPECT_EQ(guest.pwrite(fd, "ab", 1), Errno::kSuccess);
  EXPECT_EQ(tree.content("grant/f"), "0ab3456789");
}

TEST_P(FileIo, SetFlagsTurnsAppendOnAndOff) {
  const std::uint32_t fd = guest.must_open("f");
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", {fd, 1 | 4}), kOk);
  EXPECT_EQ(guest.write(fd, "ab"), Errno::kSuccess);
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", {fd, 0}), kOk);
  EXPECT_EQ(guest.call("fd_seek", {fd, 0, 0, FilesGuest::kResultAt}), kOk);
  EXPECT_EQ(guest.write(fd, "cd"), Errno::kSuccess);
  EXPECT_EQ(tree.content("grant/f"), "cd23456789ab");
}

TEST_P(FileIo, SetFlagsRefusesWhatCannotChange) {
  const std::uint32_t fd = guest.must_open("f");
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", {fd, 2}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", {fd, 8}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", {fd, 16}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", {fd, 32}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", {3, 0}), returns(Errno::kBadf));
  const std::uint32_t synced = guest.must_open("f", {.fdflags = 2 | 8 | 16});
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", {synced, 1 | 2 | 8 | 16}), kOk);
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", {synced, 0}), returns(Errno::kInval));
}

TEST_P(FileIo, SeekMovesFromAllThreePlaces) {
  const std::uint32_t fd = guest.must_open("f");
  guest.wipe();
  EXPECT_EQ(guest.call("fd_seek", {fd, 4, 0, 8}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{8, le64(4)}}));
  EXPECT_EQ(guest.call("fd_seek", {fd, kMinus1, 1, 8}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{8, le64(3)}}));
  EXPECT_EQ(guest.call("fd_seek", {fd, kMinus1, 2, 8}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{8, le64(9)}}));
  EXPECT_EQ(guest.call("fd_seek", {fd, 1'000'000, 2, 8}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{8, le64(1'000'010)}}));
  EXPECT_EQ(guest.call("fd_seek", {fd, kMaxOffset, 0, 8}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{8, le64(kMaxOffset)}}));
}

TEST_P(FileIo, SeekRefusesWhatIsNoOffsetAndStays) {
  const std::uint32_t fd = guest.must_open("f");
  EXPECT_EQ(guest.call("fd_seek", {fd, 5, 0, 8}), kOk);
  guest.wipe();
  EXPECT_EQ(guest.call("fd_seek", {fd, kMinus1, 0, 8}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_seek", {fd, kMinus1 - 5, 1, 8}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_seek", {fd, kMinus1 - 10, 2, 8}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_seek", {fd, kMaxOffset, 1, 8}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_seek", {fd, kMaxOffset + 1, 2, 8}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_seek", {fd, 0, 3, 8}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_seek", {fd, 1, 0, 65'529}), returns(Errno::kFault));
  EXPECT_EQ(guest.memory(), guest.untouched());
  EXPECT_EQ(guest.call("fd_tell", {fd, 8}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{8, le64(5)}}));
  EXPECT_EQ(guest.call("fd_tell", {fd, 65'529}), returns(Errno::kFault));
}

TEST_P(FileIo, BuffersAreCheckedBeforeBytesMove) {
  const std::uint32_t fd = guest.must_open("f");
  guest.wipe();
  guest.put(0, iovec(65'535, 2) + iovec(100, 1));
  for (const char* name : {"fd_read", "fd_write"}) {
    EXPECT_EQ(guest.call(name, {fd, 0, 2, 64}), returns(Errno::kFault)) << name;
    EXPECT_EQ(guest.call(name, {fd, 8, 1, 65'533}), returns(Errno::kFault)) << name;
    EXPECT_EQ(guest.call(name, {fd, 65'529, 1, 64}), returns(Errno::kFault)) << name;
    EXPECT_EQ(guest.call(name, {fd, 0, 1025, 64}), returns(Errno::kInval)) << name;
    EXPECT_EQ(guest.call(name, {fd, 0, 1U << 26U, 64}), returns(Errno::kInval)) << name;
  }
  for (const char* name : {"fd_pread", "fd_pwrite"}) {
    EXPECT_EQ(guest.call(name, {fd, 0, 2, 0, 64}), returns(Errno::kFault)) << name;
    EXPECT_EQ(guest.call(name, {fd, 8, 1, 0, 65'533}), returns(Errno::kFault)) << name;
    EXPECT_EQ(guest.call(name, {fd, 0, 1U << 26U, 0, 64}), returns(Errno::kInval)) << name;
  }
  EXPECT_EQ(guest.memory(), guest.untouched());
  EXPECT_EQ(tree.content("grant/f"), "0123456789");
}

TEST_P(FileIo, AReadOverItsOwnArrayUsesTheCopy) {
  tree.file("grant/attack", iovec(0xFFFF'FFFF, 0xFFFF'FFFF) + "tail");
  const std::uint32_t fd = guest.must_open("attack");
  guest.wipe();
  guest.put(0, iovec(8, 8) + iovec(100, 4));
  EXPECT_EQ(guest.call("fd_read", {fd, 0, 2, 64}), kOk);
  EXPECT_EQ(guest.memory(),
            guest.expected({{8, iovec(0xFFFF'FFFF, 0xFFFF'FFFF)}, {100, "tail"}, {64, le32(12)}}));
}

TEST_P(FileIo, Takes1024BuffersAtOnce) {
  const std::uint32_t fd = guest.must_open("f");
  std::string array;
  for (std::uint32_t i = 0; i < 1'024; ++i)
    array += iovec(32'768 + i, 1);
  guest.put(16'384, array);
  EXPECT_EQ(guest.call("fd_pread", {fd, 16'384, 1'024, 0, 8}), kOk);
  EXPECT_EQ(guest.result(), 10U);
  EXPECT_EQ(guest.memory().substr(32'768, 11), "0123456789?");
}

TEST_P(FileIo, MovesMoreThanOnePiece) {
  constexpr std::uint32_t kBytes = 20U << 20U;
  Fixture large(kBytes + 64);
  large.mounts = std::move(guest.mounts);
  large.grants = guest.grants;
  large.put(0, iovec(64, kBytes) + "f");
  large.put(64 + kBytes - 4, "last");
  const std::uint64_t all = kFileRights;
  EXPECT_EQ(large.call("path_open", {3, 0, 8, 1, 0, all, 0, 0, 16}), kOk);
  EXPECT_EQ(large.call("fd_write", {4, 0, 1, 20}), kOk);
  EXPECT_EQ(large.memory().substr(20, 4), le32(kBytes));
  EXPECT_EQ(tree.content("grant/f").size(), kBytes);
  EXPECT_EQ(tree.content("grant/f").substr(kBytes - 4), "last");
  EXPECT_EQ(large.call("fd_pread", {4, 0, 1, 0, 24}), kOk);
  EXPECT_EQ(large.memory().substr(24, 4), le32(kBytes));
}

TEST_P(FileIo, EndsAtAStop) {
  const std::uint32_t fd = guest.must_open("f");
  guest.stop.raise(1);
  guest.put(0, iovec(100, 2));
  EXPECT_EQ(guest.call("fd_read", {fd, 0, 1, 64}).outcome, HostCallOutcome::kStop);
  if (is_scratch()) return;  // in which nothing takes long
  EXPECT_EQ(guest.call("fd_sync", {fd}), (testing::Answer{Errno::kIntr, HostCallOutcome::kStop}));
  EXPECT_EQ(guest.call("fd_datasync", {fd}),
            (testing::Answer{Errno::kIntr, HostCallOutcome::kStop}));
  EXPECT_EQ(guest.call("fd_allocate", {fd, 0, 100}),
            (testing::Answer{Errno::kIntr, HostCallOutcome::kStop}));
  EXPECT_EQ(tree.content("grant/f"), "0123456789");
}

TEST_P(FileIo, SetSizeCutsAndExtends) {
  const std::uint32_t fd = guest.must_open("f");
  guest.wipe();
  EXPECT_EQ(guest.call("fd_filestat_set_size", {fd, 4}), kOk);
  EXPECT_EQ(tree.content("grant/f"), "0123");
  EXPECT_EQ(guest.call("fd_filestat_set_size", {fd, 6}), kOk);
  EXPECT_EQ(tree.content("grant/f"), std::string("0123\0\0", 6));
  EXPECT_EQ(guest.call("fd_filestat_set_size", {fd, kMaxOffset + 1}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_filestat_set_size", {3, 0}), returns(Errno::kBadf));
  const std::uint32_t reader = guest.must_open("f", {.rights = kReadOnly});
  EXPECT_EQ(guest.call("fd_filestat_set_size", {reader, 0}), returns(Errno::kInval));
  EXPECT_EQ(tree.content("grant/f").size(), 6U);
}

TEST_P(FileIo, AllocateExtendsAndNeverCuts) {
  const std::uint32_t fd = guest.must_open("f");
  EXPECT_EQ(guest.call("fd_allocate", {fd, 0, 5}), kOk);
  EXPECT_EQ(tree.content("grant/f"), "0123456789");
  EXPECT_EQ(guest.call("fd_allocate", {fd, 8, 4}), kOk);
  EXPECT_EQ(tree.content("grant/f"), std::string("0123456789\0\0", 12));
  EXPECT_EQ(guest.call("fd_allocate", {fd, 0, 0}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_allocate", {fd, kMaxOffset + 1, 1}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_allocate", {fd, kMaxOffset, 1}), returns(Errno::kFbig));
  EXPECT_EQ(guest.call("fd_allocate", {fd, 1, kMinus1}), returns(Errno::kFbig));
  EXPECT_EQ(guest.call("fd_allocate", {3, 0, 1}), returns(Errno::kBadf));
  const std::uint32_t reader = guest.must_open("f", {.rights = kReadOnly});
  EXPECT_EQ(guest.call("fd_allocate", {reader, 0, 1}), returns(Errno::kBadf));
}

TEST_P(FileIo, AdviseTakesTheSixAdvices) {
  const std::uint32_t fd = guest.must_open("f");
  for (std::uint64_t advice = 0; advice <= 5; ++advice) {
    EXPECT_EQ(guest.call("fd_advise", {fd, 0, 10, advice}), kOk) << advice;
  }
  EXPECT_EQ(guest.call("fd_advise", {fd, 0, 10, 6}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_advise", {fd, 0, 10, 256}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_advise", {fd, kMinus1, 0, 0}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_advise", {fd, 0, kMinus1, 0}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_advise", {3, 0, 0, 0}), returns(Errno::kBadf));
}

TEST_P(FileIo, SyncsFilesAndDirectories) {
  const std::uint32_t fd = guest.must_open("f");
  EXPECT_EQ(guest.call("fd_sync", {fd}), kOk);
  EXPECT_EQ(guest.call("fd_datasync", {fd}), kOk);
  EXPECT_EQ(guest.call("fd_sync", {3}), kOk);
  EXPECT_EQ(guest.call("fd_datasync", {3}), kOk);
  EXPECT_EQ(guest.null_blocking.begun, is_scratch() ? 0 : 4);
  EXPECT_EQ(guest.null_blocking.ended, is_scratch() ? 0 : 4);
}

TEST_P(FileIo, AFileIsAlwaysReadyToPoll) {
  const std::uint32_t fd = guest.must_open("f");
  EXPECT_EQ(guest.call("fd_seek", {fd, 4, 0, 8}), kOk);
  guest.wipe();
  const auto subscribe = [&](unsigned type, std::uint32_t number) {
    return le64(7) + std::string(1, static_cast<char>(type)) + std::string(7, '?') + le32(number) +
           std::string(28, '?');
  };
  guest.put(0, subscribe(1, fd) + subscribe(2, fd) + subscribe(1, 3));
  EXPECT_EQ(guest.call("poll_oneoff", {0, 1'024, 3, 512}), kOk);
  const auto event = [](Errno errno_of_event, unsigned type, std::uint64_t bytes) {
    return le64(7) + le16(static_cast<std::uint16_t>(errno_of_event)) +
           std::string(1, static_cast<char>(type)) + std::string(5, '\0') + le64(bytes) + le64(0);
  };
  EXPECT_EQ(guest.memory(), guest.expected({{1'024, event(Errno::kSuccess, 1, 6)},
                                            {1'056, event(Errno::kSuccess, 2, 0)},
                                            {1'088, event(Errno::kNotcapable, 1, 0)},
                                            {512, le32(3)}}));
}

}  // namespace
}  // namespace mimobox::wasi
