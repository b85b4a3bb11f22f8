#include "wasi/path_text.h"

#include <algorithm>
#include <span>

namespace mimobox::wasi {
namespace {

bool is_continuation(unsigned char byte) {
  return (byte & 0xC0U) == 0x80U;
}

/// The length of the well-formed sequence that `bytes` begins with; 0: it is none.
std::size_t sequence_length(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char first = at(0);
  if (first < 0x80U) return 1;
  std::size_t length = 0;
  if (first >= 0xC2U && first <= 0xDFU) length = 2;
  if (first >= 0xE0U && first <= 0xEFU) length = 3;
  if (first >= 0xF0U && first <= 0xF4U) length = 4;
  if (length == 0 || bytes.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(at(i))) return 0;
  }
  // The second byte tells over-long forms, surrogates and what is above U+10FFFF.
  if (first == 0xE0U && at(1) < 0xA0U) return 0;
  if (first == 0xEDU && at(1) > 0x9FU) return 0;
  if (first == 0xF0U && at(1) < 0x90U) return 0;
  if (first == 0xF4U && at(1) > 0x8FU) return 0;
  return length;
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = sequence_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

Errno PathText::assign(std::string_view path) {
  if (path.size() > kMaxPathBytes) return Errno::kNametoolong;
  if (path.contains('\0')) return Errno::kInval;
  std::ranges::copy(path, bytes_.begin());
  length_ = path.size();
  bytes_[length_] = '\0';
  return Errno::kSuccess;
}

Errno PathText::read(GuestMemory memory, std::uint32_t offset, std::uint32_t length) {
  const auto range = memory.range(offset, length);
  if (!range) return Errno::kFault;
  const std::string_view path(reinterpret_cast<const char*>(range->data()), range->size());
  if (const Errno failed = assign(path); failed != Errno::kSuccess) return failed;
  return is_utf8(view()) ? Errno::kSuccess : Errno::kIlseq;
}

}  // namespace mimobox::wasi
