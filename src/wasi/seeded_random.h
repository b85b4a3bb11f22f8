#ifndef MIMOBOX_WASI_SEEDED_RANDOM_H_
#define MIMOBOX_WASI_SEEDED_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>

#include "wasi/random_source.h"

namespace mimobox::wasi {

/// The bytes of mt19937-64, which the C++ standard defines to the bit, each number from its lowest
/// byte on; how they are cut into calls changes nothing. Whoever knows the seed knows all of them.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : numbers_(seed) {}

  [[nodiscard]] bool fill(std::span<std::byte> bytes) noexcept override;

 private:
  std::mt19937_64 numbers_;
  std::uint64_t left_ = 0;  ///< bytes of the last number that are not given yet
  std::size_t left_bytes_ = 0;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_SEEDED_RANDOM_H_
