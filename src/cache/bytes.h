#ifndef MIMOBOX_CACHE_BYTES_H_
#define MIMOBOX_CACHE_BYTES_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "cache/seal.h"

namespace mimobox::cache {

/// Writes the fields of a record one behind the other, numbers little-endian.
class FieldWriter {
 public:
  template <class Integer>
    requires std::is_integral_v<Integer>
  void add(Integer value) {
    auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
    for (std::size_t i = 0; i < sizeof bits; ++i) {
      bytes_.push_back(static_cast<std::byte>((bits >> (8 * i)) & 0xFFU));
    }
  }
  void add(const Digest& digest) { bytes_.insert(bytes_.end(), digest.begin(), digest.end()); }
  void add(std::string_view text) {
    const auto all = std::as_bytes(std::span(text));
    bytes_.insert(bytes_.end(), all.begin(), all.end());
  }
  void pad_to(std::size_t size) { bytes_.resize(std::max(size, bytes_.size())); }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] std::vector<std::byte>& bytes() { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

/// Reads them again. What is not there is zero: whoever reads checks the size first.
class FieldReader {
 public:
  explicit FieldReader(std::span<const std::byte> bytes) : rest_(bytes) {}

  template <class Integer>
    requires std::is_integral_v<Integer>
  [[nodiscard]] Integer number() {
    std::make_unsigned_t<Integer> bits = 0;
    const auto from = take(sizeof bits);
    for (std::size_t i = 0; i < from.size(); ++i) {
      bits =
          static_cast<decltype(bits)>(bits | (std::to_integer<decltype(bits)>(from[i]) << (8 * i)));
    }
    return static_cast<Integer>(bits);
  }
  [[nodiscard]] Digest digest() {
    Digest digest{};
    std::ranges::copy(take(digest.size()), digest.begin());
    return digest;
  }
  /// Whether this text comes next.
  [[nodiscard]] bool has(std::string_view text) {
    return std::ranges::equal(take(text.size()), std::as_bytes(std::span(text)));
  }

 private:
  std::span<const std::byte> take(std::size_t size) {
    const auto taken = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  std::span<const std::byte> rest_;
};

}  // namespace mimobox::cache

#endif  // MIMOBOX_CACHE_BYTES_H_
