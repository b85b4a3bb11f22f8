#include "wasm/byte_reader.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mimobox::wasm {

void ByteReader::fail_at(const char* why, std::uint64_t offset) {
  if (!ok()) return;
  why_ = why;
  failed_at_ = offset;
  at_ = bytes_.size();
}

std::uint64_t ByteReader::unsigned_leb(unsigned bits) {
  const std::uint64_t start = offset();
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < bits; shift += 7) {
    const std::uint64_t byte = u8();
    if (!ok()) return 0;
    const std::uint64_t part = byte & 0x7FU;
    if (bits - shift < 7 && (part >> (bits - shift)) != 0) break;
    value |= part << shift;
    if ((byte & 0x80U) == 0) return value;
  }
  fail_at("a number is too long or too large", start);
  return 0;
}

std::int64_t ByteReader::signed_leb(unsigned bits) {
  const std::uint64_t start = offset();
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < bits; shift += 7) {
    const std::uint64_t byte = u8();
    if (!ok()) return 0;
    const std::uint64_t part = byte & 0x7FU;
    const unsigned here = bits - shift;  // bits that are still to come
    if (here < 7) {
      // What is above the sign bit has to repeat it.
      const std::uint64_t top = part >> (here - 1);
      if (top != 0 && top != (0x7FU >> (here - 1))) break;
    }
    value |= part << shift;
    if ((byte & 0x80U) != 0) continue;
    if (shift + 7 < 64 && (part & 0x40U) != 0) value |= ~std::uint64_t{0} << (shift + 7);
    return static_cast<std::int64_t>(value);
  }
  fail_at("a number is too long or too large", start);
  return 0;
}

std::uint32_t ByteReader::fixed_u32() {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i)
    value |= static_cast<std::uint32_t>(u8()) << (8 * i);
  return value;
}

void ByteReader::skip(std::uint64_t count) {
  if (count > left()) {
    fail("the bytes end too early");
    return;
  }
  at_ += static_cast<std::size_t>(count);
}

std::string_view ByteReader::name() {
  const std::uint32_t size = u32();
  const std::size_t begin = at_;
  skip(size);
  if (!ok() || size == 0) return {};
  return {reinterpret_cast<const char*>(bytes_.data()) + begin, size};
}

std::uint32_t ByteReader::count(std::uint64_t min_bytes) {
  const std::uint64_t start = offset();
  const std::uint32_t value = u32();
  if (std::uint64_t{value} * min_bytes <= left()) return value;
  fail_at("a count is larger than the bytes that follow", start);
  return 0;
}

ByteReader ByteReader::take(std::uint64_t size) {
  const std::size_t begin = at_;
  const std::uint64_t start = offset();
  skip(size);
  if (!ok()) return ByteReader({}, start);
  return ByteReader(bytes_.subspan(begin, static_cast<std::size_t>(size)), start);
}

}  // namespace mimobox::wasm
