#include "wasi/path_walk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <expected>
#include <utility>

#include "base/interrupted.h"
#include "wasi/host_stat.h"

namespace mimobox::wasi {
namespace {

/// As many as the kernel expands in one path.
constexpr int kMaxLinks = 40;
/// How many directories one walk opens: ten times what the longest path and its links name. More
/// comes only of ".." that leads out of what is held, again and again.
constexpr int kMaxSteps = 100'000;
/// How often a walk starts again because the last component became a link under it.
constexpr int kMaxAttempts = 32;

Errno last_error() {
  return from_host_errno(errno);
}

}  // namespace

Errno PathWalk::run(std::string_view path, bool follow_last) {
  pending_ = path;
  while (true) {
    const Answer<Step> stepped = step(follow_last);
    if (!stepped) return stepped.error();
    if (*stepped == Step::kDone) return Errno::kSuccess;
  }
}

Answer<PathWalk::Step> PathWalk::step(bool follow_last) {
  if (base_.stopped()) return std::unexpected(Errno::kIntr);
  if (ends()) {
    last_ = ".";
    return Step::kDone;
  }
  const std::size_t start = pending_.find_first_not_of('/', at_);
  const std::size_t end = std::min(pending_.find('/', start), pending_.size());
  const std::string name = pending_.substr(start, end - start);
  const bool slash_follows = end < pending_.size();
  at_ = end;
  if (name.size() > kMaxNameBytes) return std::unexpected(Errno::kNametoolong);
  if (name == ".") return Step::kGoOn;
  if (name == "..") {
    if (names_.empty()) return std::unexpected(kEscape);
    const Errno left = leave();
    if (left != Errno::kSuccess) return std::unexpected(left);
    return Step::kGoOn;
  }
  if (ends()) {
    must_be_directory_ = must_be_directory_ || slash_follows;
    at_ = pending_.size();
    return step_last(name, follow_last);
  }
  const Errno entered = enter(name);
  if (entered == Errno::kSuccess) return Step::kGoOn;
  if (entered != Errno::kNotdir) return std::unexpected(entered);
  const Errno expanded = expand(name);
  if (expanded == Errno::kInval) return std::unexpected(Errno::kNotdir);
  if (expanded != Errno::kSuccess) return std::unexpected(expanded);
  return Step::kGoOn;
}

Answer<PathWalk::Step> PathWalk::step_last(const std::string& name, bool follow_last) {
  if (creating_ && must_be_directory_) return std::unexpected(Errno::kIsdir);
  // A slash behind a link follows it, whatever the flags say.
  if (follow_last || must_be_directory_) {
    const Errno expanded = expand(name);
    if (expanded == Errno::kSuccess) return Step::kGoOn;
    // No link, or nothing there: the call on the name tells.
    if (expanded != Errno::kInval && expanded != Errno::kNoent) return std::unexpected(expanded);
  }
  last_ = name;
  return Step::kDone;
}

Errno PathWalk::enter(const std::string& name) {
  const Errno failed = hold(directory(), name);
  if (failed == Errno::kSuccess) names_.push_back(name);
  return failed;
}

Errno PathWalk::hold(int from, const std::string& name) {
  if (++steps_ > kMaxSteps) return Errno::kLoop;
  base::UniqueFd fd(base::again_if_interrupted(
      [&] { return ::openat(from, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC); }));
  if (!fd.valid()) return errno == ELOOP ? Errno::kNotdir : last_error();
  if (base_.no_xdev) {
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0) return last_error();
    if (status.st_dev != base_.device) return Errno::kPerm;
  }
  if (held_.size() == kMaxHeld) held_.erase(held_.begin());
  held_.push_back(std::move(fd));
  return Errno::kSuccess;
}

Errno PathWalk::leave() {
  names_.pop_back();
  held_.pop_back();
  if (!held_.empty() || names_.empty()) return Errno::kSuccess;
  int from = base_.fd;
  for (const std::string& name : names_) {
    if (base_.stopped()) return Errno::kIntr;
    if (const Errno failed = hold(from, name); failed != Errno::kSuccess) return failed;
    from = held_.back().get();
  }
  return Errno::kSuccess;
}

base::UniqueFd PathWalk::take_directory() {
  return names_.empty() ? base::UniqueFd() : std::move(held_.back());
}

Errno PathWalk::expand(const std::string& name) {
  std::array<char, kMaxPathBytes + 1> target;
  const ssize_t length = ::readlinkat(directory(), name.c_str(), target.data(), target.size());
  if (length < 0) return last_error();
  if (++links_ > kMaxLinks) return Errno::kLoop;
  const std::string_view text(target.data(), static_cast<std::size_t>(length));
  if (text.empty()) return Errno::kNoent;
  if (text.starts_with('/')) return kEscape;
  if (text.size() > kMaxPathBytes) return Errno::kNametoolong;
  // What is pending begins with its slash, or is empty.
  pending_.replace(0, at_, text);
  at_ = 0;
  return Errno::kSuccess;
}

Answer<base::UniqueFd> walk_and_open(const ResolveBase& base, std::string_view path, int flags,
                                     mode_t mode) {
  const bool follow =
      (flags & O_NOFOLLOW) == 0 && (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    PathWalk walk(base, (flags & O_CREAT) != 0);
    if (const Errno failed = walk.run(path, follow); failed != Errno::kSuccess) {
      return std::unexpected(failed);
    }
    const int only_directory = walk.must_be_directory() ? O_DIRECTORY : 0;
    base::UniqueFd fd(base::again_if_interrupted([&] {
      return ::openat(walk.directory(), walk.last().c_str(),
                      flags | only_directory | O_NOFOLLOW | O_CLOEXEC, mode);
    }));
    if (!fd.valid()) {
      // It was no link when the walk looked.
      if (errno == ELOOP && follow) continue;
      return std::unexpected(last_error());
    }
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0) return std::unexpected(last_error());
    if (follow && S_ISLNK(status.st_mode)) continue;
    if (base.no_xdev && status.st_dev != base.device) return std::unexpected(Errno::kPerm);
    return fd;
  }
  return std::unexpected(Errno::kAgain);
}

Errno walk_and_set_times(const ResolveBase& base, std::string_view path, bool follow,
                         const TimesChange& change) {
  PathWalk walk(base);
  if (const Errno failed = walk.run(path, follow); failed != Errno::kSuccess) return failed;
  struct stat status{};
  if (::fstatat(walk.directory(), walk.last().c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return last_error();
  }
  if (walk.must_be_directory() && !S_ISDIR(status.st_mode)) return Errno::kNotdir;
  if (base.no_xdev && status.st_dev != base.device) return Errno::kPerm;
  if (status.st_dev != base.device) {
    const Answer<base::UniqueFd> fd =
        walk_and_open(base, path, follow ? O_PATH : O_PATH | O_NOFOLLOW, 0);
    if (!fd) return fd.error();
    if (const Errno refused = admit(base, fd->get(), status); refused != Errno::kSuccess) {
      return refused;
    }
  }
  const auto times = to_timespecs(change);
  return ::utimensat(walk.directory(), walk.last().c_str(), times.data(), AT_SYMLINK_NOFOLLOW) == 0
             ? Errno::kSuccess
             : last_error();
}

}  // namespace mimobox::wasi
