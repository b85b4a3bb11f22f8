#include "wasi/parent_cache.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include <algorithm>

#include "base/interrupted.h"

namespace mimobox::wasi {
namespace {

constexpr long kNanosecondsPerMillisecond = 1'000'000;
constexpr std::int64_t kMillisecondsPerSecond = 1'000;
/// Above the longest tick of a kernel (10 ms), by which times of files go on.
constexpr std::int64_t kSettledMs = 100;
/// Some file systems count seconds; their times have no parts of one.
constexpr std::int64_t kSettledOfSecondsMs = 3'000;
constexpr long kTickNs = 10 * kNanosecondsPerMillisecond;
/// How many looks go by until it is asked again whether the directory above has settled.
constexpr unsigned kLooksPerQuestion = 16;
// These two stand in headers of their own file systems.
constexpr std::uint32_t kXfs = 0x58465342;
constexpr std::uint32_t kOverlayfs = 0x794c7630;

std::int64_t to_milliseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * kMillisecondsPerSecond +
         time.tv_nsec / kNanosecondsPerMillisecond;
}

bool same_time(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/// The clock that times of files are taken from.
std::int64_t now_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return to_milliseconds(now);
}

/// Whether a change from now on would give another time than `changed`.
bool has_settled(const timespec& changed, std::int64_t now) {
  const bool counts_seconds = changed.tv_nsec % kTickNs == 0;
  return now - to_milliseconds(changed) >= (counts_seconds ? kSettledOfSecondsMs : kSettledMs);
}

}  // namespace

bool changes_tell_on(int fd) {
  struct statfs status{};
  if (::fstatfs(fd, &status) != 0) return false;
  switch (static_cast<std::uint32_t>(status.f_type)) {
    case EXT4_SUPER_MAGIC:
    case BTRFS_SUPER_MAGIC:
    case TMPFS_MAGIC:
    case F2FS_SUPER_MAGIC:
    case kXfs:
    case kOverlayfs:
      return true;
    default:
      return false;
  }
}

bool ParentCache::open(Entry& entry, const Mount& mount) {
  // One plain name that is not followed cannot lead anywhere else.
  entry.fd = base::UniqueFd(base::again_if_interrupted([&] {
    return ::openat(entry.above_fd, entry.name.c_str(),
                    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  }));
  struct stat status{};
  const bool good = entry.fd.valid() && ::fstat(entry.fd.get(), &status) == 0 &&
                    S_ISDIR(status.st_mode) && status.st_dev == mount.device;
  if (!good) entry.fd.reset();
  entry.device = status.st_dev;
  entry.inode = status.st_ino;
  entry.settled = false;
  return good;
}

bool ParentCache::look(Entry& entry, const Mount& mount) {
  struct stat above{};
  // The numbers, too: descriptors of the guest are closed and their numbers used again.
  if (entry.settled && ::fstat(entry.above_fd, &above) == 0 && above.st_ino == entry.above_inode &&
      above.st_dev == entry.device && entry.device == mount.device &&
      same_time(above.st_ctim, entry.above_changed)) {
    return true;
  }
  entry.settled = false;
  if (mount.changes_tell && entry.looks++ % kLooksPerQuestion == 0) {
    // In this order: what changes behind any of these steps shows later.
    const std::int64_t now = now_ms();
    entry.settled = ::fstat(entry.above_fd, &above) == 0 && above.st_dev == mount.device &&
                    has_settled(above.st_ctim, now);
    entry.above_inode = above.st_ino;
    entry.above_changed = above.st_ctim;
  }
  struct stat there{};
  if (::fstatat(entry.above_fd, entry.name.c_str(), &there, AT_SYMLINK_NOFOLLOW) != 0 ||
      !S_ISDIR(there.st_mode) || there.st_dev != mount.device) {
    entry.settled = false;
    return false;
  }
  const bool same = there.st_ino == entry.inode && there.st_dev == entry.device;
  return same || open(entry, mount);
}

ParentCache::Entry& ParentCache::oldest() {
  return *std::ranges::min_element(entries_, {}, &Entry::used);
}

ParentCache::Entry* ParentCache::find_name(int above_fd, std::string_view name,
                                           const Mount& mount) {
  const auto known = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return entry.above_fd == above_fd && entry.name == name;
  });
  if (known == entries_.end()) {
    // Only remembered: a walk through many directories would open each for nothing.
    Entry& entry = oldest();
    entry = Entry();
    entry.above_fd = above_fd;
    entry.name = name;
    entry.used = ++uses_;
    return nullptr;
  }
  known->used = ++uses_;
  const bool there = known->fd.valid() ? look(*known, mount) : open(*known, mount);
  return there ? &*known : nullptr;
}

int ParentCache::find(int start_fd, std::string_view names, const Mount& mount) {
  if (static_cast<std::size_t>(std::ranges::count(names, '/')) >= kMaxNames) return -1;
  int fd = start_fd;
  // An entry of this path is never the oldest while the next one is made: there are more entries
  // than names.
  for (std::size_t at = 0; at <= names.size();) {
    const std::size_t end = std::min(names.find('/', at), names.size());
    const std::string_view name = names.substr(at, end - at);
    if (name.empty() || name == "." || name == "..") return -1;
    const Entry* entry = find_name(fd, name, mount);
    if (entry == nullptr) return -1;
    fd = entry->fd.get();
    at = end + 1;
  }
  return fd;
}

}  // namespace mimobox::wasi
