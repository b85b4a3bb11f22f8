#ifndef MIMOBOX_WASI_PATH_RESOLVER_H_
#define MIMOBOX_WASI_PATH_RESOLVER_H_

#include <sys/stat.h>
#include <sys/types.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "base/stop_signal.h"
#include "base/unique_fd.h"
#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/parent_cache.h"
#include "wasi/path_text.h"

// The one place that turns a guest's path into something of the host. Nothing else in this folder
// gives a path of a guest to a system call.
//
// The kernel resolves: openat2(RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS), where no `..`, symbolic
// link or concurrent rename leads out of the start. Calls that follow the last component get a
// descriptor of the whole path and act on that. Calls that never follow it get its parent and one
// plain name. Where openat2 is missing (before Linux 5.6, or a seccomp filter that does not know
// it), path_walk.h does the same.

namespace mimobox::wasi {

/// Where a resolution starts and what it may do.
struct ResolveBase {
  int fd = -1;                     ///< the directory, borrowed
  dev_t device = 0;                ///< the device that the mount lies on
  dev_t devtmpfs = 0;              ///< the one of the host's folder of devices, 0: none
  bool no_xdev = false;            ///< never onto another file system
  bool walk = false;               ///< without openat2
  bool changes_tell = false;       ///< see ParentCache::Mount
  ParentCache* parents = nullptr;  ///< null: none are kept
  /// Looked at on the way, borrowed; null: nothing ends a resolution early.
  const base::StopSignal* stop = nullptr;

  [[nodiscard]] bool stopped() const { return stop != nullptr && stop->stopped(); }
};

/// 0 when the kernel offers openat2 to this process, ENOSYS when it does not (no such system call,
/// or a seccomp filter), else why the directory cannot be used; to be asked once per mount.
[[nodiscard]] int probe_openat2(int directory_fd);

/// Opens `path` with the flags of open(2); O_NOFOLLOW and O_CREAT | O_EXCL are about the last
/// component.
///
/// - kNoent: an empty path, or nothing there. kPerm: an absolute path or one that leads out of the
/// start.
/// - kLoop: too many symbolic links, a magic link, or a link at the end and O_NOFOLLOW without
/// O_PATH.
/// - kAgain: the host's directories were renamed all the time.
/// - kIntr: the run is being stopped.
/// - others: as of PathText and open(2).
[[nodiscard]] Answer<base::UniqueFd> open_beneath(const ResolveBase& base, std::string_view path,
                                                  int flags, mode_t mode = 0);

/// stat(2) or lstat(2) of `path`; errors as above and those of `admit`.
[[nodiscard]] Answer<struct stat> stat_beneath(const ResolveBase& base, std::string_view path,
                                               bool follow);

/// kPerm when a path has crossed onto a pseudo file system (procfs, sysfs and their kin), whose
/// regular files are none, or onto any other where the mount forbids it. Looks closer only where
/// the device is not the mount's.
[[nodiscard]] Errno admit(const ResolveBase& base, int fd, const struct stat& status);

/// What a path's last component is.
enum class LastComponent : std::uint8_t { kName, kDot, kDotDot };

/// The directory that holds a path's last component.
struct ParentDirectory {
  ParentDirectory() { name.front() = '\0'; }

  base::UniqueFd owned;  ///< empty when `fd` is the start itself or one that is kept
  int fd = -1;
  LastComponent last = LastComponent::kName;
  bool trailing_slash = false;
  /// One component, NUL-terminated, never empty, "." or "..": it is set for kName only.
  std::array<char, kMaxNameBytes + 1> name;  // what is behind the NUL is never written
};

/// The parent of `path`, for calls that never follow the last component. A path that ends in "." or
/// ".." is resolved whole, so that its errors are those of a path; errors as of open_beneath and
/// admit. A directory that `base.parents` keeps is borrowed until the next path is resolved.
[[nodiscard]] Answer<ParentDirectory> parent_beneath(const ResolveBase& base,
                                                     std::string_view path);

/// The same of what `path` leads to when links at its end are followed: where the name is no link,
/// unless it became one meanwhile. Of a path that ends in a directory without naming it (a link to
/// "..") `last` is kDot. `creating`: see PathWalk.
[[nodiscard]] Answer<ParentDirectory> target_beneath(const ResolveBase& base, std::string_view path,
                                                     bool creating);

/// Sets the times of `path`, of a link itself when it is not followed; errors as of open_beneath.
[[nodiscard]] Errno set_times_beneath(const ResolveBase& base, std::string_view path, bool follow,
                                      const TimesChange& change);

/// Sets the times of what is open; O_PATH will do where the kernel can.
[[nodiscard]] Errno set_times_of(int fd, const TimesChange& change);

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_PATH_RESOLVER_H_
