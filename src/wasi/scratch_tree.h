#ifndef MIMOBOX_WASI_SCRATCH_TREE_H_
#define MIMOBOX_WASI_SCRATCH_TREE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <span>
#include <string_view>

#include "wasi/clock_source.h"
#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/scratch_inode.h"
#include "wasi/scratch_quota.h"
#include "wasi/sorted_listing.h"

namespace mimobox::wasi {

/// One file, directory or symbolic link as ScratchTree::for_each() shows it; valid during the
/// visit.
struct ScratchItem {
  std::string_view path;  ///< from the root, without a leading slash; as long as the guest made it
  Filestat stat;          ///< hard links of one file have the same inode number
  std::string_view target;                  ///< of a symbolic link
  const ScratchContent* content = nullptr;  ///< of a regular file; copy its extents, not its holes
};

/// A file system in memory for one run: POSIX semantics as a host directory has them, under limits.
///
/// Start here: make it, fill it with add_file() and add_directory(), give the guest
/// ScratchDirectory::root(), and look at it with for_each() and use() when the run is over. It
/// outlives its descriptors (checked: it aborts otherwise) and its clock outlives it. One thread at
/// a time. When memory runs out, functions throw std::bad_alloc and leave the tree as before, or
/// with a part of the bytes written; they throw nothing else.
class ScratchTree {
 public:
  /// `device` is what stat tells the guest; scratches of one run should differ in it. `stop`,
  /// borrowed, ends what takes long; null: nobody does.
  [[nodiscard]] static std::unique_ptr<ScratchTree> create(const ScratchLimits& limits,
                                                           Clock& clock, std::uint64_t device = 1,
                                                           const base::StopSignal* stop = nullptr);
  ScratchTree(const ScratchTree&) = delete;
  ScratchTree& operator=(const ScratchTree&) = delete;
  ~ScratchTree();

  /// Adds a file, and the directories above it where they are missing. Paths are relative to the
  /// root. The errno is what a guest would get for the path: kExist, kNotdir, kDquot, kFbig,
  /// kEscape, ...; a file that does not fit is not kept.
  [[nodiscard]] Errno add_file(std::string_view path, std::span<const std::byte> bytes);

  /// Adds a directory and what is missing above it. One that exists is fine.
  [[nodiscard]] Errno add_directory(std::string_view path);

  /// Shows everything below the root, a directory before what is in it, names in the order in which
  /// they were added, until `visit` returns false. `visit` may not change the tree.
  void for_each(const std::function<bool(const ScratchItem&)>& visit) const;

  [[nodiscard]] const ScratchUse& use() const { return quota_.use(); }

  /// Whether directories are listed in the order of their names; else of their making.
  void sort_listings(bool sorted) { sorted_listings_ = sorted; }
  [[nodiscard]] bool sorts_listings() const { return sorted_listings_; }
  [[nodiscard]] ListingBudget& listings() { return listings_; }

  /// What ends whatever takes long; null: nothing does.
  [[nodiscard]] const base::StopSignal* stop() const { return quota_.stop(); }

  /// Notes what the quota refuses in a run's record, too, until called with null.
  void report_to(LimitRecord* record) { quota_.report_to(record); }

  // The rest is for ScratchFile, ScratchDirectory and ScratchWalk. Names are single components,
  // checked and resolved.

  [[nodiscard]] ScratchInode& root() { return inodes_.front(); }
  [[nodiscard]] Filestat stat(const ScratchInode& inode) const;

  /// A new inode under a name that is not in `directory`. kDquot, kNoent: the directory was
  /// removed.
  [[nodiscard]] Answer<ScratchInode*> make_file(ScratchInode& directory, std::string_view name);
  [[nodiscard]] Answer<ScratchInode*> make_folder(ScratchInode& directory, std::string_view name);
  [[nodiscard]] Answer<ScratchInode*> make_link(ScratchInode& directory, std::string_view name,
                                                std::string_view target);

  /// One more name, not in `directory` yet, for a file or symbolic link. kDquot, kNoent.
  [[nodiscard]] Errno add_name(ScratchInode& directory, std::string_view name, ScratchInode& inode);
  /// Takes a name away that is there; a directory under it is empty.
  void remove_name(ScratchInode& directory, std::string_view name) noexcept;
  /// Gives the inode under a name another one; what is there is replaced. All conditions of rename
  /// but these are checked before: kDquot, kNoent.
  [[nodiscard]] Errno move_name(ScratchInode& from, std::string_view name, ScratchInode& to,
                                std::string_view new_name);

  void pin(ScratchInode& inode) noexcept { ++inode.pins; }
  void unpin(ScratchInode& inode) noexcept;

  /// The inode's bytes were read: moves atim as Linux's relatime does.
  void note_access(ScratchInode& inode);
  /// The inode's contents were changed.
  void note_change(ScratchInode& inode);
  void set_times(ScratchInode& inode, const TimesChange& change);

 private:
  ScratchTree(const ScratchLimits& limits, Clock& clock, std::uint64_t device,
              const base::StopSignal* stop);

  [[nodiscard]] std::uint64_t now() { return clock_.now(ClockId::kRealtime); }
  Answer<ScratchInode*> adopt(std::list<ScratchInode>&& fresh, ScratchInode& directory,
                              std::string_view name, std::uint64_t price);
  std::list<ScratchInode> fresh_inode();
  void drop_link(ScratchInode& inode) noexcept;
  void reap(ScratchInode& inode) noexcept;

  Clock& clock_;
  std::uint64_t device_;
  std::uint64_t next_number_ = 1;
  ScratchQuota quota_;
  std::list<ScratchInode> inodes_;  // the root first
  bool sorted_listings_ = false;
  ListingBudget listings_;
};

/// Keeps an inode while a descriptor is open on it. Move-only; using a moved-from one aborts.
class ScratchPin {
 public:
  ScratchPin(ScratchTree& tree, ScratchInode& inode) : tree_(&tree), inode_(&inode) {
    tree.pin(inode);
  }
  ScratchPin(ScratchPin&& other) noexcept;
  ScratchPin& operator=(ScratchPin&& other) noexcept;
  ScratchPin(const ScratchPin&) = delete;
  ScratchPin& operator=(const ScratchPin&) = delete;
  ~ScratchPin() { reset(); }

  [[nodiscard]] ScratchTree& tree() const;
  [[nodiscard]] ScratchInode& inode() const;

 private:
  void reset() noexcept;

  ScratchTree* tree_;
  ScratchInode* inode_;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_SCRATCH_TREE_H_
