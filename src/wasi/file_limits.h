#ifndef MIMOBOX_WASI_FILE_LIMITS_H_
#define MIMOBOX_WASI_FILE_LIMITS_H_

#include <cstdint>
#include <limits>

namespace mimobox::wasi {

inline constexpr std::uint64_t kNoFileLimit = std::numeric_limits<std::uint64_t>::max();

/// What one run may do to the host's disk through all its host mounts together.
struct HostFileLimits {
  /// Bytes written, overwriting included, and bytes reserved by fd_allocate; beyond: kDquot.
  std::uint64_t written_bytes = kNoFileLimit;
  /// The size up to which one file may be written or extended; beyond: kFbig.
  std::uint64_t file_bytes = kNoFileLimit;
  /// Files, directories, links and symbolic links made, whatever is removed again; beyond: kDquot.
  std::uint64_t created_files = kNoFileLimit;
};

/// A limit on files that a guest has run into.
enum class FileLimit : std::uint8_t {
  kNone,
  kWrittenBytes,
  kFileBytes,
  kCreatedFiles,
  kOpenDescriptors,
  kScratchBytes,
  kScratchFiles,
  kScratchFileBytes,
};

/// Which limit was hit first; the first cause stays.
class FileLimitRecord {
 public:
  void note(FileLimit limit) {
    if (first_ == FileLimit::kNone) first_ = limit;
  }
  [[nodiscard]] FileLimit first() const { return first_; }

 private:
  FileLimit first_ = FileLimit::kNone;
};

/// What a guest did with files of all mounts; streams are not counted.
struct FileMetrics {
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_written = 0;
  std::uint64_t read_calls = 0;   ///< fd_read and fd_pread that moved bytes or met the end
  std::uint64_t write_calls = 0;  ///< fd_write and fd_pwrite that succeeded
  std::uint64_t opened = 0;       ///< files and directories opened by path_open

  void count_read(std::uint64_t bytes) {
    bytes_read += bytes;
    ++read_calls;
  }
  void count_written(std::uint64_t bytes) {
    bytes_written += bytes;
    ++write_calls;
  }

  friend bool operator==(const FileMetrics&, const FileMetrics&) = default;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_FILE_LIMITS_H_
