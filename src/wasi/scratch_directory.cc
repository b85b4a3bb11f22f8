#include "wasi/scratch_directory.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/scratch_content.h"
#include "wasi/scratch_file.h"
#include "wasi/scratch_inode.h"
#include "wasi/scratch_tree.h"
#include "wasi/scratch_walk.h"

namespace mimobox::wasi {
namespace {

using Last = ScratchPlace::Last;

/// The inode that `open` with `create` finds at the end of its path, or makes there.
Answer<ScratchInode*> create_or_find(ScratchTree& tree, ScratchWalk& walk, std::string_view path,
                                     const OpenOptions& options) {
  Answer<ScratchPlace> place = walk.parent(path);
  while (place) {
    if (place->last != Last::kName)
      return std::unexpected(options.exclusive ? Errno::kExist : Errno::kIsdir);
    if (place->slash) return std::unexpected(Errno::kIsdir);
    const Answer<ScratchInode*> inode = place->find();
    if (!inode) return inode;
    if (*inode == nullptr) return tree.make_file(*place->directory, place->name);
    if (options.exclusive) return std::unexpected(Errno::kExist);
    if ((*inode)->folder() != nullptr) return std::unexpected(Errno::kIsdir);
    const ScratchTarget* target = (*inode)->target();
    if (target == nullptr || !options.follow) return inode;
    place = walk.through(*place, *target);
  }
  return std::unexpected(place.error());
}

}  // namespace

Answer<std::variant<ScratchFile, ScratchDirectory>> ScratchDirectory::open(
    std::string_view path, const OpenOptions& options) {
  if (options.create && options.directory) return std::unexpected(Errno::kInval);
  if (read_only_ && (options.create || options.write || options.truncate)) {
    return std::unexpected(Errno::kPerm);
  }
  ScratchWalk way = walk();
  const Answer<ScratchInode*> found = options.create
                                          ? create_or_find(pin_.tree(), way, path, options)
                                          : way.whole(path, options.follow);
  if (!found) return std::unexpected(found.error());
  ScratchInode& inode = **found;
  if (inode.folder() != nullptr) {
    if (options.write || options.truncate) return std::unexpected(Errno::kIsdir);
    return ScratchDirectory(pin_.tree(), inode, read_only_);
  }
  if (options.directory) return std::unexpected(Errno::kNotdir);
  if (inode.target() != nullptr) return std::unexpected(Errno::kLoop);
  if (options.truncate) {
    const Errno error = inode.content()->set_size(0);
    if (error != Errno::kSuccess) return std::unexpected(error);
    pin_.tree().note_change(inode);
  }
  return ScratchFile(pin_.tree(), inode, options, read_only_);
}

Answer<Filestat> ScratchDirectory::stat(std::string_view path, bool follow) const {
  const Answer<ScratchInode*> inode = walk().whole(path, follow);
  if (!inode) return std::unexpected(inode.error());
  return pin_.tree().stat(**inode);
}

Errno ScratchDirectory::set_times(std::string_view path, bool follow, const TimesChange& change) {
  if (read_only_) return Errno::kPerm;
  const Answer<ScratchInode*> inode = walk().whole(path, follow);
  if (!inode) return inode.error();
  pin_.tree().set_times(**inode, change);
  return Errno::kSuccess;
}

Answer<std::size_t> ScratchDirectory::readlink(std::string_view path,
                                               std::span<std::byte> buffer) const {
  const Answer<ScratchInode*> inode = walk().whole(path, false);
  if (!inode) return std::unexpected(inode.error());
  const ScratchTarget* target = (*inode)->target();
  if (target == nullptr) return std::unexpected(Errno::kInval);
  const std::size_t count = std::min(buffer.size(), target->text.size());
  std::copy_n(std::as_bytes(std::span(target->text)).begin(), count, buffer.begin());
  pin_.tree().note_access(**inode);
  return count;
}

/// Where something that does not exist yet can be made. A slash behind it is for directories only.
Answer<ScratchPlace> ScratchDirectory::new_place(std::string_view path, bool slash_allowed) const {
  Answer<ScratchPlace> place = walk().parent(path);
  if (!place) return place;
  if (place->last != Last::kName) return std::unexpected(Errno::kExist);
  const Answer<ScratchInode*> there = place->find();
  if (!there) return std::unexpected(there.error());
  if (*there != nullptr) {
    // As the conformance tests have it; Linux says kExist also here.
    const bool file = (*there)->folder() == nullptr;
    return std::unexpected(place->slash && !slash_allowed && file ? Errno::kNotdir : Errno::kExist);
  }
  if (place->slash && !slash_allowed) return std::unexpected(Errno::kNoent);
  return place;
}

Errno ScratchDirectory::create_directory(std::string_view path) {
  if (read_only_) return Errno::kPerm;
  const Answer<ScratchPlace> place = new_place(path, true);
  if (!place) return place.error();
  const Answer<ScratchInode*> made = pin_.tree().make_folder(*place->directory, place->name);
  return made ? Errno::kSuccess : made.error();
}

Errno ScratchDirectory::symlink(std::string_view target, std::string_view path) {
  if (read_only_) return Errno::kPerm;
  if (target.empty()) return Errno::kNoent;
  if (target.size() > ScratchWalk::kMaxPath) return Errno::kNametoolong;
  if (target.contains('\0')) return Errno::kInval;
  if (target.starts_with('/')) return kEscape;
  const Answer<ScratchPlace> place = new_place(path, false);
  if (!place) return place.error();
  const Answer<ScratchInode*> made = pin_.tree().make_link(*place->directory, place->name, target);
  return made ? Errno::kSuccess : made.error();
}

Errno ScratchDirectory::link(ScratchDirectory& old_directory, std::string_view old_path,
                             ScratchDirectory& new_directory, std::string_view new_path) {
  ScratchTree& tree = old_directory.pin_.tree();
  if (&tree != &new_directory.pin_.tree()) return Errno::kXdev;
  // The old one too: a link into a writable grant would make the file writable there.
  if (old_directory.read_only_ || new_directory.read_only_) return Errno::kPerm;
  // Names are never followed, whatever is behind them.
  ScratchWalk way = old_directory.walk();
  const Answer<ScratchPlace> old_place = way.parent(old_path);
  if (!old_place) return old_place.error();
  const Answer<ScratchInode*> inode = old_place->last == Last::kName
                                          ? ScratchWalk::at(*old_place)
                                          : old_directory.walk().whole(old_path, false);
  if (!inode) return inode.error();
  if (old_place->slash && (*inode)->folder() == nullptr) return Errno::kNotdir;
  const Answer<ScratchPlace> place = new_directory.new_place(new_path, false);
  if (!place) return place.error();
  if (place->directory->links == 0) return Errno::kNoent;
  if ((*inode)->folder() != nullptr) return Errno::kPerm;
  return tree.add_name(*place->directory, place->name, **inode);
}

Errno ScratchDirectory::remove_directory(std::string_view path) {
  if (read_only_) return Errno::kPerm;
  const Answer<ScratchPlace> place = walk().parent(path);
  if (!place) return place.error();
  if (place->last == Last::kDot) return Errno::kInval;
  if (place->last == Last::kDotDot) return Errno::kNotempty;
  const Answer<ScratchInode*> inode = ScratchWalk::at(*place);
  if (!inode) return inode.error();
  const ScratchFolder* folder = (*inode)->folder();
  if (folder == nullptr) return Errno::kNotdir;
  if (!folder->names.empty()) return Errno::kNotempty;
  pin_.tree().remove_name(*place->directory, place->name);
  return Errno::kSuccess;
}

Errno ScratchDirectory::unlink_file(std::string_view path) {
  if (read_only_) return Errno::kPerm;
  const Answer<ScratchPlace> place = walk().parent(path);
  if (!place) return place.error();
  if (place->last != Last::kName) return Errno::kIsdir;
  const Answer<ScratchInode*> inode = ScratchWalk::at(*place);
  if (!inode) return inode.error();
  if ((*inode)->folder() != nullptr) return Errno::kIsdir;
  if (place->slash) return Errno::kNotdir;
  pin_.tree().remove_name(*place->directory, place->name);
  return Errno::kSuccess;
}

Errno ScratchDirectory::set_times(const TimesChange& change) {
  if (read_only_) return Errno::kPerm;
  pin_.tree().set_times(pin_.inode(), change);
  return Errno::kSuccess;
}

Errno ScratchDirectory::read_sorted(std::uint64_t cookie) {
  if (sorted_ && cookie != 0) return Errno::kSuccess;
  auto listing =
      sorted_ ? std::move(sorted_) : std::make_unique<SortedListing>(pin_.tree().listings());
  listing->clear();
  const ScratchInode& inode = pin_.inode();
  const ScratchFolder& folder = *pin_.inode().folder();
  Errno added = listing->add(".", inode.number, Filetype::kDirectory);
  if (added == Errno::kSuccess) {
    added = listing->add("..", folder.parent->number, Filetype::kDirectory);
  }
  folder.names.for_each(0, [&](std::string_view name, const ScratchNames::Entry& entry) {
    if (added == Errno::kSuccess) {
      added = listing->add(name, entry.inode->number, entry.inode->type());
    }
    return added == Errno::kSuccess;
  });
  if (added != Errno::kSuccess) return added;
  listing->sort();
  sorted_ = std::move(listing);
  return Errno::kSuccess;
}

Errno ScratchDirectory::sync() {
  (void)pin_.inode();
  return Errno::kSuccess;
}

}  // namespace mimobox::wasi
