#include <string_view>

#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/scratch_directory.h"
#include "wasi/scratch_inode.h"
#include "wasi/scratch_tree.h"
#include "wasi/scratch_walk.h"

namespace mimobox::wasi {
namespace {

/// Whether `directory` is `inode` or lies in it.
bool lies_in(ScratchInode& directory, const ScratchInode& inode) {
  ScratchInode* at = &directory;
  while (at != &inode) {
    ScratchInode* parent = at->folder()->parent;
    // The root is in itself, a removed directory in none.
    if (parent == at || parent == nullptr) return false;
    at = parent;
  }
  return true;
}

/// What a rename of `source` onto `target` (null: nothing there) answers before it happens, in
/// Linux's order.
Errno check_rename(const ScratchPlace& from, ScratchInode& source, const ScratchPlace& to,
                   ScratchInode* target) {
  const bool is_directory = source.folder() != nullptr;
  if (!is_directory && (from.slash || to.slash)) return Errno::kNotdir;
  if (is_directory && lies_in(*to.directory, source)) return Errno::kInval;
  if (target == nullptr || target == &source) return Errno::kSuccess;
  ScratchFolder* replaced = target->folder();
  if (replaced != nullptr && from.directory != to.directory && lies_in(*from.directory, *target))
    return Errno::kNotempty;
  if (is_directory && replaced == nullptr) return Errno::kNotdir;
  if (!is_directory && replaced != nullptr) return Errno::kIsdir;
  if (replaced != nullptr && !replaced->names.empty()) return Errno::kNotempty;
  return Errno::kSuccess;
}

}  // namespace

Errno ScratchDirectory::rename(ScratchDirectory& old_directory, std::string_view old_path,
                               ScratchDirectory& new_directory, std::string_view new_path) {
  ScratchTree& tree = old_directory.pin_.tree();
  if (&tree != &new_directory.pin_.tree()) return Errno::kXdev;
  if (old_directory.read_only_ || new_directory.read_only_) return Errno::kPerm;
  const Answer<ScratchPlace> from = old_directory.walk().parent(old_path);
  if (!from) return from.error();
  const Answer<ScratchPlace> to = new_directory.walk().parent(new_path);
  if (!to) return to.error();
  if (from->last != ScratchPlace::Last::kName || to->last != ScratchPlace::Last::kName)
    return Errno::kBusy;
  const Answer<ScratchInode*> source = ScratchWalk::at(*from);
  if (!source) return source.error();
  if (to->directory->links == 0) return Errno::kNoent;
  const Answer<ScratchInode*> target = to->find();
  if (!target) return target.error();
  const Errno error = check_rename(*from, **source, *to, *target);
  if (error != Errno::kSuccess || *target == *source) return error;
  return tree.move_name(*from->directory, from->name, *to->directory, to->name);
}

}  // namespace mimobox::wasi
