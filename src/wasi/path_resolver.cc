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

/// The kernel gives up (EAGAIN) when something is renamed while it resolves a "..".
constexpr int kMaxAttempts = 256;

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

/// utimensat() knows AT_EMPTY_PATH since Linux 5.8.
bool lacks_empty_path(int error) {
  return error == EINVAL;
}

}  // namespace

PlainPlace plain_place(const ResolveBase& base, const PathText& path) {
  const std::string_view text = path.view();
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    if (!is_plain_name(text)) return {};
    return {.fd = base.fd, .name = path.c_str()};
  }
  const std::string_view first = text.substr(0, slash);
  const std::string_view last = text.substr(slash + 1);
  if (base.parents == nullptr || !is_plain_name(first) || !is_plain_name(last)) return {};
  return {.fd = base.parents->find(base.fd, first, base.device), .name = path.c_str() + slash + 1};
}

bool has_openat2(int directory_fd) {
  const open_how how = how_of({}, O_PATH | O_DIRECTORY, 0);
  return base::UniqueFd(openat2(directory_fd, ".", how)).valid();
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
  }
  return std::unexpected(Errno::kAgain);
}

Answer<struct stat> stat_beneath(const ResolveBase& base, std::string_view path, bool follow) {
  struct stat status{};
  PathText text;
  if (const Errno failed = text.assign(path); failed != Errno::kSuccess) {
    return std::unexpected(failed);
  }
  // One name that is not followed cannot lead anywhere, and needs no descriptor.
  if (const PlainPlace place = plain_place(base, text); place.fd >= 0) {
    if (::fstatat(place.fd, place.name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
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
  return is_on_pseudo_filesystem(fd) ? Errno::kPerm : Errno::kSuccess;
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
  const std::size_t slash = path.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);

  const bool dots = name == "." || name == "..";
  const std::string_view directory = dots ? path : path.substr(0, path.size() - name.size());
  parent.fd = base.fd;
  if (!directory.empty()) {
    Answer<base::UniqueFd> fd = open_beneath(base, directory, O_PATH | O_DIRECTORY);
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
  std::ranges::copy(name, parent.name.begin());
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
