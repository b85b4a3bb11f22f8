#ifndef MIMOBOX_BASE_READ_FILE_H_
#define MIMOBOX_BASE_READ_FILE_H_

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace mimobox::base {

/// Why a file could not be read.
struct ReadFileError {
  enum class Step : std::uint8_t { kOpen, kNotRegular, kTooLarge, kRead };
  Step step = Step::kOpen;
  int os_errno = 0;
};

/// All bytes of a regular file, read once from one descriptor. Never blocks on a FIFO and opens no
/// device. `max_bytes` holds whatever the file's size claims.
[[nodiscard]] std::expected<std::vector<std::byte>, ReadFileError> read_file(
    const std::string& path, std::uint64_t max_bytes);

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_READ_FILE_H_
