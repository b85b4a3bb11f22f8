#ifndef MIMOBOX_WASM_BYTE_READER_H_
#define MIMOBOX_WASM_BYTE_READER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace mimobox::wasm {

/// Why bytes could not be read, and where.
struct ReadError {
  /// One sentence without the offset.
  std::string message;
  /// From the module's first byte.
  std::uint64_t offset = 0;

  friend bool operator==(const ReadError&, const ReadError&) = default;
};

/// Reads a range of a module's bytes front to back. Every read is checked. The first one that fails
/// is remembered and moves the reader to its end, so that a caller may read several values and look
/// once: from then on reads give 0 and empty names. A loop over a count looks at `ok()` each time.
///
/// The bytes are borrowed for the reader's life.
class ByteReader {
 public:
  /// `origin`: the offset of the first byte in the module, for errors.
  explicit ByteReader(std::span<const std::byte> bytes, std::uint64_t origin = 0)
      : bytes_(bytes), origin_(origin) {}

  [[nodiscard]] bool ok() const { return why_ == nullptr; }
  [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }
  [[nodiscard]] std::uint64_t left() const { return bytes_.size() - at_; }
  /// The offset of the next byte in the module.
  [[nodiscard]] std::uint64_t offset() const { return origin_ + at_; }

  /// Makes the reader fail here. `why` is a static string.
  void fail(const char* why) { fail_at(why, offset()); }
  void fail_at(const char* why, std::uint64_t offset);
  /// Makes the reader fail as another one did, if it did.
  void fail_as(const ByteReader& other) {
    if (!other.ok()) fail_at(other.why_, other.failed_at_);
  }
  /// The first failure; only when there was one.
  [[nodiscard]] ReadError error() const { return {ok() ? "" : why_, failed_at_}; }

  /// The next byte without taking it.
  [[nodiscard]] std::uint8_t peek() {
    if (!at_end()) return std::to_integer<std::uint8_t>(bytes_[at_]);
    fail("the bytes end too early");
    return 0;
  }
  std::uint8_t u8() {
    const std::uint8_t value = peek();
    if (ok()) ++at_;
    return value;
  }
  /// LEB128, as long as the specification allows, not longer.
  std::uint32_t u32() {
    if (!at_end()) {
      const auto first = std::to_integer<std::uint8_t>(bytes_[at_]);
      if (first < 0x80) {
        ++at_;
        return first;
      }
    }
    return static_cast<std::uint32_t>(unsigned_leb(32));
  }
  std::uint64_t u64() { return unsigned_leb(64); }
  /// Signed LEB128 of `bits` bits: 32, 33 or 64.
  std::int64_t signed_leb(unsigned bits);
  /// 4 bytes, little-endian.
  std::uint32_t fixed_u32();
  void skip(std::uint64_t count);
  /// A length and that many bytes, which need not be UTF-8: the engine checks that. Borrowed from
  /// the module's bytes.
  std::string_view name();
  /// The count of a vector whose elements take at least `min_bytes` each. Fails when they cannot be
  /// there, so that what it returns may be reserved.
  std::uint32_t count(std::uint64_t min_bytes);
  /// The next `size` bytes as a reader of their own; empty and this one failed when there are
  /// fewer.
  [[nodiscard]] ByteReader take(std::uint64_t size);

 private:
  std::uint64_t unsigned_leb(unsigned bits);

  std::span<const std::byte> bytes_;
  std::uint64_t origin_ = 0;
  std::size_t at_ = 0;
  const char* why_ = nullptr;
  std::uint64_t failed_at_ = 0;
};

}  // namespace mimobox::wasm

#endif  // MIMOBOX_WASM_BYTE_READER_H_
