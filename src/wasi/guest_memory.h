#ifndef MIMOBOX_WASI_GUEST_MEMORY_H_
#define MIMOBOX_WASI_GUEST_MEMORY_H_

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

namespace mimobox::wasi {

/// The only door to a guest's linear memory: offsets are the guest's 32-bit ones, arithmetic has 64
/// bits, and what does not lie in the memory is nullopt or false. Valid during one host call only.
///
/// Nothing else writes the memory during a call (no threads), but the guest may overlap what it
/// passes: read a value once, check the copy, use the copy.
class GuestMemory {
 public:
  explicit GuestMemory(std::span<std::byte> memory) : memory_(memory) {}

  /// `count` elements of `size` bytes at `offset`. An empty range is in bounds up to the very end.
  [[nodiscard]] std::optional<std::span<std::byte>> range(std::uint32_t offset, std::uint64_t count,
                                                          std::uint64_t size = 1) const {
    // Both factors come from 32-bit guest values or small constants: the product cannot wrap.
    const std::uint64_t bytes = count * size;
    if (offset > memory_.size() || bytes > memory_.size() - offset) return std::nullopt;
    return memory_.subspan(offset, bytes);
  }

  /// A little-endian integer at any alignment.
  template <std::unsigned_integral T>
  [[nodiscard]] std::optional<T> read(std::uint32_t offset) const {
    const auto bytes = range(offset, sizeof(T));
    if (!bytes) return std::nullopt;
    return load<T>(*bytes, 0);
  }

  template <std::unsigned_integral T>
  [[nodiscard]] bool write(std::uint32_t offset, T value) const {
    const auto bytes = range(offset, sizeof(T));
    if (!bytes) return false;
    store(*bytes, 0, value);
    return true;
  }

  /// A field of a struct whose bytes were range-checked; `at` is a constant of the specification.
  template <std::unsigned_integral T>
  [[nodiscard]] static T load(std::span<const std::byte> bytes, std::size_t at) {
    T value = 0;
    std::memcpy(&value, bytes.subspan(at, sizeof(T)).data(), sizeof(T));
    return little_endian(value);
  }

  template <std::unsigned_integral T>
  static void store(std::span<std::byte> bytes, std::size_t at, T value) {
    const T stored = little_endian(value);
    std::memcpy(bytes.subspan(at, sizeof(T)).data(), &stored, sizeof(T));
  }

 private:
  /// Between the guest's order of bytes and the host's.
  template <std::unsigned_integral T>
  [[nodiscard]] static T little_endian(T value) {
    if constexpr (std::endian::native == std::endian::big) return std::byteswap(value);
    return value;
  }

  std::span<std::byte> memory_;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_GUEST_MEMORY_H_
