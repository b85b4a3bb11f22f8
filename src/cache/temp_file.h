#ifndef MIMOBOX_CACHE_TEMP_FILE_H_
#define MIMOBOX_CACHE_TEMP_FILE_H_

#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>

#include "base/unique_fd.h"
#include "cache/trust.h"

namespace mimobox::cache {

/// Temporary files end in this. A living one is locked (flock), so whoever can lock one may delete
/// it: its writer is gone. On a file system without locks only its age tells that, a day.
inline constexpr std::string_view kTempSuffix = ".tmp";

/// A file that appears under its name at once and whole, or not at all. What is not published goes
/// with the object, and when the process dies with the next `remove_stale()`.
class TempFile {
 public:
  /// The error is an errno.
  [[nodiscard]] static std::expected<TempFile, int> create(int folder, Owner owner);
  TempFile(TempFile&&) noexcept = default;
  TempFile& operator=(TempFile&&) = delete;
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  ~TempFile();

  /// 0 or an errno.
  [[nodiscard]] int write(std::span<const std::byte> bytes) noexcept;
  /// Gives it its name, in place of what has that name now; `durable`: after its bytes are on disk,
  /// so that no crash leaves the name without them. 0 or an errno.
  [[nodiscard]] int publish(const std::string& name, bool durable) noexcept;
  /// The descriptor, with its lock. The object is empty afterwards.
  [[nodiscard]] base::UniqueFd release() { return std::move(fd_); }
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  TempFile(int folder, std::string name, base::UniqueFd fd)
      : folder_(folder), name_(std::move(name)), fd_(std::move(fd)) {}

  int folder_;
  std::string name_;  ///< empty once published
  base::UniqueFd fd_;
};

/// Whether a temporary file of ours could be called so.
[[nodiscard]] bool is_temp_name(std::string_view name) noexcept;

/// Deletes `name` (a temporary or lock file) unless a living process has it locked. Returns whether
/// it is gone.
bool remove_stale(int folder, const std::string& name) noexcept;

}  // namespace mimobox::cache

#endif  // MIMOBOX_CACHE_TEMP_FILE_H_
