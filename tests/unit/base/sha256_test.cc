#include "base/sha256.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace mimobox::base {
namespace {

std::string hex_of(std::string_view text) {
  return to_hex(sha256(std::as_bytes(std::span(text))));
}

// The vectors of FIPS 180-4.
TEST(Sha256, AgreesWithTheStandardsVectors) {
  EXPECT_EQ(hex_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_of(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, OfPiecesIsThatOfTheWhole) {
  const std::string text(1000, 'x');
  const auto bytes = std::as_bytes(std::span(text));
  Sha256Stream stream;
  stream.add(bytes.first(1));
  stream.add(bytes.subspan(1, 500));
  stream.add({});
  stream.add(bytes.subspan(501));
  EXPECT_EQ(stream.finish(), sha256(bytes));
}

std::string hmac_of(std::string_view key, std::string_view text) {
  return to_hex(hmac_sha256(std::as_bytes(std::span(key)), std::as_bytes(std::span(text))));
}

// The cases 1, 2 and 6 of RFC 4231.
TEST(HmacSha256, AgreesWithTheStandardsVectors) {
  EXPECT_EQ(hmac_of(std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac_of("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(
      hmac_of(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(SameDigest, SeesEveryByte) {
  const Sha256 digest = sha256({});
  for (std::size_t i = 0; i < digest.size(); ++i) {
    Sha256 other = digest;
    other[i] ^= std::byte{1};
    EXPECT_FALSE(same_digest(digest, other)) << i;
  }
  EXPECT_TRUE(same_digest(digest, digest));
}

}  // namespace
}  // namespace mimobox::base
