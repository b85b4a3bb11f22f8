#ifndef MIMOBOX_WASI_SINGLE_FILE_DIRECTORY_H_
#define MIMOBOX_WASI_SINGLE_FILE_DIRECTORY_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/host_access.h"
#include "wasi/host_file.h"
#include "wasi/host_mount.h"

namespace mimobox::wasi {

class SingleFileDirectory;
using OpenedSingleFileNode = std::variant<HostFile, SingleFileDirectory>;

/// The folder that a guest sees of mounts of single files: it holds those files and nothing else,
/// and never changes. Paths are compared here with those that exist; the host is only asked for a
/// file, by its name and inode, so that a file which takes its name meanwhile (by a rename through
/// another mount) is not it.
class SingleFileDirectory {
 public:
  /// `mount` has a single_file(), and joined() those that stand beside it. Both are borrowed for
  /// the directory's life.
  SingleFileDirectory(const HostMount& mount, HostAccess& access)
      : mount_(&mount), access_(&access) {}

  [[nodiscard]] Answer<OpenedSingleFileNode> open(std::string_view path,
                                                  const OpenOptions& options);
  [[nodiscard]] Answer<Filestat> stat(std::string_view path, bool follow) const;
  [[nodiscard]] Errno set_times(std::string_view path, bool follow,
                                const TimesChange& change) const;
  [[nodiscard]] Answer<std::size_t> readlink(std::string_view path,
                                             std::span<std::byte> buffer) const;

  // No name can be made, removed or moved: kPerm, or what the path alone answers.
  [[nodiscard]] Errno create_directory(std::string_view path) const;
  [[nodiscard]] Errno remove_directory(std::string_view path) const;
  [[nodiscard]] Errno unlink_file(std::string_view path) const;
  [[nodiscard]] Errno symlink(std::string_view target, std::string_view path) const;
  [[nodiscard]] static Errno link(SingleFileDirectory& old_dir, std::string_view old_path,
                                  SingleFileDirectory& new_dir, std::string_view new_path);
  [[nodiscard]] static Errno rename(SingleFileDirectory& old_dir, std::string_view old_path,
                                    SingleFileDirectory& new_dir, std::string_view new_path);

  /// A folder without a size, with the times of its first file.
  [[nodiscard]] Answer<Filestat> stat() const;
  [[nodiscard]] Errno set_times(const TimesChange& change) const;
  [[nodiscard]] Errno sync() const;

  template <class Sink>
  [[nodiscard]] Errno list(std::uint64_t cookie, Sink sink);

 private:
  /// What a path leads to: the folder, one of the files, or nothing.
  struct Node {
    bool folder = false;
    const HostMount* file = nullptr;
  };

  [[nodiscard]] Answer<Node> find(std::string_view path) const;
  /// The mount of the file of this name in the folder; null: there is none.
  [[nodiscard]] const HostMount* find_file(std::string_view name) const;
  /// Whether no file may be changed.
  [[nodiscard]] bool read_only() const;
  [[nodiscard]] Errno refuse_change(std::string_view path) const;
  [[nodiscard]] Answer<Filestat> file_stat(const HostMount& mount) const;
  [[nodiscard]] Answer<HostFile> open_file(const HostMount& mount,
                                           const OpenOptions& options) const;
  /// Entry 0, 1, 2 and so on: ".", ".." and the files in the order of their names.
  [[nodiscard]] DirectoryEntry entry(std::uint64_t index) const;
  [[nodiscard]] std::uint64_t folder_inode() const;

  const HostMount* mount_;
  HostAccess* access_;
};

template <class Sink>
Errno SingleFileDirectory::list(std::uint64_t cookie, Sink sink) {
  const std::uint64_t entries = 3 + mount_->joined().size();
  for (std::uint64_t index = cookie; index < entries; ++index) {
    if (!sink(entry(index))) break;
  }
  return Errno::kSuccess;
}

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_SINGLE_FILE_DIRECTORY_H_
