#ifndef MIMOBOX_WASI_PARENT_CACHE_H_
#define MIMOBOX_WASI_PARENT_CACHE_H_

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace mimobox::wasi {

/// Keeps descriptors (O_PATH) of some directories that paths of two names went through, so that
/// using one again costs one look instead of an opening and a closing.
///
/// A kept descriptor is never trusted: it is used only when a look at the name, in the directory
/// that the path starts from and without following a link, says in the same call that this very
/// inode is there now. The descriptor keeps the inode's number from being used again. So a
/// directory that was moved, replaced or swapped for a link is not found here, and what is found
/// was beneath the start during the call, as openat2 would have it.
class ParentCache {
 public:
  /// The directory `name`, one plain component, in `directory_fd`: borrowed until the next call.
  /// -1: it is no directory, a link, not there, not on `device`, or not worth keeping yet; then the
  /// path is to be resolved the general way.
  [[nodiscard]] int find(int directory_fd, std::string_view name, dev_t device);

 private:
  struct Entry {
    int directory_fd = -1;
    std::string name;
    base::UniqueFd fd;  ///< empty until the name is asked for a second time
    dev_t device = 0;
    ino_t inode = 0;
  };

  [[nodiscard]] static bool open(Entry& entry, dev_t device);

  std::array<Entry, 4> entries_;
  std::size_t next_ = 0;  ///< the entry that is given up next
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_PARENT_CACHE_H_
