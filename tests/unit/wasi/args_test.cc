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
using namespace std::string_literals;

TEST(ArgsGet, WritesStringsWithTheirNulsAndTheOffsets) {
  Fixture guest;
  guest.args = {"a", "", "bcd"};
  EXPECT_EQ(guest.call("args_get", {22, 1}), kOk);
  EXPECT_EQ(guest.memory(),
            guest.expected({{1, "a\0\0bcd\0"s}, {22, le32(1) + le32(3) + le32(4)}}));
}

TEST(ArgsGet, FillsUpToTheLastByte) {
  Fixture guest;
  guest.args = {"ab"};
  EXPECT_EQ(guest.call("args_get", {0, 253}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{0, le32(253)}, {253, "ab\0"s}}));
}

TEST(ArgsGet, RefusesRangesOutsideAndWritesNothing) {
  Fixture guest;
  guest.args = {"ab", "c"};
  EXPECT_EQ(guest.call("args_get", {0, 252}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("args_get", {0, 256}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("args_get", {0, 0xFFFF'FFFF}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("args_get", {249, 0}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("args_get", {256, 0}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("args_get", {0xFFFF'FFFC, 0}), returns(Errno::kFault));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(ArgsGet, WritesNothingWithoutArguments) {
  Fixture guest;
  EXPECT_EQ(guest.call("args_get", {256, 256}), kOk);
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(ArgsGet, MayOverlapItsTwoResults) {
  Fixture guest;
  guest.args = {"abcdefg"};
  EXPECT_EQ(guest.call("args_get", {0, 0}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{0, "abcdefg\0"s}}));
}

TEST(ArgsGet, FaultsWithoutMemory) {
  Fixture guest(0);
  guest.args = {"a"};
  EXPECT_EQ(guest.call("args_get", {0, 0}), returns(Errno::kFault));
}

TEST(ArgsSizesGet, WritesTheCountAndTheBytesWithNuls) {
  Fixture guest;
  guest.args = {"a", "", "bcd"};
  EXPECT_EQ(guest.call("args_sizes_get", {0, 252}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{0, le32(3)}, {252, le32(7)}}));
}

TEST(ArgsSizesGet, WritesZerosWithoutArguments) {
  Fixture guest;
  EXPECT_EQ(guest.call("args_sizes_get", {8, 4}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{4, le64(0)}}));
}

TEST(ArgsSizesGet, RefusesPlacesOutsideAndWritesNothing) {
  Fixture guest;
  guest.args = {"a"};
  EXPECT_EQ(guest.call("args_sizes_get", {0, 253}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("args_sizes_get", {253, 0}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("args_sizes_get", {0, 0xFFFF'FFFF}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("args_sizes_get", {256, 0}), returns(Errno::kFault));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(EnvironGet, WritesTheVariablesAndNotTheArguments) {
  Fixture guest;
  guest.args = {"wrong"};
  guest.environ = {"A=1", "B="};
  EXPECT_EQ(guest.call("environ_get", {100, 10}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{10, "A=1\0B=\0"s}, {100, le32(10) + le32(14)}}));
}

TEST(EnvironGet, RefusesRangesOutsideAndWritesNothing) {
  Fixture guest;
  guest.environ = {"A=1"};
  EXPECT_EQ(guest.call("environ_get", {0, 253}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("environ_get", {253, 0}), returns(Errno::kFault));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST(EnvironSizesGet, WritesTheCountAndTheBytesWithNuls) {
  Fixture guest;
  guest.environ = {"A=1", "B="};
  EXPECT_EQ(guest.call("environ_sizes_get", {252, 0}), kOk);
  EXPECT_EQ(guest.memory(), guest.expected({{0, le32(7)}, {252, le32(2)}}));
}

TEST(EnvironSizesGet, RefusesPlacesOutsideAndWritesNothing) {
  Fixture guest;
  EXPECT_EQ(guest.call("environ_sizes_get", {253, 0}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("environ_sizes_get", {0, 253}), returns(Errno::kFault));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

}  // namespace
}  // namespace mimobox::wasi
