#ifndef MIMOBOX_BASE_READ_FILE_H_
#define MIMOBOX_BASE_READ_FILE_H_

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/file_fingerprint.h"
#include "base/unique_fd.h"

namespace mimobox::base {

/// Why a file could not be read.
struct ReadFileError {
  enum class Step : std::uint8_t { kOpen, kNotRegular, kTooLarge, kRead };
  Step step = Step::kOpen;
  int os_errno = 0;
};

/// A regular file that is open for reading.
struct OpenedFile {
  UniqueFd fd;
  FileFingerprint fingerprint;
};

/// Opens a regular file. Never blocks on a FIFO and opens no device.
[[nodiscard]] std::expected<OpenedFile, ReadFileError> open_regular_file(const std::string& path);

/// What a file held when it was read.
struct FileContents {
  std::vector<std::byte> bytes;
  /// Stands for exactly these bytes; nullopt when the file was changed while it was read, or so
  /// shortly before that a later change might look the same.
  std::optional<FileFingerprint> fingerprint;
};

/// All bytes of an open file, read once from its start whatever its offset is. `max_bytes` holds
/// whatever the file's size claims.
[[nodiscard]] std::expected<FileContents, ReadFileError> read_contents(int fd,
                                                                       std::uint64_t max_bytes);

/// Both at once, for whoever needs the bytes only.
[[nodiscard]] std::expected<std::vector<std::byte>, ReadFileError> read_file(
    const std::string& path, std::uint64_t max_bytes);

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_READ_FILE_H_
