#include "wasi/single_file_directory.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <expected>
#include <utility>

#include "wasi/host_open.h"
#include "wasi/host_stat.h"
#include "wasi/path_resolver.h"
#include "wasi/path_text.h"

namespace mimobox::wasi {
namespace {

bool is_the_file(const SingleFile& file, int fd) {
  struct stat status{};
  return ::fstat(fd, &status) == 0 && status.st_dev == file.device && status.st_ino == file.inode;
}

}  // namespace

Answer<SingleFileDirectory::Node> SingleFileDirectory::find(std::string_view path) const {
  if (path.empty()) return std::unexpected(Errno::kNoent);
  if (path.starts_with('/')) return std::unexpected(kEscape);
  if (path.size() > kMaxPathBytes) return std::unexpected(Errno::kNametoolong);
  if (path.contains('\0')) return std::unexpected(Errno::kInval);
  Node node{.folder = true};
  // Each turn takes one name; a slash at the end leaves an empty one, which is like ".".
  for (bool more = true; more;) {
    const std::size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    more = slash != std::string_view::npos;
    if (more) path.remove_prefix(slash + 1);
    if (node.file != nullptr) return std::unexpected(Errno::kNotdir);
    if (!node.folder) return std::unexpected(Errno::kNoent);
    if (name.empty() || name == ".") continue;
    if (name == "..") return std::unexpected(kEscape);
    node = {.file = find_file(name)};
  }
  return node;
}

const HostMount* SingleFileDirectory::find_file(std::string_view name) const {
  if (mount_->single_file()->guest_name == name) return mount_;
  const auto found = std::ranges::find(mount_->joined(), name, [](const HostMount& mount) {
    return std::string_view(mount.single_file()->guest_name);
  });
  return found == mount_->joined().end() ? nullptr : &*found;
}

bool SingleFileDirectory::read_only() const {
  return mount_->read_only() && std::ranges::all_of(mount_->joined(), &HostMount::read_only);
}

Answer<HostFile> SingleFileDirectory::open_file(const HostMount& mount,
                                                const OpenOptions& options) const {
  // The look before the opening tells that it is the file, so no device and no FIFO.
  const Answer<Filestat> found = file_stat(mount);
  if (!found) return std::unexpected(found.error());
  OpenOptions existing = options;
  existing.follow = existing.create = existing.exclusive = false;
  Answer<base::UniqueFd> fd = open_beneath(mount.base_at(mount.folder()),
                                           mount.single_file()->host_name, open_flags(existing));
  if (!fd) return std::unexpected(fd.error());
  if (!is_the_file(*mount.single_file(), fd->get())) return std::unexpected(Errno::kNoent);
  Answer<HostFile> file = to_host_file(std::move(*fd), existing, mount.read_only(), *access_);
  if (!file) return file;
  if (const Errno no = file->meet(options.truncate); no != Errno::kSuccess) {
    return std::unexpected(no);
  }
  return file;
}

Answer<OpenedSingleFileNode> SingleFileDirectory::open(std::string_view path,
                                                       const OpenOptions& options) {
  if (options.directory && (options.create || options.exclusive || options.truncate)) {
    return std::unexpected(Errno::kInval);
  }
  const bool writes = options.create || needs_writing(options);
  if (writes && read_only()) return std::unexpected(Errno::kPerm);
  const Answer<Node> node = find(path);
  if (!node) return std::unexpected(node.error());
  if (!node->folder && node->file == nullptr) {
    return std::unexpected(options.create ? Errno::kPerm : Errno::kNoent);
  }
  if (options.create && options.exclusive) return std::unexpected(Errno::kExist);
  if (node->folder) {
    if (writes) return std::unexpected(Errno::kIsdir);
    return SingleFileDirectory(*mount_, *access_);
  }
  if (writes && node->file->read_only()) return std::unexpected(Errno::kPerm);
  if (options.directory) return std::unexpected(Errno::kNotdir);
  Answer<HostFile> file = open_file(*node->file, options);
  if (!file) return std::unexpected(file.error());
  return std::move(*file);
}

Answer<Filestat> SingleFileDirectory::file_stat(const HostMount& mount) const {
  const SingleFile& file = *mount.single_file();
  const Answer<struct stat> status =
      stat_beneath(mount.base_at(mount.folder()), file.host_name, /*follow=*/false);
  if (!status) return std::unexpected(status.error());
  const bool same = status->st_dev == file.device && status->st_ino == file.inode;
  if (!same) return std::unexpected(Errno::kNoent);
  return access_->filestat(*status);
}

Answer<Filestat> SingleFileDirectory::stat(std::string_view path, bool /*follow*/) const {
  const Answer<Node> node = find(path);
  if (!node) return std::unexpected(node.error());
  if (node->folder) return stat();
  if (node->file == nullptr) return std::unexpected(Errno::kNoent);
  return file_stat(*node->file);
}

Errno SingleFileDirectory::set_times(std::string_view path, bool /*follow*/,
                                     const TimesChange& change) const {
  if (read_only()) return Errno::kPerm;
  const Answer<Node> node = find(path);
  if (!node) return node.error();
  if (node->folder) return Errno::kPerm;
  if (node->file == nullptr) return Errno::kNoent;
  if (node->file->read_only()) return Errno::kPerm;
  // On the descriptor that the mount holds: the very file, whatever has its name.
  const SingleFile& file = *node->file->single_file();
  const Errno set = set_times_of(file.file.get(), change);
  VirtualFiles* const files = access_->virtual_files();
  const auto met =
      set == Errno::kSuccess && files != nullptr ? files->find(file.device, file.inode) : nullptr;
  if (met) files->note_times(*met, change);
  return set;
}

Answer<std::size_t> SingleFileDirectory::readlink(std::string_view path,
                                                  std::span<std::byte> /*buffer*/) const {
  const Answer<Node> node = find(path);
  if (!node) return std::unexpected(node.error());
  const bool is_there = node->folder || node->file != nullptr;
  return std::unexpected(is_there ? Errno::kInval : Errno::kNoent);
}

Errno SingleFileDirectory::refuse_change(std::string_view path) const {
  const Answer<Node> node = find(path);
  return node ? Errno::kPerm : node.error();
}

Errno SingleFileDirectory::create_directory(std::string_view path) const {
  return refuse_change(path);
}

Errno SingleFileDirectory::remove_directory(std::string_view path) const {
  return refuse_change(path);
}

Errno SingleFileDirectory::unlink_file(std::string_view path) const {
  return refuse_change(path);
}

Errno SingleFileDirectory::symlink(std::string_view /*target*/, std::string_view path) const {
  return refuse_change(path);
}

Errno SingleFileDirectory::link(SingleFileDirectory& old_dir, std::string_view old_path,
                                SingleFileDirectory& /*new_dir*/, std::string_view /*new_path*/) {
  return old_dir.refuse_change(old_path);
}

Errno SingleFileDirectory::rename(SingleFileDirectory& old_dir, std::string_view old_path,
                                  SingleFileDirectory& /*new_dir*/, std::string_view /*new_path*/) {
  return old_dir.refuse_change(old_path);
}

std::uint64_t SingleFileDirectory::folder_inode() const {
  const SingleFile& file = *mount_->single_file();
  // A number that no file of the device has.
  return access_->guest_inode(file.device, ~file.inode);
}

Answer<Filestat> SingleFileDirectory::stat() const {
  struct stat status{};
  if (::fstat(mount_->single_file()->file.get(), &status) != 0) {
    return std::unexpected(from_host_errno(errno));
  }
  const Answer<Filestat> told = access_->filestat(status);
  if (!told) return told;
  Filestat folder = *told;
  folder.inode = folder_inode();
  folder.type = Filetype::kDirectory;
  folder.links = 1;
  folder.size = 0;
  return folder;
}

Errno SingleFileDirectory::set_times(const TimesChange& /*change*/) const {
  return Errno::kPerm;
}

Errno SingleFileDirectory::sync() const {
  return Errno::kSuccess;
}

DirectoryEntry SingleFileDirectory::entry(std::uint64_t index) const {
  if (index < 2) {
    return {.next = index + 1,
            .inode = folder_inode(),
            .type = Filetype::kDirectory,
            .name = index == 0 ? "." : ".."};
  }
  const HostMount& mount = index == 2 ? *mount_ : mount_->joined()[index - 3];
  const SingleFile& file = *mount.single_file();
  return {.next = index + 1,
          .inode = access_->guest_inode(file.device, file.inode),
          .type = Filetype::kRegularFile,
          .name = file.guest_name};
}

}  // namespace mimobox::wasi
