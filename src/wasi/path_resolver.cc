#include "wasi/path_resolver.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <expected>
#include <utility>

#include "base/interrupted.h"
#include "wasi/host_stat.h"
#include "wasi/path_walk.h"
#include "wasi/pseudo_filesystem.h"

namespace mimobox::wasi {
namespace {

/// The kernel gives up (EAGAIN) when anybody on the machine renames or mounts something while it
/// resolves a "..".
constexpr int kMaxAttempts = 64;

int openat2(int directory_fd, const char* path, const open_how& how) {
  return static_cast<int>(::syscall(SYS_openat2, directory_fd, path, &how, sizeof how));
}

open_how how_of(const ResolveBase& base, int flags, mode_t mode) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.mode = (flags & O_CREAT) != 0 ? mode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  if (base.no_xdev) how.resolve |= RESOLVE_NO_XDEV;
  return how;
}

/// EXDEV is the kernel's word for a path that would lead out.
Errno resolve_error(int error) {
  return error == EXDEV ? kEscape : from_host_errno(error);
}

Errno check_form(std::string_view path) {
  if (path.empty()) return Errno::kNoent;
  return path.starts_with('/') ? kEscape : Errno::kSuccess;
}

bool is_plain_name(std::string_view path) {
  return !path.empty() && !path.contains('/') && path != "." && path != "..";
}

/// A path in two: what is before its last component, with the slash, and that component.
struct SplitPath {
  std::string_view directory;
  std::string_view name;
};

SplitPath split_last(std::string_view path) {
  const std::size_t name_at = path.rfind('/') + 1;  // 0 where there is no slash
  return {.directory = path.substr(0, name_at), .name = path.substr(name_at)};
}

/// The directory of a split path when there is nothing to resolve: it is the start, or each of its
/// names is plain and it is kept. -1: it is to be resolved the general way.
int kept_directory(const ResolveBase& base, std::string_view directory) {
  if (directory.empty()) return base.fd;
  if (base.parents == nullptr || base.no_xdev) return -1;
  directory.remove_suffix(1);
  return base.parents->find(base.fd, directory,
                            {.device = base.device, .changes_tell = base.changes_tell});
}

/// The name was found to fit.
void put_name(ParentDirectory& parent, std::string_view name) {
  *std::ranges::copy(name, parent.name.begin()).out = '\0';
}

/// utimensat() knows AT_EMPTY_PATH since Linux 5.8.
bool lacks_empty_path(int error) {
  return error == EINVAL;
}

}  // namespace

int probe_openat2(int directory_fd) {
  const open_how how = how_of({}, O_PATH | O_DIRECTORY, 0);
  const int fd = base::again_if_interrupted([&] { return openat2(directory_fd, ".", how); });
  if (base::UniqueFd(fd).valid()) return 0;
  // What filters answer to calls that they do not know, by their age. A folder without the right
  // to search is no reason to do without openat2.
  if (errno == EPERM) return ENOSYS;
  return errno == EACCES ? 0 : errno;
}

Answer<base::UniqueFd> open_beneath(const ResolveBase& base, std::string_view path, int flags,
                                    mode_t mode) {
  if (const Errno failed = check_form(path); failed != Errno::kSuccess) {
    return std::unexpected(failed);
  }
  PathText text;
  if (const Errno failed = text.assign(path); failed != Errno::kSuccess) {
    return std::unexpected(failed);
  }
  // One name that is not followed cannot lead anywhere: the plain call, which costs less, will do.
  if (is_plain_name(path) && (flags & O_NOFOLLOW) != 0 && !base.no_xdev) {
    base::UniqueFd fd(base::again_if_interrupted(
        [&] { return ::openat(base.fd, text.c_str(), flags | O_CLOEXEC, mode); }));
    if (fd.valid()) return fd;
    return std::unexpected(from_host_errno(errno));
  }
  if (base.walk) return walk_and_open(base, path, flags, mode);
  const open_how how = how_of(base, flags, mode);
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    base::UniqueFd fd(openat2(base.fd, text.c_str(), how));
    if (fd.valid()) return fd;
    // A filter that was installed after the mount was opened.
    if (errno == ENOSYS) return walk_and_open(base, path, flags, mode);
    if (errno != EAGAIN && errno != EINTR) return std::unexpected(resolve_error(errno));
    if (base.stopped()) return std::unexpected(Errno::kIntr);
  }
  // Somebody renames without a pause; a walk does not mind.
  return walk_and_open(base, path, flags, mode);
}

Answer<struct stat> stat_beneath(const ResolveBase& base, std::string_view path, bool follow) {
  struct stat status{};
  PathText text;
  if (const Errno failed = text.assign(path); failed != Errno::kSuccess) {
    return std::unexpected(failed);
  }
  // One name that is not followed cannot lead anywhere, and needs no descriptor.
  const auto [directory, name] = split_last(path);
  if (const int fd = is_plain_name(name) ? kept_directory(base, directory) : -1; fd >= 0) {
    if (::fstatat(fd, text.c_str() + directory.size(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      return std::unexpected(from_host_errno(errno));
    }
    const bool link = S_ISLNK(status.st_mode);
    if (status.st_dev == base.device && !(follow && link)) return status;
  }
  const Answer<base::UniqueFd> fd = open_beneath(base, path, follow ? O_PATH : O_PATH | O_NOFOLLOW);
  if (!fd) return std::unexpected(fd.error());
  if (::fstat(fd->get(), &status) != 0) return std::unexpected(from_host_errno(errno));
  if (const Errno refused = admit(base, fd->get(), status); refused != Errno::kSuccess) {
    return std::unexpected(refused);
  }
  return status;
}

Errno admit(const ResolveBase& base, int fd, const struct stat& status) {
  if (status.st_dev == base.device) return Errno::kSuccess;
  if (base.no_xdev) return kEscape;
  return is_on_pseudo_filesystem(fd, base.devtmpfs) ? Errno::kPerm : Errno::kSuccess;
}

Answer<ParentDirectory> parent_beneath(const ResolveBase& base, std::string_view path) {
  if (const Errno failed = check_form(path); failed != Errno::kSuccess) {
    return std::unexpected(failed);
  }
  if (path.size() > kMaxPathBytes) return std::unexpected(Errno::kNametoolong);
  if (path.contains('\0')) return std::unexpected(Errno::kInval);
  ParentDirectory parent;
  parent.trailing_slash = path.ends_with('/');
  path.remove_suffix(path.size() - (path.find_last_not_of('/') + 1));
  const auto [directory, name] = split_last(path);
  const bool dots = name == "." || name == "..";
  parent.fd = dots ? -1 : kept_directory(base, directory);
  if (parent.fd < 0) {
    Answer<base::UniqueFd> fd = open_beneath(base, dots ? path : directory, O_PATH | O_DIRECTORY);
    if (!fd) return std::unexpected(fd.error());
    struct stat status{};
    if (::fstat(fd->get(), &status) != 0) return std::unexpected(from_host_errno(errno));
    if (const Errno refused = admit(base, fd->get(), status); refused != Errno::kSuccess) {
      return std::unexpected(refused);
    }
    parent.owned = std::move(*fd);
    parent.fd = parent.owned.get();
  }
  if (dots) {
    parent.last = name == "." ? LastComponent::kDot : LastComponent::kDotDot;
    return parent;
  }
  if (name.size() > kMaxNameBytes) return std::unexpected(Errno::kNametoolong);
  put_name(parent, name);
  return parent;
}

Answer<ParentDirectory> target_beneath(const ResolveBase& base, std::string_view path,
                                       bool creating) {
  if (const Errno failed = check_form(path); failed != Errno::kSuccess) {
    return std::unexpected(failed);
  }
  // There is no call that would open the directory a followed path ends in: it is walked.
  PathWalk walk(base, creating);
  if (const Errno failed = walk.run(path, /*follow_last=*/true); failed != Errno::kSuccess) {
    return std::unexpected(failed);
  }
  ParentDirectory parent;
  parent.trailing_slash = walk.must_be_directory();
  parent.owned = walk.take_directory();
  parent.fd = parent.owned.valid() ? parent.owned.get() : base.fd;
  struct stat status{};
  if (::fstat(parent.fd, &status) != 0) return std::unexpected(from_host_errno(errno));
  if (const Errno refused = admit(base, parent.fd, status); refused != Errno::kSuccess) {
    return std::unexpected(refused);
  }
  if (walk.last() == ".") {
    parent.last = LastComponent::kDot;
  } else {
    put_name(parent, walk.last());
  }
  return parent;
}

Errno set_times_beneath(const ResolveBase& base, std::string_view path, bool follow,
                        const TimesChange& change) {
  // The form is checked by whoever resolves; the walk is the way of old kernels, which cannot set
  // times by an O_PATH descriptor either.
  if (base.walk) {
    PathText text;
    if (const Errno failed = check_form(path); failed != Errno::kSuccess) return failed;
    if (const Errno failed = text.assign(path); failed != Errno::kSuccess) return failed;
    return walk_and_set_times(base, path, follow, change);
  }
  const Answer<base::UniqueFd> fd = open_beneath(base, path, follow ? O_PATH : O_PATH | O_NOFOLLOW);
  if (!fd) return fd.error();
  struct stat status{};
  if (::fstat(fd->get(), &status) != 0) return from_host_errno(errno);
  if (const Errno refused = admit(base, fd->get(), status); refused != Errno::kSuccess) {
    return refused;
  }
  const auto times = to_timespecs(change);
  if (::utimensat(fd->get(), "", times.data(), AT_EMPTY_PATH) == 0) return Errno::kSuccess;
  if (lacks_empty_path(errno)) return walk_and_set_times(base, path, follow, change);
  return from_host_errno(errno);
}

Errno set_times_of(int fd, const TimesChange& change) {
  const auto times = to_timespecs(change);
  if (::utimensat(fd, "", times.data(), AT_EMPTY_PATH) == 0) return Errno::kSuccess;
  if (!lacks_empty_path(errno)) return from_host_errno(errno);
  return ::futimens(fd, times.data()) == 0 ? Errno::kSuccess : from_host_errno(errno);
}

}  // namespace mimobox::wasi
