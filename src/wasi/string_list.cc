#include "wasi/string_list.h"

#include <cstddef>
#include <cstring>

namespace mimobox::wasi {
namespace {

std::uint32_t total_bytes(std::span<const std::string> strings) {
  std::size_t total = 0;
  for (const std::string& text : strings)
    total += text.size() + 1;
  return static_cast<std::uint32_t>(total);
}

}  // namespace

Errno write_strings(GuestMemory memory, std::span<const std::string> strings,
                    std::uint32_t pointers, std::uint32_t buffer) {
  const auto offsets = memory.range(pointers, strings.size(), sizeof(std::uint32_t));
  const auto texts = memory.range(buffer, total_bytes(strings));
  if (!offsets || !texts) return Errno::kFault;
  std::size_t at = 0;
  for (std::size_t i = 0; i < strings.size(); ++i) {
    GuestMemory::store(*offsets, i * sizeof(std::uint32_t),
                       buffer + static_cast<std::uint32_t>(at));
    const std::size_t size = strings[i].size() + 1;
    std::memcpy(texts->subspan(at, size).data(), strings[i].c_str(), size);
    at += size;
  }
  return Errno::kSuccess;
}

Errno write_sizes(GuestMemory memory, std::span<const std::string> strings, std::uint32_t count,
                  std::uint32_t bytes) {
  const auto count_place = memory.range(count, sizeof(std::uint32_t));
  const auto bytes_place = memory.range(bytes, sizeof(std::uint32_t));
  if (!count_place || !bytes_place) return Errno::kFault;
  GuestMemory::store(*count_place, 0, static_cast<std::uint32_t>(strings.size()));
  GuestMemory::store(*bytes_place, 0, total_bytes(strings));
  return Errno::kSuccess;
}

}  // namespace mimobox::wasi
