#include "wasi/descriptor_table.h"

#include <gtest/gtest.h>

namespace mimobox::wasi {
namespace {

Descriptor with_rights(std::uint64_t rights) {
  return {.resource = DiscardOutput{}, .rights = rights};
}

TEST(DescriptorTable, GivesTheLowestFreeNumber) {
  DescriptorTable table(100, 3);
  for (std::uint32_t i = 0; i < 10; ++i)
    EXPECT_EQ(table.insert(with_rights(i)), i);
  table.close(7);
  table.close(2);
  table.close(5);
  EXPECT_EQ(table.insert(with_rights(22)), 2U);
  EXPECT_EQ(table.insert(with_rights(25)), 5U);
  table.close(0);
  EXPECT_EQ(table.insert(with_rights(20)), 0U);
  EXPECT_EQ(table.insert(with_rights(27)), 7U);
  EXPECT_EQ(table.insert(with_rights(30)), 10U);
  EXPECT_EQ(table.find(5)->rights, 25U);
  EXPECT_EQ(table.find(9)->rights, 9U);
}

TEST(DescriptorTable, FindsOnlyWhatIsOpen) {
  DescriptorTable table(100, 3);
  EXPECT_EQ(table.find(0), nullptr);
  table.insert(with_rights(1));
  EXPECT_NE(table.find(0), nullptr);
  EXPECT_EQ(table.find(1), nullptr);
  EXPECT_EQ(table.find(0xFFFF'FFFF), nullptr);
  table.close(0);
  EXPECT_EQ(table.find(0), nullptr);
}

TEST(DescriptorTable, HasRoomBelowItsLimitOnly) {
  DescriptorTable table(2, 3);
  EXPECT_TRUE(table.has_room());
  table.insert(with_rights(1));
  EXPECT_TRUE(table.has_room());
  table.insert(with_rights(2));
  EXPECT_FALSE(table.has_room());
  table.close(0);
  EXPECT_TRUE(table.has_room());
}

TEST(DescriptorTable, MovesOntoAnOpenNumberAndFreesTheOther) {
  DescriptorTable table(3, 3);
  for (std::uint64_t i = 0; i < 3; ++i)
    table.insert(with_rights(i));
  table.move(0, 2);
  EXPECT_EQ(table.find(0), nullptr);
  EXPECT_EQ(table.find(2)->rights, 0U);
  EXPECT_TRUE(table.has_room());
  EXPECT_EQ(table.insert(with_rights(9)), 0U);
  EXPECT_FALSE(table.has_room());
}

}  // namespace
}  // namespace mimobox::wasi
