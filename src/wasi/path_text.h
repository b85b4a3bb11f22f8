#ifndef MIMOBOX_WASI_PATH_TEXT_H_
#define MIMOBOX_WASI_PATH_TEXT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/guest_memory.h"

namespace mimobox::wasi {

/// The longest path, as on Linux: PATH_MAX without its NUL.
inline constexpr std::size_t kMaxPathBytes = 4095;
/// The longest name of one file, as on Linux: NAME_MAX.
inline constexpr std::size_t kMaxNameBytes = 255;

/// Whether the bytes are well-formed UTF-8 (no surrogates, nothing over-long).
[[nodiscard]] bool is_utf8(std::string_view bytes);

/// A host's copy of one path, NUL-terminated, without allocation.
class PathText {
 public:
  PathText() = default;

  /// Takes a copy. kNametoolong: more than kMaxPathBytes. kInval: a NUL inside.
  [[nodiscard]] Errno assign(std::string_view path);

  /// Takes a copy of a path in a guest's memory. Nothing is copied from a path that is too long.
  /// kFault: not in the memory. kIlseq: not UTF-8. Others as above.
  [[nodiscard]] Errno read(GuestMemory memory, std::uint32_t offset, std::uint32_t length);

  [[nodiscard]] const char* c_str() const { return bytes_.data(); }
  [[nodiscard]] std::string_view view() const { return {bytes_.data(), length_}; }

 private:
  std::size_t length_ = 0;
  std::array<char, kMaxPathBytes + 1> bytes_;  // only the first length_ + 1 are ever written
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_PATH_TEXT_H_
