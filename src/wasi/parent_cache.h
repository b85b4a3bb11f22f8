#ifndef MIMOBOX_WASI_PARENT_CACHE_H_
#define MIMOBOX_WASI_PARENT_CACHE_H_

#include <sys/stat.h>
#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace mimobox::wasi {

/// Keeps descriptors (O_PATH) of some directories that paths went through, so that using one again
/// costs a look instead of an opening and a closing.
///
/// A kept descriptor is used only when it is known that this very directory still has its name in
/// the directory above, which is known in the same way or is where the path starts. Either
/// - a look at the name, without following a link, shows its inode: the descriptor keeps the number
///   from being used again; or
/// - the directory above says (st_ctim) that it has not been changed since such a look. Whoever
///   moves, removes or replaces a name changes it, and nobody can set it. It is believed only on
///   file systems that are known to keep it, and only when it was so old at the look that a later
///   change cannot have the same.
///
/// So a directory that was moved, replaced or swapped for a link is not found here, and what is
/// found was beneath the start, as openat2 would have it.
class ParentCache {
 public:
  /// How many names of directories a path may have: beyond, looking costs more than openat2.
  static constexpr std::size_t kMaxNames = 3;
  static constexpr std::size_t kMaxKept = 8;

  /// What does not change from path to path of a mount.
  struct Mount {
    dev_t device = 0;
    bool changes_tell = false;  ///< its file system is one of those above
  };

  /// The directory that `names` leads to from `start_fd`, through plain components with a slash
  /// between each two: borrowed until the next call. -1: one of them is no directory, a link, not
  /// there, not on the device, or not worth keeping yet; then the path is to be resolved the
  /// general way.
  [[nodiscard]] int find(int start_fd, std::string_view names, const Mount& mount);

 private:
  struct Entry {
    int above_fd = -1;
    std::string name;
    base::UniqueFd fd;  ///< empty until the name is asked for a second time
    dev_t device = 0;   ///< of the directory and of the one above
    ino_t inode = 0;
    /// The directory above as it was before the last look.
    ino_t above_inode = 0;
    timespec above_changed{};
    bool settled = false;  ///< a change since then would show in above_changed
    unsigned looks = 0;
    std::uint64_t used = 0;
  };

  [[nodiscard]] Entry* find_name(int above_fd, std::string_view name, const Mount& mount);
  [[nodiscard]] Entry& oldest();
  [[nodiscard]] static bool open(Entry& entry, const Mount& mount);
  [[nodiscard]] static bool look(Entry& entry, const Mount& mount);

  std::array<Entry, kMaxKept> entries_;
  std::uint64_t uses_ = 0;
};

/// Whether directories of this file system tell of every change of their names in st_ctim.
[[nodiscard]] bool changes_tell_on(int fd);

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_PARENT_CACHE_H_
