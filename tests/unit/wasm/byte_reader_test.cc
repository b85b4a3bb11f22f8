#include "wasm/byte_reader.h"

#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

#include "tests/unit/wasm/module_builder.h"

namespace mimobox::wasm {
namespace {

using test::Bytes;

TEST(ByteReader, ReadsNumbersOfEveryLengthThatIsAllowed) {
  const Bytes bytes{0x00, 0x7F, 0x80, 0x01, 0xFF, 0xFF, 0xFF,
                    0xFF, 0x0F, 0x80, 0x80, 0x80, 0x80, 0x00};
  ByteReader in(bytes.span());
  EXPECT_EQ(in.u32(), 0U);
  EXPECT_EQ(in.u32(), 127U);
  EXPECT_EQ(in.u32(), 128U);
  EXPECT_EQ(in.u32(), std::numeric_limits<std::uint32_t>::max());
  EXPECT_EQ(in.u32(), 0U);  // longer than needed, not longer than allowed
  EXPECT_TRUE(in.ok());
  EXPECT_TRUE(in.at_end());
}

TEST(ByteReader, RefusesNumbersThatAreTooLongOrTooLarge) {
  for (const Bytes& bytes :
       {Bytes{0x80, 0x80, 0x80, 0x80, 0x80, 0x00}, Bytes{0xFF, 0xFF, 0xFF, 0xFF, 0x1F},
        Bytes{0x80, 0x80, 0x80, 0x80, 0x10}}) {
    ByteReader in(bytes.span(), 100);
    EXPECT_EQ(in.u32(), 0U);
    EXPECT_FALSE(in.ok());
    EXPECT_EQ(in.error().offset, 100U);
  }
}

TEST(ByteReader, ReadsSixtyFourBits) {
  const Bytes most{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01};
  ByteReader in(most.span());
  EXPECT_EQ(in.u64(), std::numeric_limits<std::uint64_t>::max());
  const Bytes above{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02};
  ByteReader too_large(above.span());
  too_large.u64();
  EXPECT_FALSE(too_large.ok());
}

TEST(ByteReader, ReadsSignedNumbers) {
  const Bytes bytes{0x7F, 0x40, 0x80, 0x7F, 0x80, 0x80, 0x80, 0x80, 0x78};
  ByteReader in(bytes.span());
  EXPECT_EQ(in.signed_leb(32), -1);
  EXPECT_EQ(in.signed_leb(33), -64);
  EXPECT_EQ(in.signed_leb(64), -128);
  EXPECT_EQ(in.signed_leb(32), std::numeric_limits<std::int32_t>::min());
  EXPECT_TRUE(in.ok());
}

TEST(ByteReader, RefusesSignedNumbersWhoseUnusedBitsDisagree) {
  for (const Bytes& bytes :
       {Bytes{0x80, 0x80, 0x80, 0x80, 0x08}, Bytes{0x80, 0x80, 0x80, 0x80, 0x70},
        Bytes{0x80, 0x80, 0x80, 0x80, 0x80, 0x00}}) {
    ByteReader in(bytes.span());
    in.signed_leb(32);
    EXPECT_FALSE(in.ok());
  }
  const Bytes most_negative{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7F};
  ByteReader in(most_negative.span());
  EXPECT_EQ(in.signed_leb(64), std::numeric_limits<std::int64_t>::min());
}

TEST(ByteReader, StaysAtItsEndAfterTheFirstFailure) {
  const Bytes bytes{0x05, 'a', 'b', 0x01};
  ByteReader in(bytes.span());
  EXPECT_EQ(in.name(), "");
  EXPECT_FALSE(in.ok());
  EXPECT_TRUE(in.at_end());
  const ReadError first = in.error();
  EXPECT_EQ(in.u8(), 0);
  EXPECT_EQ(in.u64(), 0U);
  in.skip(1000);
  EXPECT_EQ(in.error(), first);
}

TEST(ByteReader, RefusesACountThatTheBytesCannotHold) {
  const Bytes four = Bytes{0x04} + Bytes{1, 2, 3, 4};
  ByteReader fits(four.span());
  EXPECT_EQ(fits.count(1), 4U);
  ByteReader too_few(four.span());
  EXPECT_EQ(too_few.count(2), 0U);
  EXPECT_FALSE(too_few.ok());
  const Bytes most = Bytes{0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x00};
  ByteReader huge(most.span());
  EXPECT_EQ(huge.count(1), 0U);
  EXPECT_FALSE(huge.ok());
}

TEST(ByteReader, GivesPartsThatKnowWhereTheyAre) {
  const Bytes bytes{1, 2, 3, 4};
  ByteReader in(bytes.span());
  in.skip(1);
  ByteReader part = in.take(2);
  EXPECT_EQ(part.offset(), 1U);
  EXPECT_EQ(part.left(), 2U);
  EXPECT_EQ(in.u8(), 4);
  part.skip(2);
  part.u8();
  EXPECT_EQ(part.error().offset, 3U);
  EXPECT_TRUE(in.take(1).at_end());
  EXPECT_FALSE(in.ok());
}

}  // namespace
}  // namespace mimobox::wasm
