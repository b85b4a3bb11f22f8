#ifndef MIMOBOX_WASI_SCRATCH_QUOTA_H_
#define MIMOBOX_WASI_SCRATCH_QUOTA_H_

#include <algorithm>
#include <cstdint>

#include "base/stop_signal.h"
#include "wasi/file_limits.h"

namespace mimobox::wasi {

/// What a scratch may hold. Each limit is exact: what is just within it succeeds.
struct ScratchLimits {
  /// Host memory in bytes. What counts: the blocks that hold the files' contents (not their holes,
  /// and not the whole chunk for a small file), targets of symbolic links, and a fixed price for
  /// each file, name and block (below). An unlinked file counts until its last descriptor is
  /// closed.
  std::uint64_t bytes = 0;
  /// Files, directories and symbolic links but the root. Further hard links of a file are free here
  /// and pay for their names in bytes.
  std::uint64_t files = 0;
  /// The size of one file with its holes, which cost no bytes: it bounds what reading a file to its
  /// end can take. Larger than a file can be on Linux (2^63 - 1) means that.
  std::uint64_t file_bytes = std::uint64_t{1} << 40;
};

/// Prices in bytes, each at least what the host's allocator takes.
inline constexpr std::uint64_t kScratchInodePrice = 256;
inline constexpr std::uint64_t kScratchNamePrice = 192;  ///< and the length of the name
inline constexpr std::uint64_t kScratchBlockPrice = 96;

/// Which limit refused something first.
enum class ScratchHit : std::uint8_t { kNone, kBytes, kFiles, kFileBytes };

/// What a scratch holds and held.
struct ScratchUse {
  std::uint64_t bytes = 0;
  std::uint64_t peak_bytes = 0;
  std::uint64_t files = 0;
  std::uint64_t peak_files = 0;
  ScratchHit hit = ScratchHit::kNone;
};

/// Counts against the limits. To stay right when memory runs out, callers ask fits(), allocate, and
/// only then charge().
class ScratchQuota {
 public:
  /// `stop` is looked at by what takes long; null: nobody stops it.
  explicit ScratchQuota(const ScratchLimits& limits, const base::StopSignal* stop = nullptr)
      : limits_(limits), stop_(stop) {
    limits_.file_bytes = std::min(limits.file_bytes, std::uint64_t{INT64_MAX});
  }

  [[nodiscard]] const base::StopSignal* stop() const { return stop_; }
  [[nodiscard]] bool stopped() const { return stop_ != nullptr && stop_->stopped(); }
  [[nodiscard]] const ScratchLimits& limits() const { return limits_; }
  [[nodiscard]] const ScratchUse& use() const { return use_; }
  [[nodiscard]] std::uint64_t bytes_left() const { return limits_.bytes - use_.bytes; }

  /// Whether so much more is allowed; if not, notes the limit.
  [[nodiscard]] bool fits(std::uint64_t bytes, std::uint64_t files = 0) {
    if (files > limits_.files - use_.files)
      note(ScratchHit::kFiles);
    else if (bytes > bytes_left())
      note(ScratchHit::kBytes);
    else
      return true;
    return false;
  }

  /// Notes that a limit refused something. The first one stays.
  void note(ScratchHit hit) {
    if (use_.hit == ScratchHit::kNone) use_.hit = hit;
    if (record_ != nullptr) record_->note(to_limit_hit(hit));
  }

  /// Where refusals are noted, too, among those of the run's other mounts; null: nowhere.
  void report_to(LimitRecord* record) { record_ = record; }

  void charge(std::uint64_t bytes, std::uint64_t files = 0) {
    use_.bytes += bytes;
    use_.files += files;
    use_.peak_bytes = std::max(use_.peak_bytes, use_.bytes);
    use_.peak_files = std::max(use_.peak_files, use_.files);
  }

  void release(std::uint64_t bytes, std::uint64_t files = 0) {
    use_.bytes -= bytes;
    use_.files -= files;
  }

 private:
  [[nodiscard]] static LimitHit to_limit_hit(ScratchHit hit) {
    switch (hit) {
      case ScratchHit::kNone:
        break;
      case ScratchHit::kBytes:
        return LimitHit::kScratchBytes;
      case ScratchHit::kFiles:
        return LimitHit::kScratchFiles;
      case ScratchHit::kFileBytes:
        return LimitHit::kScratchFileBytes;
    }
    return LimitHit::kNone;
  }

  ScratchLimits limits_;
  const base::StopSignal* stop_;
  ScratchUse use_;
  LimitRecord* record_ = nullptr;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_SCRATCH_QUOTA_H_
