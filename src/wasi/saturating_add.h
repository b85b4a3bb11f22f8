#ifndef MIMOBOX_WASI_SATURATING_ADD_H_
#define MIMOBOX_WASI_SATURATING_ADD_H_

#include <cstdint>
#include <limits>

namespace mimobox::wasi {

/// The sum, or 2^64-1 where that is too small for it: guests name moments up to the end of time.
[[nodiscard]] constexpr std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  return a > kMost - b ? kMost : a + b;
}

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_SATURATING_ADD_H_
