#include "wasi/host_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <expected>

#include "base/blocking.h"
#include "base/interrupted.h"
#include "wasi/host_open.h"
#include "wasi/host_stat.h"
#include "wasi/path_resolver.h"
#include "wasi/path_text.h"

// Opening and looking. What changes names is in host_directory_names.cc.

namespace mimobox::wasi {
namespace {

/// Less the host's umask, as for any program of it.
constexpr mode_t kFileMode = 0666;
/// How often an opening starts again because others make and remove the file meanwhile.
constexpr int kMaxAttempts = 32;

}  // namespace

Answer<bool> HostDirectory::may_open(std::string_view path, const OpenOptions& options) const {
  const auto refuse = [](Errno errno_of_guest) { return std::unexpected(errno_of_guest); };
  const bool makes_new = options.create && options.exclusive;
  if (options.create && path.ends_with('/')) {
    // Whatever is there: a slash says directory, and files alone are made here.
    const Answer<ParentDirectory> parent = parent_beneath(base(), path);
    if (!parent) return refuse(parent.error());
    if (parent->last == LastComponent::kName) return refuse(Errno::kIsdir);
  }
  const Answer<struct stat> found = stat_beneath(base(), path, options.follow && !makes_new);
  if (!found) {
    // The two others: a link on whose way a slash is behind a file; the kernel tells when it opens.
    const bool maybe = found.error() == Errno::kNoent || found.error() == Errno::kNotdir ||
                       found.error() == Errno::kLoop;
    if (!maybe || !options.create) return refuse(found.error());
    if (const Errno no = access_->may_create(); no != Errno::kSuccess) return refuse(no);
    return true;
  }
  if (makes_new) return refuse(Errno::kExist);
  if (S_ISLNK(found->st_mode)) return refuse(options.directory ? Errno::kNotdir : Errno::kLoop);
  if (S_ISDIR(found->st_mode)) {
    if (options.create || needs_writing(options)) return refuse(Errno::kIsdir);
    return false;
  }
  if (options.directory) return refuse(Errno::kNotdir);
  if (!S_ISREG(found->st_mode)) return refuse(Errno::kNotsup);
  return false;
}

// A device acts on being opened, and there is no system call that opens what an O_PATH descriptor
// holds (procfs can, but is not there in every container, and design.md wants none). So: look
// first, refuse what is neither file nor directory, open, and look again at what was opened. Who
// swaps a FIFO in between gains nothing (O_NONBLOCK does not wait, the second look refuses); to
// swap a device in takes a privileged process of the host, aiming at its own guest.
Answer<OpenedHostNode> HostDirectory::open(std::string_view path, const OpenOptions& options) {
  if (options.directory && (options.create || options.exclusive || options.truncate)) {
    return std::unexpected(Errno::kInval);
  }
  if (mount_->read_only() && (options.create || needs_writing(options))) {
    return std::unexpected(Errno::kPerm);
  }
  if (auto opened = open_plain(path, options)) return std::move(*opened);
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    const Answer<bool> is_new = may_open(path, options);
    if (!is_new) return std::unexpected(is_new.error());
    Answer<base::UniqueFd> fd = open_as_seen(path, options, *is_new);
    // Removed meanwhile: what is made in its place counts as made.
    if (!fd && fd.error() == Errno::kNoent && options.create && !*is_new) continue;
    if (!fd) return std::unexpected(fd.error());
    if (*is_new) access_->count_created();
    return admit_opened(std::move(*fd), options);
  }
  return std::unexpected(Errno::kAgain);
}

// Most paths: one look, one opening. The look says that it is a file or a directory of the mount's
// file system; O_NOFOLLOW sees to it that the opening finds the name itself. The second look at a
// file comes with its first use (HostFile::prove), so that opening and closing costs none.
std::optional<Answer<OpenedHostNode>> HostDirectory::open_plain(std::string_view path,
                                                                const OpenOptions& options) {
  const ResolveBase from = base();
  if (from.no_xdev || (options.create && options.exclusive)) return std::nullopt;
  PathText text;
  if (text.assign(path) != Errno::kSuccess) return std::nullopt;
  const PlainPlace place = plain_place(from, text);
  if (place.fd < 0) return std::nullopt;
  struct stat seen{};
  if (::fstatat(place.fd, place.name, &seen, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno != ENOENT || options.create) return std::nullopt;
    return std::unexpected(Errno::kNoent);
  }
  const bool file = S_ISREG(seen.st_mode) && !options.directory;
  const bool directory = S_ISDIR(seen.st_mode) && !options.create && !needs_writing(options);
  if (seen.st_dev != from.device || (!file && !directory)) return std::nullopt;
  const int existing = (open_flags(options) & ~(O_CREAT | O_EXCL)) | O_NOFOLLOW | O_CLOEXEC;
  base::UniqueFd fd(base::again_if_interrupted(
      [&] { return ::openat(place.fd, place.name, existing | (directory ? O_DIRECTORY : 0)); }));
  if (!fd.valid()) return std::nullopt;
  if (directory || options.truncate) return admit_opened(std::move(fd), options);
  return to_unproven_file(std::move(fd), options, mount_->read_only(), from.device, *access_);
}

Answer<base::UniqueFd> HostDirectory::open_as_seen(std::string_view path,
                                                   const OpenOptions& options, bool is_new) const {
  const int flags = open_flags(options);
  if (is_new) return open_beneath(base(), path, flags, kFileMode);
  // What is there is mostly no link: a plain name then needs no resolution. Otherwise it is
  // resolved after all.
  const int existing = flags & ~(O_CREAT | O_EXCL);
  Answer<base::UniqueFd> fd = open_beneath(base(), path, existing | O_NOFOLLOW);
  // With O_DIRECTORY the kernel says ENOTDIR of a link.
  const bool link = !fd && (fd.error() == Errno::kLoop || fd.error() == Errno::kNotdir);
  const bool retry = link && options.follow;
  return retry ? open_beneath(base(), path, existing) : std::move(fd);
}

Answer<OpenedHostNode> HostDirectory::admit_opened(base::UniqueFd fd, const OpenOptions& options) {
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return std::unexpected(from_host_errno(errno));
  if (const Errno refused = admit(base(), fd.get(), status); refused != Errno::kSuccess) {
    return std::unexpected(refused);
  }
  if (S_ISDIR(status.st_mode)) return HostDirectory(std::move(fd), *mount_, *access_);
  if (!S_ISREG(status.st_mode)) return std::unexpected(Errno::kNotsup);
  return to_host_file(std::move(fd), options, mount_->read_only(), *access_);
}

Answer<Filestat> HostDirectory::stat(std::string_view path, bool follow) const {
  const Answer<struct stat> status = stat_beneath(base(), path, follow);
  if (!status) return std::unexpected(status.error());
  return to_filestat(*status, access_->guest_inode(status->st_dev, status->st_ino));
}

Errno HostDirectory::set_times(std::string_view path, bool follow,
                               const TimesChange& change) const {
  if (mount_->read_only()) return Errno::kPerm;
  return set_times_beneath(base(), path, follow, change);
}

Answer<std::size_t> HostDirectory::readlink(std::string_view path,
                                            std::span<std::byte> buffer) const {
  const Answer<base::UniqueFd> fd = open_beneath(base(), path, O_PATH | O_NOFOLLOW);
  if (!fd) return std::unexpected(fd.error());
  struct stat status{};
  if (::fstat(fd->get(), &status) != 0) return std::unexpected(from_host_errno(errno));
  if (const Errno refused = admit(base(), fd->get(), status); refused != Errno::kSuccess) {
    return std::unexpected(refused);
  }
  if (!S_ISLNK(status.st_mode)) return std::unexpected(Errno::kInval);
  std::array<char, kMaxPathBytes + 1> target;
  const ssize_t length = ::readlinkat(fd->get(), "", target.data(), target.size());
  if (length < 0) return std::unexpected(from_host_errno(errno));
  const std::string_view text(target.data(), static_cast<std::size_t>(length));
  if (text.starts_with('/')) return std::unexpected(kEscape);
  if (!is_utf8(text)) return std::unexpected(Errno::kIlseq);
  const std::size_t copied = std::min(text.size(), buffer.size());
  std::ranges::copy(std::as_bytes(std::span(text.substr(0, copied))), buffer.begin());
  return copied;
}

Answer<Filestat> HostDirectory::stat() const {
  struct stat status{};
  if (::fstat(fd_, &status) != 0) return std::unexpected(from_host_errno(errno));
  return to_filestat(status, access_->guest_inode(status.st_dev, status.st_ino));
}

Errno HostDirectory::set_times(const TimesChange& change) const {
  if (mount_->read_only()) return Errno::kPerm;
  return set_times_of(fd_, change);
}

Errno HostDirectory::sync() const {
  const base::BlockingScope about_to_block(access_->blocking());
  if (access_->stopped()) return Errno::kIntr;
  const int done =
      base::again_if_interrupted([&] { return ::fsync(fd_); }, [&] { return access_->stopped(); });
  return done == 0 ? Errno::kSuccess : from_host_errno(errno);
}

Answer<DirectoryReader*> HostDirectory::reader() {
  if (!reader_) {
    // Its own open file: the mount's is shared by runs, and a listing has an offset.
    base::UniqueFd fd(base::again_if_interrupted(
        [&] { return ::openat(fd_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (!fd.valid()) return std::unexpected(from_host_errno(errno));
    reader_ = std::make_unique<DirectoryReader>(std::move(fd), *access_);
  }
  return reader_.get();
}

}  // namespace mimobox::wasi
