#ifndef MIMOBOX_BASE_MEMORY_FILE_H_
#define MIMOBOX_BASE_MEMORY_FILE_H_

#include <cstddef>
#include <expected>
#include <span>
#include <utility>

#include "base/unique_fd.h"

namespace mimobox::base {

/// A file in memory, without a name.
class MemoryFile {
 public:
  /// The error is an errno.
  [[nodiscard]] static std::expected<MemoryFile, int> create() noexcept;

  /// Writes all of `bytes` at the end; false when there is no memory for them or the process's
  /// limit on the size of files (which counts here) is lower.
  [[nodiscard]] bool append(std::span<const std::byte> bytes) noexcept;
  /// From here on nobody can change what it holds. False where the kernel refuses.
  [[nodiscard]] bool seal() noexcept;

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] UniqueFd release() { return std::move(fd_); }

 private:
  explicit MemoryFile(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_MEMORY_FILE_H_
