#ifndef MIMOBOX_WASI_HOST_ACCESS_H_
#define MIMOBOX_WASI_HOST_ACCESS_H_

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>

#include "base/blocking.h"
#include "base/stop_signal.h"
#include "wasi/clock_source.h"
#include "wasi/errno.h"
#include "wasi/file_limits.h"
#include "wasi/file_types.h"
#include "wasi/parent_cache.h"
#include "wasi/sorted_listing.h"
#include "wasi/virtual_files.h"

namespace mimobox::wasi {

/// What the numbers of host files are hashed with.
using InodeKey = std::array<std::uint64_t, 2>;

/// What all files and directories of one run's host mounts share: what is left of the quotas, the
/// numbers that stand for the host's inodes, and how a call learns that the run is being stopped.
/// Everything passed in is borrowed for this object's life; a `virtual_clock` makes the run's files
/// those of a deterministic one.
class HostAccess {
 public:
  HostAccess(const HostFileLimits& limits, LimitRecord& record,
             const std::optional<InodeKey>& inode_key, base::StopSignal& stop,
             base::BlockingNotice& blocking, Clock* virtual_clock = nullptr);
  HostAccess(const HostAccess&) = delete;
  HostAccess& operator=(const HostAccess&) = delete;

  [[nodiscard]] bool stopped() const { return stop_.stopped(); }
  [[nodiscard]] const base::StopSignal& stop() const { return stop_; }
  [[nodiscard]] base::BlockingNotice& blocking() const { return blocking_; }
  [[nodiscard]] ParentCache& parents() { return parents_; }

  /// The numbers and times of files in a deterministic run; null: it is none.
  [[nodiscard]] VirtualFiles* virtual_files() {
    return virtual_files_ ? &*virtual_files_ : nullptr;
  }
  [[nodiscard]] ListingBudget& listings() { return listings_; }

  /// What the guest is told about a file. kNomem: a deterministic run has met too many.
  [[nodiscard]] Answer<Filestat> filestat(const struct stat& status);

  /// The guest's number of a host's file: a keyed hash (SipHash-1-3), so that names of one file
  /// agree and the host's numbers, which tell about its disk and its history, stay there. Without
  /// a given key the system's random numbers make one when it is first needed: the run's own, which
  /// the guest sees, stay as they are. Never 0, which C libraries take
  /// for "unknown".
  [[nodiscard]] std::uint64_t guest_inode(dev_t device, ino_t inode);

  /// How many of `wanted` bytes (not 0) may be written at `offset`. kDquot, kFbig: none.
  [[nodiscard]] Answer<std::uint64_t> writable_at(std::uint64_t offset, std::uint64_t wanted);
  void count_written(std::uint64_t bytes) { written_bytes_ += bytes; }

  /// kFbig when a file may not grow to this size.
  [[nodiscard]] Errno may_grow_to(std::uint64_t size);
  /// kDquot when not as many bytes may be written.
  [[nodiscard]] Errno may_write(std::uint64_t bytes);

  /// kDquot when no further file may be made.
  [[nodiscard]] Errno may_create();
  /// The same without a note of what was refused.
  [[nodiscard]] bool has_room_for_files() const { return created_files_ < limits_.created_files; }
  void count_created() { ++created_files_; }

 private:
  const HostFileLimits limits_;
  LimitRecord& record_;
  base::StopSignal& stop_;
  base::BlockingNotice& blocking_;
  std::uint64_t written_bytes_ = 0;
  std::uint64_t created_files_ = 0;
  std::optional<InodeKey> inode_key_;
  ParentCache parents_;
  std::optional<VirtualFiles> virtual_files_;
  ListingBudget listings_;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_HOST_ACCESS_H_
