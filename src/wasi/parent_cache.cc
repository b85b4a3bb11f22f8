#include "wasi/parent_cache.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/interrupted.h"

namespace mimobox::wasi {

bool ParentCache::open(Entry& entry, dev_t device) {
  // One plain name that is not followed cannot lead anywhere else.
  entry.fd = base::UniqueFd(base::again_if_interrupted([&] {
    return ::openat(entry.directory_fd, entry.name.c_str(),
                    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  }));
  struct stat status{};
  const bool good = entry.fd.valid() && ::fstat(entry.fd.get(), &status) == 0 &&
                    S_ISDIR(status.st_mode) && status.st_dev == device;
  if (!good) entry.fd = base::UniqueFd();
  entry.device = status.st_dev;
  entry.inode = status.st_ino;
  return good;
}

int ParentCache::find(int directory_fd, std::string_view name, dev_t device) {
  const auto known = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return entry.directory_fd == directory_fd && entry.name == name;
  });
  if (known == entries_.end()) {
    // Only remembered: a walk through many directories would open each for nothing.
    Entry& entry = entries_[next_];
    next_ = (next_ + 1) % entries_.size();
    entry.fd = base::UniqueFd();
    entry.directory_fd = directory_fd;
    entry.name = name;
    return -1;
  }
  if (!known->fd.valid()) return open(*known, device) ? known->fd.get() : -1;
  struct stat now{};
  if (::fstatat(directory_fd, known->name.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0) return -1;
  if (!S_ISDIR(now.st_mode) || now.st_dev != device) return -1;
  const bool same = now.st_dev == known->device && now.st_ino == known->inode;
  return same || open(*known, device) ? known->fd.get() : -1;
}

}  // namespace mimobox::wasi
