#include "wasi/guest_memory.h"

#include <array>

#include <gtest/gtest.h>

namespace mimobox::wasi {
namespace {

constexpr std::uint32_t kLast = 0xFFFF'FFFF;

TEST(GuestMemory, GivesRangesUpToItsEnd) {
  std::array<std::byte, 16> bytes{};
  const GuestMemory memory(bytes);
  EXPECT_EQ(memory.range(0, 16)->data(), bytes.data());
  EXPECT_EQ(memory.range(0, 16)->size(), 16U);
  EXPECT_EQ(memory.range(15, 1)->data(), bytes.data() + 15);
  EXPECT_EQ(memory.range(8, 2, 4)->size(), 8U);
  EXPECT_TRUE(memory.range(16, 0).has_value());
}

TEST(GuestMemory, RefusesRangesBeyondItsEnd) {
  std::array<std::byte, 16> bytes{};
  const GuestMemory memory(bytes);
  EXPECT_FALSE(memory.range(0, 17).has_value());
  EXPECT_FALSE(memory.range(16, 1).has_value());
  EXPECT_FALSE(memory.range(17, 0).has_value());
  EXPECT_FALSE(memory.range(9, 2, 4).has_value());
}

TEST(GuestMemory, RefusesRangesThatWrapIn32Bits) {
  std::array<std::byte, 16> bytes{};
  const GuestMemory memory(bytes);
  EXPECT_FALSE(memory.range(kLast, 1).has_value());
  EXPECT_FALSE(memory.range(1, kLast).has_value());
  EXPECT_FALSE(memory.range(kLast, kLast).has_value());
  EXPECT_FALSE(memory.range(0, 0x2000'0001, 8).has_value());
  EXPECT_FALSE(memory.range(kLast, kLast, 48).has_value());
}

TEST(GuestMemory, OfNothingHasTheEmptyRangeOnly) {
  const GuestMemory memory({});
  EXPECT_TRUE(memory.range(0, 0).has_value());
  EXPECT_FALSE(memory.range(0, 1).has_value());
  EXPECT_FALSE(memory.read<std::uint8_t>(0).has_value());
  EXPECT_FALSE(memory.write<std::uint8_t>(0, 1));
}

TEST(GuestMemory, ReadsAndWritesLittleEndianAtAnyAlignment) {
  std::array<std::byte, 16> bytes{};
  const GuestMemory memory(bytes);
  EXPECT_TRUE(memory.write<std::uint32_t>(1, 0x8899'AABB));
  EXPECT_EQ(bytes[0], std::byte{0});
  EXPECT_EQ(bytes[1], std::byte{0xBB});
  EXPECT_EQ(bytes[4], std::byte{0x88});
  EXPECT_EQ(bytes[5], std::byte{0});
  EXPECT_EQ(memory.read<std::uint32_t>(1), 0x8899'AABBU);
  EXPECT_EQ(memory.read<std::uint16_t>(3), 0x8899U);
  EXPECT_TRUE(memory.write<std::uint64_t>(8, 0xF0E0'D0C0'B0A0'9080));
  EXPECT_EQ(memory.read<std::uint64_t>(8), 0xF0E0'D0C0'B0A0'9080U);
}

TEST(GuestMemory, RefusesIntegersThatReachOver) {
  std::array<std::byte, 16> bytes{};
  const GuestMemory memory(bytes);
  EXPECT_TRUE(memory.read<std::uint32_t>(12).has_value());
  EXPECT_FALSE(memory.read<std::uint32_t>(13).has_value());
  EXPECT_FALSE(memory.read<std::uint64_t>(9).has_value());
  EXPECT_FALSE(memory.write<std::uint32_t>(13, ~0U));
  EXPECT_FALSE(memory.write<std::uint32_t>(kLast, ~0U));
  EXPECT_EQ(bytes, (std::array<std::byte, 16>{}));
}

}  // namespace
}  // namespace mimobox::wasi
