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

TEST(FdRead, FillsTheBuffersInOrder) {
  Fixture guest;
  guest.input = InputBytes{"abcdef"};
  guest.put(0, iovec(100, 2) + iovec(200, 0) + iovec(50, 3));
  EXPECT_EQ(guest.call("fd_read", {0, 0, 3, 252}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{100, "ab"}, {50, "cde"}, {252, le32(5)}}));
}

TEST(FdRead, GoesOnWhereItStoppedUntilTheEnd) {
  Fixture guest;
  guest.input = InputBytes{"abc"};
  guest.put(0, iovec(100, 2));
  EXPECT_EQ(guest.call("fd_read", {0, 0, 1, 8}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{100, "ab"}, {8, le32(2)}}));
  EXPECT_EQ(guest.call("fd_read", {0, 0, 1, 8}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{100, "cb"}, {8, le32(1)}}));
  EXPECT_EQ(guest.call("fd_read", {0, 0, 1, 8}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{100, "cb"}, {8, le32(0)}}));
}

TEST(FdRead, OfNoInputIsAtItsEnd) {
  Fixture guest;
  guest.put(0, iovec(100, 2));
  EXPECT_EQ(guest.call("fd_read", {0, 0, 1, 8}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{8, le32(0)}}));
}

TEST(FdRead, OfNoBuffersReadsNothing) {
  Fixture guest;
  guest.input = InputBytes{"abc"};
  EXPECT_EQ(guest.call("fd_read", {0, 256, 0, 8}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{8, le32(0)}}));
}

TEST(FdRead, FillsTheLastByteOfTheMemory) {
  Fixture guest;
  guest.input = InputBytes{"abc"};
  guest.put(0, iovec(253, 3));
  EXPECT_EQ(guest.call("fd_read", {0, 0, 1, 8}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{253, "abc"}, {8, le32(3)}}));
}

TEST(FdRead, TakesAnArrayAtTheEndOfTheMemory) {
  Fixture guest;
  guest.input = InputBytes{"abc"};
  guest.put(248, iovec(0, 3));
  EXPECT_EQ(guest.call("fd_read", {0, 248, 1, 8}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{0, "abc"}, {8, le32(3)}}));
}

TEST(FdRead, RefusesAnArrayOutside) {
  Fixture guest;
  guest.input = InputBytes{"abc"};
  guest.put(248, iovec(0, 3));
  EXPECT_EQ(guest.call("fd_read", {0, 248, 2, 8}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("fd_read", {0, 249, 1, 8}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("fd_read", {0, 0xFFFF'FFF8, 1, 8}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("fd_read", {0, 0, 1024, 8}), returns(Errno::kFault));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(FdRead, RefusesBuffersOutside) {
  Fixture guest;
  guest.input = InputBytes{"abc"};
  guest.put(0, iovec(254, 3) + iovec(0xFFFF'FFFF, 1) + iovec(1, 0xFFFF'FFFF) + iovec(257, 0));
  EXPECT_EQ(guest.call("fd_read", {0, 0, 1, 128}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("fd_read", {0, 8, 1, 128}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("fd_read", {0, 16, 1, 128}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("fd_read", {0, 24, 1, 128}), returns(Errno::kFault));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(FdRead, EndsAtABufferOutsideAfterAGoodOne) {
  Fixture guest;
  guest.input = InputBytes{"abc"};
  guest.put(0, iovec(100, 1) + iovec(255, 2));
  EXPECT_EQ(guest.call("fd_read", {0, 0, 2, 128}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{100, "a"}, {128, le32(1)}}));
}

TEST(FdRead, RefusesAPlaceOfTheResultOutsideAndReadsNothing) {
  Fixture guest;
  guest.input = InputBytes{"abc"};
  guest.put(0, iovec(100, 3));
  EXPECT_EQ(guest.call("fd_read", {0, 0, 1, 253}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("fd_read", {0, 0, 1, 0xFFFF'FFFF}), returns(Errno::kFault));
  EXPECT_EQ(guest.memory(), guest.untouched());
  EXPECT_EQ(guest.call("fd_read", {0, 0, 1, 8}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{100, "abc"}, {8, le32(3)}}));
}

TEST(FdRead, MayPutItsResultIntoTheArray) {
  Fixture guest;
  guest.input = InputBytes{"abc"};
  guest.put(0, iovec(100, 3));
  EXPECT_EQ(guest.call("fd_read", {0, 0, 1, 4}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{100, "abc"}, {4, le32(3)}}));
}

TEST(FdRead, OverItsOwnArrayStaysInTheMemory) {
  Fixture guest;
  const std::string attack = iovec(0xFFFF'FFFF, 0xFFFF'FFFF);
  guest.input = InputBytes{attack};
  guest.put(0, iovec(8, 8) + iovec(100, 1));
  EXPECT_EQ(guest.call("fd_read", {0, 0, 2, 128}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{8, attack}, {128, le32(8)}}));
}

TEST(FdRead, OfAnOutputIsRefused) {
  Fixture guest;
  EXPECT_EQ(guest.call("fd_read", {1, 0, 0, 8}), returns(Errno::kBadf));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(FdRead, TakesUpTo1024Buffers) {
  Fixture guest(16'384);
  guest.input = InputBytes{"abc"};
  for (std::size_t i = 0; i < 1'024; ++i)
    guest.put(i * 8, iovec(0, 0));
  EXPECT_EQ(guest.call("fd_read", {0, 0, 1'025, 10'000}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_read", {0, 0, 1U << 26, 10'000}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_read", {0, 0, 0xFFFF'FFFF, 10'000}), returns(Errno::kInval));
  EXPECT_EQ(guest.memory(), guest.untouched());
  EXPECT_EQ(guest.call("fd_read", {0, 0, 1'024, 10'000}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{10'000, le32(0)}}));
}

TEST(FdWrite, WritesTheBuffersInOrder) {
  Fixture guest;
  guest.put(100, "worldhello ");
  guest.put(0, iovec(105, 6) + iovec(0, 0) + iovec(100, 5));
  EXPECT_EQ(guest.call("fd_write", {1, 0, 3, 252}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{252, le32(11)}}));
  EXPECT_EQ(guest.host().take_output().data, "hello world");
}

TEST(FdWrite, KeepsOutputAndErrorApart) {
  Fixture guest;
  guest.put(0, iovec(16, 1) + iovec(17, 1) + "oe");
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 64}), kOk);
  EXPECT_EQ(guest.call("fd_write", {2, 8, 1, 64}), kOk);
  EXPECT_EQ(guest.host().take_output().data, "o");
  EXPECT_EQ(guest.host().take_error().data, "e");
}

TEST(FdWrite, WritesTheLastByteOfTheMemoryAndOverlappingBuffers) {
  Fixture guest;
  guest.put(253, "xyz");
  guest.put(0, iovec(253, 3) + iovec(254, 2) + iovec(256, 0));
  EXPECT_EQ(guest.call("fd_write", {1, 0, 3, 100}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{100, le32(5)}}));
  EXPECT_EQ(guest.host().take_output().data, "xyzyz");
}

TEST(FdWrite, RefusesWhatLiesOutsideAndWritesNothing) {
  Fixture guest;
  guest.put(0, iovec(100, 1) + iovec(0, 257) + iovec(0xFFFF'FFFF, 2) + iovec(0, 0xFFFF'FFFF));
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 253}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("fd_write", {1, 249, 1, 64}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("fd_write", {1, 0xFFFF'FFFF, 1, 64}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("fd_write", {1, 8, 1, 64}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("fd_write", {1, 16, 1, 64}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("fd_write", {1, 24, 1, 64}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1U << 26, 64}), returns(Errno::kInval));
  EXPECT_EQ(guest.memory(), guest.untouched());
  EXPECT_EQ(guest.host().take_output().total_bytes, 0U);
}

TEST(FdWrite, MayPutItsResultIntoTheArray) {
  Fixture guest;
  guest.put(0, iovec(100, 2));
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 0}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{0, le32(2)}}));
}

TEST(FdWrite, ToAnInputIsRefused) {
  Fixture guest;
  EXPECT_EQ(guest.call("fd_write", {0, 0, 0, 8}), returns(Errno::kBadf));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(FdWrite, ToADiscardingOutputCountsAll) {
  Fixture guest;
  guest.output = OutputDiscard{};
  guest.put(0, iovec(0, 256));
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 8}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{8, le32(256)}}));
  EXPECT_EQ(guest.host().take_output().total_bytes, 256U);
}

WrittenOutput capture_of_five_bytes(std::uint64_t limit_bytes) {
  Fixture guest;
  guest.output = {OutputCapture{}, {.bytes = limit_bytes}};
  guest.put(0, iovec(16, 3) + iovec(19, 2) + "abcde");
  EXPECT_EQ(guest.call("fd_write", {1, 0, 2, 64}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{64, le32(5)}}));
  return guest.host().take_output();
}

TEST(Capture, KeepsAllUpToItsLimit) {
  const WrittenOutput output = capture_of_five_bytes(5);
  EXPECT_EQ(output.data, "abcde");
  EXPECT_EQ(output.total_bytes, 5U);
  EXPECT_FALSE(output.truncated);
}

TEST(Capture, KeepsTheHeadAboveItsLimitAndCountsAll) {
  const WrittenOutput output = capture_of_five_bytes(4);
  EXPECT_EQ(output.data, "abcd");
  EXPECT_EQ(output.total_bytes, 5U);
  EXPECT_TRUE(output.truncated);
}

TEST(Capture, OfNothingOnlyCounts) {
  const WrittenOutput output = capture_of_five_bytes(0);
  EXPECT_EQ(output.data, "");
  EXPECT_EQ(output.total_bytes, 5U);
  EXPECT_TRUE(output.truncated);
}

TEST(Capture, WithoutOutputIsNotTruncated) {
  Fixture guest;
  guest.output = {OutputCapture{}, {.bytes = 0}};
  const WrittenOutput output = guest.host().take_output();
  EXPECT_EQ(output.data, "");
  EXPECT_EQ(output.total_bytes, 0U);
  EXPECT_FALSE(output.truncated);
}

}  // namespace
}  // namespace mimobox::wasi
