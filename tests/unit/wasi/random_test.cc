#include <array>

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

TEST(RandomGet, FillsTheRangeAndNothingElse) {
  Fixture guest;
  EXPECT_EQ(guest.call("random_get", {3, 5}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{3, "rrrrr"}}));
}

TEST(RandomGet, FillsTheWholeMemory) {
  Fixture guest;
  EXPECT_EQ(guest.call("random_get", {0, 256}), kOk);
  EXPECT_EQ(guest.memory(), std::string(256, 'r'));
}

TEST(RandomGet, FillsNothingWhenNothingIsAskedFor) {
  Fixture guest;
  EXPECT_EQ(guest.call("random_get", {0, 0}), kOk);
  EXPECT_EQ(guest.call("random_get", {256, 0}), kOk);
  EXPECT_EQ(guest.memory(), guest.untouched());
  EXPECT_TRUE(guest.random.sizes.empty());
}

TEST(RandomGet, RefusesRangesOutsideAndWritesNothing) {
  Fixture guest;
  EXPECT_EQ(guest.call("random_get", {0, 257}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("random_get", {255, 2}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("random_get", {257, 0}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("random_get", {0xFFFF'FFFF, 1}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("random_get", {1, 0xFFFF'FFFF}), returns(Errno::kFault));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(RandomGet, TellsThatTheSourceFailed) {
  Fixture guest;
  guest.random.fails = true;
  EXPECT_EQ(guest.call("random_get", {0, 8}), returns(Errno::kIo));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(RandomGet, OfAllOfALargeMemoryGoesPieceByPiece) {
  Fixture guest(200'000);
  EXPECT_EQ(guest.call("random_get", {0, 200'000}), kOk);
  EXPECT_EQ(guest.memory(), std::string(200'000, 'r'));
  EXPECT_EQ(guest.random.sizes, (std::vector<std::size_t>{65'536, 65'536, 65'536, 3'392}));
}

TEST(RandomGet, StopsBetweenPieces) {
  Fixture guest(200'000);
  guest.random.on_fill = [&] {
    if (guest.random.sizes.size() == 2) guest.stop.raise(1);
  };
  EXPECT_EQ(guest.call("random_get", {0, 200'000}), (Answer{Errno::kIntr, HostCallOutcome::kStop}));
  EXPECT_EQ(guest.memory(), guest.expected({{0, std::string(131'072, 'r')}}));
}

TEST(SystemRandom, FillsDifferentBytesEachTime) {
  SystemRandom random;
  std::array<std::byte, 32> first{};
  std::array<std::byte, 32> second{};
  EXPECT_TRUE(random.fill(first));
  EXPECT_TRUE(random.fill(second));
  EXPECT_NE(first, second);
}

}  // namespace
}  // namespace mimobox::wasi
