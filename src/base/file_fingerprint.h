#ifndef MIMOBOX_BASE_FILE_FINGERPRINT_H_
#define MIMOBOX_BASE_FILE_FINGERPRINT_H_

#include <sys/stat.h>

#include <cstdint>

namespace mimobox::base {

/// What tells one state of a file from another without reading it. The time of the last change of
/// the inode cannot be set by programs, so a file that was changed in place and given back its old
/// modification time differs here.
struct FileFingerprint {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;  ///< since 1970, as the file system keeps it
  std::int64_t changed_ns = 0;   ///< the same of the inode

  [[nodiscard]] static FileFingerprint of(const struct stat& status);

  /// Whether whoever read the file at `read_at_ns` would see a later change in the fingerprint:
  /// file systems count time in steps (some of two seconds), and what changes within a step of the
  /// change before looks the same.
  [[nodiscard]] bool settled(std::int64_t read_at_ns) const;

  friend bool operator==(const FileFingerprint&, const FileFingerprint&) = default;
};

/// Now on the clock that file systems use, in nanoseconds since 1970.
[[nodiscard]] std::int64_t file_clock_ns();

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_FILE_FINGERPRINT_H_
