#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/scratch_content.h"
#include "wasi/scratch_directory.h"
#include "wasi/scratch_file.h"
#include "wasi/scratch_inode.h"
#include "wasi/scratch_tree.h"
#include "wasi/scratch_walk.h"

// What an embedder does with a tree before and after a run.

namespace mimobox::wasi {

Errno ScratchTree::add_directory(std::string_view path) {
  ScratchDirectory top = ScratchDirectory::root(*this);
  for (std::size_t end = 0; end < path.size();) {
    end = std::min(path.find('/', end + 1), path.size());
    const Errno error = top.create_directory(path.substr(0, end));
    if (error != Errno::kSuccess && error != Errno::kExist) return error;
  }
  const Answer<Filestat> stat = top.stat(path, true);
  if (!stat) return stat.error();
  return stat->type == Filetype::kDirectory ? Errno::kSuccess : Errno::kNotdir;
}

Errno ScratchTree::add_file(std::string_view path, std::span<const std::byte> bytes) {
  const std::size_t slash = path.rfind('/');
  if (slash != std::string_view::npos && slash > 0) {
    const Errno error = add_directory(path.substr(0, slash));
    if (error != Errno::kSuccess) return error;
  }
  ScratchDirectory top = ScratchDirectory::root(*this);
  const auto opened =
      top.open(path, {.create = true, .exclusive = true, .write = true, .flags = {}});
  if (!opened) return opened.error();
  ScratchContent& content = *ScratchWalk(root()).whole(path, false).value()->content();
  const Answer<std::size_t> written = content.write(0, bytes);
  if (written && *written == bytes.size()) return Errno::kSuccess;
  (void)top.unlink_file(path);
  if (!written) return written.error();
  return bytes.size() > quota_.limits().file_bytes ? Errno::kFbig : Errno::kDquot;
}

void ScratchTree::for_each(const std::function<bool(const ScratchItem&)>& visit) const {
  // A level for each directory that the walk is in: where it goes on, and how long its path is.
  struct Level {
    const ScratchFolder* folder;
    std::uint64_t cookie;
    std::size_t path_size;
  };
  std::vector<Level> levels{{std::get_if<ScratchFolder>(&inodes_.front().body), 0, 0}};
  std::string path;
  while (!levels.empty()) {
    Level& level = levels.back();
    path.resize(level.path_size);
    const ScratchInode* inode = nullptr;
    level.folder->names.for_each(level.cookie,
                                 [&](std::string_view name, const ScratchNames::Entry& entry) {
                                   if (!path.empty()) path += '/';
                                   path += name;
                                   inode = entry.inode;
                                   level.cookie = entry.cookie + 1;
                                   return false;
                                 });
    if (inode == nullptr) {
      levels.pop_back();
      continue;
    }
    const ScratchTarget* target = inode->target();
    const ScratchItem item{.path = path,
                           .stat = stat(*inode),
                           .target = target == nullptr ? std::string_view() : target->text,
                           .content = std::get_if<ScratchContent>(&inode->body)};
    if (!visit(item)) return;
    if (const auto* folder = std::get_if<ScratchFolder>(&inode->body))
      levels.push_back({folder, 0, path.size()});
  }
}

}  // namespace mimobox::wasi
