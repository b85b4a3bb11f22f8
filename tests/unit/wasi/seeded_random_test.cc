#include "wasi/seeded_random.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include <gtest/gtest.h>

namespace mimobox::wasi {
namespace {

std::vector<std::byte> bytes_of(std::uint64_t seed, std::size_t count, std::size_t piece) {
  SeededRandom random(seed);
  std::vector<std::byte> bytes(count);
  for (std::size_t at = 0; at < count; at += piece) {
    EXPECT_TRUE(random.fill(std::span(bytes).subspan(at, std::min(piece, count - at))));
  }
  return bytes;
}

// The C++ standard, [rand.predef]: the 10000th number of a default-constructed generator, whose
// seed is 5489.
TEST(SeededRandom, IsMt19937) {
  const auto bytes = bytes_of(5489, 80'000, 80'000);
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i)
    number |= std::to_integer<std::uint64_t>(bytes[79'992 + i]) << (8 * i);
  EXPECT_EQ(number, 9'981'545'732'273'789'042U);
}

TEST(SeededRandom, IsTheSameHoweverItIsCut) {
  const auto whole = bytes_of(7, 1'000, 1'000);
  for (const std::size_t piece : {1U, 3U, 7U, 8U, 9U, 64U})
    EXPECT_EQ(bytes_of(7, 1'000, piece), whole) << piece;
}

TEST(SeededRandom, DiffersBySeed) {
  EXPECT_NE(bytes_of(0, 64, 64), bytes_of(1, 64, 64));
}

}  // namespace
}  // namespace mimobox::wasi
