#include "cli/text_encoding.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mimobox::cli {
namespace {

// How a character of several bytes begins, and what its second byte is between.
struct Lead {
  unsigned char first;
  unsigned char last;
  std::size_t following;
  unsigned char second_low;
  unsigned char second_high;
};

// Table 3-7 of the Unicode standard.
constexpr Lead kLeads[] = {
    {0xc2, 0xdf, 1, 0x80, 0xbf}, {0xe0, 0xe0, 2, 0xa0, 0xbf}, {0xe1, 0xec, 2, 0x80, 0xbf},
    {0xed, 0xed, 2, 0x80, 0x9f}, {0xee, 0xef, 2, 0x80, 0xbf}, {0xf0, 0xf0, 3, 0x90, 0xbf},
    {0xf1, 0xf3, 3, 0x80, 0xbf}, {0xf4, 0xf4, 3, 0x80, 0x8f},
};

// Bytes of the character that `bytes` begins with; 0 when it is none.
std::size_t character_length(std::string_view bytes) {
  const auto byte = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (byte(0) < 0x80) return 1;
  for (const Lead& lead : kLeads) {
    if (byte(0) < lead.first || byte(0) > lead.last) continue;
    if (bytes.size() <= lead.following) return 0;
    if (byte(1) < lead.second_low || byte(1) > lead.second_high) return 0;
    for (std::size_t i = 2; i <= lead.following; ++i) {
      if ((byte(i) & 0xc0) != 0x80) return 0;
    }
    return lead.following + 1;
  }
  return 0;
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = character_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (; !bytes.empty(); bytes.remove_prefix(bytes.size() < 3 ? bytes.size() : 3)) {
    const auto byte = [bytes](std::size_t i) -> std::uint32_t {
      return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0;
    };
    const std::uint32_t group = byte(0) << 16 | byte(1) << 8 | byte(2);
    text += kDigits[group >> 18];
    text += kDigits[group >> 12 & 63];
    text += bytes.size() > 1 ? kDigits[group >> 6 & 63] : '=';
    text += bytes.size() > 2 ? kDigits[group & 63] : '=';
  }
  return text;
}

}  // namespace mimobox::cli
