#ifndef MIMOBOX_BASE_WRITE_FILE_H_
#define MIMOBOX_BASE_WRITE_FILE_H_

#include <cstddef>
#include <span>

namespace mimobox::base {

/// Writes all of `bytes` at a regular file's offset. Returns 0 or an errno; what the process's
/// limit on the size of files forbids is EFBIG without the signal that writing it would raise.
[[nodiscard]] int write_all(int fd, std::span<const std::byte> bytes) noexcept;

/// Reads `bytes.size()` bytes at `offset`; false when the file is shorter or cannot be read.
[[nodiscard]] bool read_exactly(int fd, std::span<std::byte> bytes, std::size_t offset) noexcept;

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_WRITE_FILE_H_
