#include "wasi/host_mount.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

#include "base/interrupted.h"
#include "wasi/path_text.h"
#include "wasi/pseudo_filesystem.h"

namespace mimobox::wasi {
namespace {

using Step = MountError::Step;

std::unexpected<MountError> failed(Step step, int os_errno = 0) {
  return std::unexpected(MountError{step, os_errno});
}

bool is_good_guest_path(std::string_view path) {
  return !path.empty() && path.size() <= kMaxPathBytes && !path.contains('\0') && is_utf8(path);
}

/// The absolute path without links.
std::string real_path(const std::string& path) {
  struct Free {
    void operator()(char* text) const { std::free(text); }  // realpath() allocates by malloc()
  };
  const std::unique_ptr<char, Free> resolved(::realpath(path.c_str(), nullptr));
  return resolved ? std::string(resolved.get()) : std::string();
}

std::pair<std::string, std::string> split_last(std::string path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", std::move(path)};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && name != "." && name != "..";
}

}  // namespace

std::expected<HostMount, MountError> HostMount::open(const std::string& host_path,
                                                     const std::string& guest_path,
                                                     const HostMountOptions& options,
                                                     dev_t devtmpfs) {
  if (!is_good_guest_path(guest_path)) return failed(Step::kGuestPath);
  if (host_path.contains('\0')) return failed(Step::kOpen, EINVAL);
  // O_PATH: a device would be opened otherwise before it is known to be one.
  base::UniqueFd fd(
      base::again_if_interrupted([&] { return ::open(host_path.c_str(), O_PATH | O_CLOEXEC); }));
  struct stat status{};
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0) return failed(Step::kOpen, errno);
  if (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode)) return failed(Step::kNotFileOrFolder);
  HostMount mount;
  mount.devtmpfs_ = devtmpfs;
  if (is_on_pseudo_filesystem(fd.get(), mount.devtmpfs_)) return failed(Step::kPseudoFilesystem);
  mount.device_ = status.st_dev;
  mount.changes_tell_ = changes_tell_on(fd.get());
  mount.options_ = options;
  mount.guest_path_ = guest_path;
  if (S_ISREG(status.st_mode)) {
    auto [folder, name] = split_last(guest_path);
    if (!is_plain_name(name)) return failed(Step::kGuestPath);
    mount.guest_path_ = std::move(folder);
    mount.file_.guest_name = std::move(name);
    mount.file_.device = status.st_dev;
    mount.file_.inode = status.st_ino;
  }
  const int error = S_ISDIR(status.st_mode) ? mount.open_folder(std::move(fd))
                                            : mount.open_single_file(host_path, std::move(fd));
  if (error != 0) return failed(Step::kOpen, error);
  if (options.without_openat2) return mount;
  const int missing = probe_openat2(mount.folder_.get());
  if (missing != 0 && missing != ENOSYS) return failed(Step::kOpen, missing);
  mount.options_.without_openat2 = missing != 0;
  return mount;
}

int HostMount::open_folder(base::UniqueFd path_fd) {
  folder_ = base::UniqueFd(base::again_if_interrupted(
      [&] { return ::openat(path_fd.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (folder_.valid()) return 0;
  // A folder that may be entered but not listed.
  if (errno != EACCES) return errno;
  folder_ = std::move(path_fd);
  return 0;
}

int HostMount::open_single_file(const std::string& host_path, base::UniqueFd path_fd) {
  const auto [folder, name] = split_last(real_path(host_path));
  folder_ = base::UniqueFd(base::again_if_interrupted(
      [&] { return ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC); }));
  if (!folder_.valid()) return errno;
  struct stat status{};
  if (::fstatat(folder_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return errno;
  // Somebody else was faster between the two looks.
  if (status.st_dev != file_.device || status.st_ino != file_.inode) return ESTALE;
  file_.host_name = name;
  file_.file = std::move(path_fd);
  return 0;
}

}  // namespace mimobox::wasi
