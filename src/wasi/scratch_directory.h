#ifndef MIMOBOX_WASI_SCRATCH_DIRECTORY_H_
#define MIMOBOX_WASI_SCRATCH_DIRECTORY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <variant>

#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/scratch_file.h"
#include "wasi/scratch_tree.h"
#include "wasi/scratch_walk.h"
#include "wasi/sorted_listing.h"

namespace mimobox::wasi {

/// An open directory of a scratch. Move-only; the tree outlives it.
///
/// Paths start here and cannot leave (scratch_walk.h lists what any path can answer). All functions
/// answer as Linux does, which also decides between several errors. Whatever creates something:
/// kExist, kDquot, and kNoent when the directory that it goes to was removed.
class ScratchDirectory {
 public:
  /// Opens `inode`, a directory. Read-only: whatever would change something is kPerm.
  ScratchDirectory(ScratchTree& tree, ScratchInode& inode, bool read_only = false)
      : pin_(tree, inode), read_only_(read_only) {}

  /// The top of a tree.
  [[nodiscard]] static ScratchDirectory root(ScratchTree& tree, bool read_only = false) {
    return {tree, tree.root(), read_only};
  }

  /// Opens a file or a directory, and creates a file or empties it as the options say. kLoop: a
  /// symbolic link that is not to be followed. kIsdir: a directory to be written, emptied or
  /// created. kNotdir: no directory, and the options want one. kExist. kInval: create and directory
  /// at once.
  [[nodiscard]] Answer<std::variant<ScratchFile, ScratchDirectory>> open(
      std::string_view path, const OpenOptions& options);

  [[nodiscard]] Answer<Filestat> stat(std::string_view path, bool follow) const;
  [[nodiscard]] Errno set_times(std::string_view path, bool follow, const TimesChange& change);

  /// Writes a symbolic link's target, cut if it is longer than the buffer, and tells how many bytes
  /// that were. kInval: no symbolic link.
  [[nodiscard]] Answer<std::size_t> readlink(std::string_view path,
                                             std::span<std::byte> buffer) const;

  [[nodiscard]] Errno create_directory(std::string_view path);

  /// kNotdir, kNotempty. kInval: the path ends in "."; kNotempty: in "..".
  [[nodiscard]] Errno remove_directory(std::string_view path);

  /// kIsdir: a directory. kNotdir: a file, and the path ends in a slash.
  [[nodiscard]] Errno unlink_file(std::string_view path);

  /// kEscape: an absolute target. It could not be followed, and not making it keeps it from being
  /// followed where the embedder puts the tree. kNoent: an empty target, or a slash behind the
  /// path.
  [[nodiscard]] Errno symlink(std::string_view target, std::string_view path);

  /// A further name for a file, or for a symbolic link itself. kPerm: a directory. kXdev: another
  /// tree. kNoent: a slash behind `new_path`.
  [[nodiscard]] static Errno link(ScratchDirectory& old_directory, std::string_view old_path,
                                  ScratchDirectory& new_directory, std::string_view new_path);

  /// Renames, and replaces what is there: a file a file, a directory an empty directory. Two names
  /// of the same file stay as they are. kBusy: a path that ends in "." or "..". kInval: a directory
  /// into itself. kNotempty, kIsdir, kNotdir. kXdev: another tree.
  [[nodiscard]] static Errno rename(ScratchDirectory& old_directory, std::string_view old_path,
                                    ScratchDirectory& new_directory, std::string_view new_path);

  [[nodiscard]] Answer<Filestat> stat() const { return pin_.tree().stat(pin_.inode()); }
  [[nodiscard]] Errno set_times(const TimesChange& change);
  /// There is nothing to wait for.
  [[nodiscard]] Errno sync();

  /// Calls `sink(const DirectoryEntry&)` for the entries from a cookie on until it returns false:
  /// first
  /// "." and "..", then the others in the order in which they were added, or of their names
  /// (`ScratchTree::sort_listings`; kNomem then: more than listings may take). 0 starts; others
  /// come from DirectoryEntry::next. An entry that is neither added nor removed meanwhile is seen
  /// exactly once, and no other cookie does harm. The sink may not change the tree. kNoent: the
  /// directory was removed.
  template <class Sink>
  [[nodiscard]] Errno list(std::uint64_t cookie, Sink&& sink) {
    ScratchInode& inode = pin_.inode();
    ScratchFolder& folder = *inode.folder();
    if (folder.parent == nullptr) return Errno::kNoent;
    pin_.tree().note_access(inode);
    if (pin_.tree().sorts_listings()) {
      if (const Errno failed = read_sorted(cookie); failed != Errno::kSuccess) return failed;
      sorted_->give(cookie, sink);
      return Errno::kSuccess;
    }
    const auto dots = [&](std::uint64_t at, const ScratchInode& target, std::string_view name) {
      if (cookie > at) return true;
      return static_cast<bool>(sink(DirectoryEntry{
          .next = at + 1, .inode = target.number, .type = Filetype::kDirectory, .name = name}));
    };
    if (!dots(0, inode, ".") || !dots(1, *folder.parent, "..")) return Errno::kSuccess;
    folder.names.for_each(cookie, [&](std::string_view name, const ScratchNames::Entry& entry) {
      return static_cast<bool>(sink(DirectoryEntry{.next = entry.cookie + 1,
                                                   .inode = entry.inode->number,
                                                   .type = entry.inode->type(),
                                                   .name = name}));
    });
    return Errno::kSuccess;
  }

 private:
  [[nodiscard]] ScratchWalk walk() const { return ScratchWalk(pin_.inode(), pin_.tree().stop()); }
  Answer<ScratchPlace> new_place(std::string_view path, bool slash_allowed) const;
  Answer<ScratchInode*> open_inode(std::string_view path, const OpenOptions& options);

  /// Makes the sorted listing, anew for cookie 0.
  [[nodiscard]] Errno read_sorted(std::uint64_t cookie);

  ScratchPin pin_;
  bool read_only_;
  std::unique_ptr<SortedListing> sorted_;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_SCRATCH_DIRECTORY_H_
