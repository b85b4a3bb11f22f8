#ifndef MIMOBOX_FUZZ_SUPPORT_CHOICES_H_
#define MIMOBOX_FUZZ_SUPPORT_CHOICES_H_

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace mimobox::fuzz {

/// A fuzzer's bytes as a row of choices. Behind their end every choice is 0.
class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }

  template <std::unsigned_integral T>
  T number() {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
      value = static_cast<T>(value | static_cast<T>(static_cast<T>(next()) << (8 * i)));
    return value;
  }
  /// Below `end`, which is 1 to 256.
  std::uint32_t below(std::uint32_t end) { return next() % end; }
  bool flag() { return (next() & 1U) != 0; }

  /// Up to so many bytes, fewer at the end.
  std::string text(std::size_t size) {
    const auto taken = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return {taken.begin(), taken.end()};
  }

 private:
  std::uint8_t next() {
    if (rest_.empty()) return 0;
    const std::uint8_t byte = rest_.front();
    rest_ = rest_.subspan(1);
    return byte;
  }

  std::span<const std::uint8_t> rest_;
};

}  // namespace mimobox::fuzz

#endif  // MIMOBOX_FUZZ_SUPPORT_CHOICES_H_
