#ifndef MIMOBOX_WASI_HOST_DIRECTORY_H_
#define MIMOBOX_WASI_HOST_DIRECTORY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "base/unique_fd.h"
#include "wasi/directory_reader.h"
#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/host_access.h"
#include "wasi/host_file.h"
#include "wasi/host_mount.h"
#include "wasi/path_resolver.h"
#include "wasi/sorted_listing.h"

namespace mimobox::wasi {

class HostDirectory;
using OpenedHostNode = std::variant<HostFile, HostDirectory>;

/// An open directory of a host mount: its root, whose descriptor the mount keeps, or one below it.
///
/// Every path is resolved from here by path_resolver.h and cannot leave. On a read-only mount
/// everything that would change anything is kPerm, as wasmtime answers. Errors of paths are those
/// of path_resolver.h; beyond them each function has those of its system call.
class HostDirectory {
 public:
  /// The root of a mount. Both are borrowed for the directory's life.
  HostDirectory(const HostMount& mount, HostAccess& access)
      : fd_(mount.folder()), mount_(&mount), access_(&access) {}

  /// Opens a regular file or a directory. kLoop: a link at the end that is not followed. kNotsup: a
  /// FIFO, device or socket, which is neither opened nor waited for; guests cannot move one to
  /// where another guest has just looked, either. kDquot: a limit.
  [[nodiscard]] Answer<OpenedHostNode> open(std::string_view path, const OpenOptions& options);

  [[nodiscard]] Answer<Filestat> stat(std::string_view path, bool follow) const;
  [[nodiscard]] Errno set_times(std::string_view path, bool follow,
                                const TimesChange& change) const;
  /// Copies as much of a link's target as the buffer takes. kInval: no link. kPerm: the target is
  /// an absolute path, which tells about the host.
  [[nodiscard]] Answer<std::size_t> readlink(std::string_view path,
                                             std::span<std::byte> buffer) const;

  [[nodiscard]] Errno create_directory(std::string_view path) const;
  [[nodiscard]] Errno remove_directory(std::string_view path) const;
  [[nodiscard]] Errno unlink_file(std::string_view path) const;
  /// kPerm: the target is an absolute path, as wasmtime answers: programs of the host would follow
  /// it.
  [[nodiscard]] Errno symlink(std::string_view target, std::string_view path) const;
  /// Never follows a link at the end of either path. kNotsup: a FIFO, device or socket.
  [[nodiscard]] static Errno link(HostDirectory& old_dir, std::string_view old_path,
                                  HostDirectory& new_dir, std::string_view new_path);
  [[nodiscard]] static Errno rename(HostDirectory& old_dir, std::string_view old_path,
                                    HostDirectory& new_dir, std::string_view new_path);

  [[nodiscard]] Answer<Filestat> stat() const;
  [[nodiscard]] Errno set_times(const TimesChange& change) const;
  [[nodiscard]] Errno sync() const;

  /// Gives each entry from `cookie` on to `sink(const DirectoryEntry&)` until that returns false,
  /// whose entry counts as not given, or the end is met.
  template <class Sink>
  [[nodiscard]] Errno list(std::uint64_t cookie, Sink sink);

 private:
  HostDirectory(base::UniqueFd fd, const HostMount& mount, HostAccess& access)
      : owned_(std::move(fd)), fd_(owned_.get()), mount_(&mount), access_(&access) {}

  [[nodiscard]] ResolveBase base() const {
    ResolveBase base = base_alone();
    base.parents = &access_->parents();
    return base;
  }
  /// Without kept directories, which are borrowed until the next path only.
  [[nodiscard]] ResolveBase base_alone() const {
    ResolveBase base = mount_->base_at(fd_);
    base.stop = &access_->stop();
    return base;
  }
  /// What the look at a name, before it is opened, has shown.
  enum class Seen : std::uint8_t { kNothing, kFile, kFileElsewhere, kDirectory, kLink };
  /// Refuses what these options cannot open; kNotsup: a FIFO, device or socket.
  [[nodiscard]] Answer<Seen> look_at(const ParentDirectory& place,
                                     const OpenOptions& options) const;
  /// kAgain: it is not there any more, or is there already.
  [[nodiscard]] Answer<OpenedHostNode> open_as_seen(Seen seen, const ParentDirectory& place,
                                                    const OpenOptions& options);
  [[nodiscard]] Answer<OpenedHostNode> create_file(const ParentDirectory& place,
                                                   const OpenOptions& options);
  /// Opens a path that says that it leads to a directory.
  [[nodiscard]] Answer<OpenedHostNode> open_directory(std::string_view path,
                                                      const OpenOptions& options);
  [[nodiscard]] Answer<OpenedHostNode> open_any(std::string_view path, const OpenOptions& options);
  [[nodiscard]] Answer<OpenedHostNode> admit_opened(base::UniqueFd fd, const OpenOptions& options);
  [[nodiscard]] Answer<DirectoryReader*> reader();
  /// The listing of a deterministic run, read anew for cookie 0.
  [[nodiscard]] Answer<const SortedListing*> sorted(std::uint64_t cookie);
  [[nodiscard]] Errno read_sorted(SortedListing& listing);

  base::UniqueFd owned_;  ///< empty for the root
  int fd_;
  const HostMount* mount_;
  HostAccess* access_;
  /// Made when the directory is first listed; borrows `owned_` and so costs no further descriptor,
  /// but for the root.
  std::unique_ptr<DirectoryReader> reader_;
  std::unique_ptr<SortedListing> sorted_;  ///< the same of a deterministic run
};

template <class Sink>
Errno HostDirectory::list(std::uint64_t cookie, Sink sink) {
  if (access_->virtual_files() != nullptr) {
    const Answer<const SortedListing*> listing = sorted(cookie);
    if (!listing) return listing.error();
    (*listing)->give(cookie, sink);
    return Errno::kSuccess;
  }
  const Answer<DirectoryReader*> entries = reader();
  if (!entries) return entries.error();
  DirectoryReader& from = **entries;
  if (const Errno failed = from.seek(cookie); failed != Errno::kSuccess) return failed;
  while (true) {
    const Answer<std::optional<DirectoryEntry>> entry = from.peek();
    if (!entry) return entry.error();
    if (!*entry || !sink(**entry)) return Errno::kSuccess;
    from.advance();
  }
}

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_HOST_DIRECTORY_H_
