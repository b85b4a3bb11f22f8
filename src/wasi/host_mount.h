#ifndef MIMOBOX_WASI_HOST_MOUNT_H_
#define MIMOBOX_WASI_HOST_MOUNT_H_

#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "wasi/path_resolver.h"
#include "wasi/pseudo_filesystem.h"

namespace mimobox::wasi {

struct HostMountOptions {
  /// Every call that would change anything is refused, whatever the rights say.
  bool read_only = false;
  /// Never onto another file system that is mounted below.
  bool no_xdev = false;
  /// Resolves paths without openat2 even where the kernel has it: for tests of that way.
  bool without_openat2 = false;
};

/// Why a mount could not be opened.
struct MountError {
  enum class Step : std::uint8_t {
    kGuestPath,         ///< empty, too long, with a NUL or not UTF-8
    kOpen,              ///< the host path cannot be opened
    kNotFileOrFolder,   ///< it is a device, a FIFO or a socket
    kPseudoFilesystem,  ///< procfs, sysfs, a folder of devices and their kin
  };
  Step step = Step::kOpen;
  int os_errno = 0;  ///< for kOpen
};

/// One file that stands alone in a mount, in the host's directory that holds it.
struct SingleFile {
  std::string host_name;
  std::string guest_name;
  dev_t device = 0;
  ino_t inode = 0;
  base::UniqueFd file;  ///< O_PATH: as long as it is held, no other file gets the inode's number
};

/// A folder or a single file of the host that guests are granted, opened. May serve any number of
/// runs, also at once: they only borrow its descriptor and share no offset of it. Move-only; a
/// run's host borrows it, so it outlives the runs.
///
/// Of a single file the guest gets a folder with that one entry: a mount at "/etc/motd" is the
/// folder "/etc" with the file "motd". Several that stand in one folder are put together by `join`.
class HostMount {
 public:
  /// Opens what `host_path` leads to; links in it are followed, it is the embedder's. Who opens
  /// several looks for `devtmpfs` once.
  [[nodiscard]] static std::expected<HostMount, MountError> open(
      const std::string& host_path, const std::string& guest_path, const HostMountOptions& options,
      dev_t devtmpfs = devtmpfs_device());

  /// The name of the folder as the guest sees it, byte for byte as it was given.
  [[nodiscard]] const std::string& guest_path() const { return guest_path_; }
  [[nodiscard]] bool read_only() const { return options_.read_only; }
  /// Null for a folder.
  [[nodiscard]] const SingleFile* single_file() const {
    return file_.host_name.empty() ? nullptr : &file_;
  }
  /// Takes in another mount of a single file, whose guest's folder is this one's: the guest gets
  /// one folder with both. Their guest names differ.
  void join(HostMount other) { joined_.push_back(std::move(other)); }
  /// The mounts of single files that were taken in.
  [[nodiscard]] std::span<const HostMount> joined() const { return joined_; }
  [[nodiscard]] int folder() const { return folder_.get(); }
  /// The device that it lies on.
  [[nodiscard]] dev_t device() const { return device_; }

  /// How paths resolve from a directory of this mount.
  [[nodiscard]] ResolveBase base_at(int directory_fd) const {
    return {.fd = directory_fd,
            .device = device_,
            .devtmpfs = devtmpfs_,
            .no_xdev = options_.no_xdev,
            .walk = options_.without_openat2,
            .changes_tell = changes_tell_};
  }

 private:
  HostMount() = default;

  [[nodiscard]] int open_folder(base::UniqueFd path_fd);
  [[nodiscard]] int open_single_file(const std::string& host_path, base::UniqueFd path_fd);

  base::UniqueFd folder_;
  dev_t device_ = 0;
  dev_t devtmpfs_ = 0;
  bool changes_tell_ = false;
  std::string guest_path_;
  HostMountOptions options_;
  SingleFile file_;
  std::vector<HostMount> joined_;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_HOST_MOUNT_H_
