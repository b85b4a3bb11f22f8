#ifndef MIMOBOX_FUZZ_SUPPORT_WASM_WRITER_H_
#define MIMOBOX_FUZZ_SUPPORT_WASM_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace mimobox::fuzz {

/// Types by the numbers that the binary format gives them.
enum class Type : std::uint8_t {
  kI32 = 0x7F,
  kI64 = 0x7E,
  kF32 = 0x7D,
  kF64 = 0x7C,
  kV128 = 0x7B,
  kFuncRef = 0x70,
};

using Types = std::vector<Type>;

/// Writes the binary format of WebAssembly.
class WasmWriter {
 public:
  void byte(std::uint32_t value) { bytes_.push_back(static_cast<std::byte>(value)); }
  /// LEB128, as all sizes and indices.
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U)
      byte(static_cast<std::uint32_t>(value & 0x7FU) | 0x80U);
    byte(static_cast<std::uint32_t>(value));
  }
  /// Signed LEB128, as the operands of constants.
  void signed_number(std::int64_t value) {
    while (value < -0x40 || value > 0x3F) {
      byte(static_cast<std::uint32_t>(value & 0x7F) | 0x80U);
      value >>= 7U;
    }
    byte(static_cast<std::uint32_t>(value & 0x7F));
  }
  void type(Type value) { byte(static_cast<std::uint32_t>(value)); }
  void types(const Types& values) {
    number(values.size());
    for (const Type value : values)
      type(value);
  }
  void text(std::string_view value) {
    number(value.size());
    for (const char character : value)
      byte(static_cast<unsigned char>(character));
  }
  void i32_const(std::int32_t value) {
    byte(0x41);
    signed_number(value);
  }
  void i64_const(std::int64_t value) {
    byte(0x42);
    signed_number(value);
  }
  /// An instruction with an index behind it.
  void indexed(std::uint32_t code, std::uint64_t index) {
    byte(code);
    number(index);
  }
  /// A load or store.
  void access(std::uint32_t code, std::uint64_t offset) {
    byte(code);
    byte(0);  // aligned to one byte
    number(offset);
  }
  void append(const WasmWriter& other) {
    bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
  }
  /// `other` with its length before it.
  void sized(const WasmWriter& other) {
    number(other.bytes_.size());
    append(other);
  }
  void section(std::uint32_t number, const WasmWriter& content) {
    byte(number);
    sized(content);
  }

  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace mimobox::fuzz

#endif  // MIMOBOX_FUZZ_SUPPORT_WASM_WRITER_H_
