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

/// A limit of the host that a guest has run into.
enum class LimitHit : std::uint8_t {
  kNone,
  kStdoutBytes,
  kStderrBytes,
  kWrittenBytes,
  kFileBytes,
  kCreatedFiles,
  kOpenDescriptors,
  kScratchBytes,
  kScratchFiles,
  kScratchFileBytes,
};

/// Which limit was hit: the one that ended the run, else the first.
class LimitRecord {
 public:
  void note_end(LimitHit limit) { first_ = limit; }
  void note(LimitHit limit) {
    if (first_ == LimitHit::kNone) first_ = limit;
  }
  [[nodiscard]] LimitHit first() const { return first_; }

 private:
  LimitHit first_ = LimitHit::kNone;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_FILE_LIMITS_H_
