#include "wasi/scratch_walk.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <expected>
#include <string_view>

#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/scratch_inode.h"
#include "wasi/scratch_tree.h"

namespace mimobox::wasi {
namespace {

using Last = ScratchPlace::Last;

/// Takes the first component off a path that does not start with a slash, and the slashes behind
/// it.
std::string_view take_component(std::string_view& rest) {
  const std::string_view name = rest.substr(0, std::min(rest.find('/'), rest.size()));
  rest.remove_prefix(name.size());
  rest.remove_prefix(std::min(rest.find_first_not_of('/'), rest.size()));
  return name;
}

Last kind_of(std::string_view name) {
  if (name == ".") return Last::kDot;
  return name == ".." ? Last::kDotDot : Last::kName;
}

}  // namespace

Answer<ScratchInode*> ScratchPlace::find() const {
  if (name.size() > kMaxName) return std::unexpected(Errno::kNametoolong);
  const ScratchNames::Entry* entry = directory->folder()->names.find(name);
  return entry == nullptr ? nullptr : entry->inode;
}

Answer<ScratchPlace> ScratchWalk::parent(std::string_view path) {
  if (path.empty()) return std::unexpected(Errno::kNoent);
  if (path.size() > kMaxPath) return std::unexpected(Errno::kNametoolong);
  if (path.contains('\0')) return std::unexpected(Errno::kInval);
  return walk(*top_, path);
}

Answer<ScratchInode*> ScratchWalk::at(const ScratchPlace& place) {
  if (place.last == Last::kDot) return place.directory;
  if (place.last == Last::kDotDot) return place.directory->folder()->parent;
  const Answer<ScratchInode*> inode = place.find();
  if (inode && *inode == nullptr) return std::unexpected(Errno::kNoent);
  return inode;
}

Answer<ScratchInode*> ScratchWalk::whole(std::string_view path, bool follow) {
  Answer<ScratchPlace> place = parent(path);
  bool must_be_directory = false;
  while (place) {
    const bool slash = place->last == Last::kName && place->slash;
    must_be_directory = must_be_directory || slash;
    follow = follow || slash;
    const Answer<ScratchInode*> inode = at(*place);
    if (!inode) return inode;
    const ScratchTarget* target = (*inode)->target();
    if (target == nullptr || !follow) {
      if (must_be_directory && (*inode)->folder() == nullptr)
        return std::unexpected(Errno::kNotdir);
      return inode;
    }
    place = through(*place, *target);
  }
  return std::unexpected(place.error());
}

Answer<ScratchPlace> ScratchWalk::through(const ScratchPlace& place, const ScratchTarget& target) {
  const Errno error = count_link();
  if (error != Errno::kSuccess) return std::unexpected(error);
  return walk(*place.directory, target.text);
}

Errno ScratchWalk::count_link() {
  if (links_ == kMaxLinks) return Errno::kLoop;
  ++links_;
  return Errno::kSuccess;
}

Answer<ScratchPlace> ScratchWalk::walk(ScratchInode& start, std::string_view path) {
  if (path.starts_with('/')) return std::unexpected(kEscape);
  ScratchInode* directory = &start;
  // What is left of the paths around the symbolic links that the walk is in; none of them is empty.
  std::array<std::string_view, kMaxLinks> outer;
  std::size_t depth = 0;
  std::string_view rest = path;
  while (true) {
    if (stop_ != nullptr && stop_->stopped()) return std::unexpected(Errno::kIntr);
    const std::size_t before = rest.size();
    const std::string_view name = take_component(rest);
    const Last kind = kind_of(name);
    if (kind == Last::kDotDot && directory == top_) return std::unexpected(kEscape);
    if (rest.empty() && depth == 0) {
      return ScratchPlace{
          .directory = directory, .last = kind, .name = name, .slash = name.size() != before};
    }
    if (kind == Last::kDotDot) directory = directory->folder()->parent;
    if (kind == Last::kName) {
      const Answer<ScratchInode*> next = at({.directory = directory, .name = name});
      if (!next) return std::unexpected(next.error());
      if (const ScratchTarget* target = (*next)->target()) {
        const Errno error = count_link();
        if (error != Errno::kSuccess) return std::unexpected(error);
        if (target->text.starts_with('/')) return std::unexpected(kEscape);
        if (!rest.empty()) outer[depth++] = rest;
        rest = target->text;
        continue;
      }
      if ((*next)->folder() == nullptr) return std::unexpected(Errno::kNotdir);
      directory = *next;
    }
    if (rest.empty()) rest = outer[--depth];
  }
}

}  // namespace mimobox::wasi
