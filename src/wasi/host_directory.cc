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
#include "wasi/sorted_listing.h"
#include "wasi/virtual_files.h"

// Opening and looking. What changes names is in host_directory_names.cc.

namespace mimobox::wasi {
namespace {

/// Less the host's umask, as for any program of it.
constexpr mode_t kFileMode = 0666;
/// How often an opening starts again because others make and remove the file meanwhile.
constexpr int kMaxAttempts = 32;

}  // namespace

// A device acts on being opened, and a FIFO's other end sees it; Linux has no call that opens a
// regular file only, or what an O_PATH descriptor holds (procfs can, but is not there in every
// container, and design.md wants none). So: hold the directory, look at the name, refuse what is
// neither file nor directory, open that name in that directory without following.
//
// What can be swapped in between the look and the opening? By guests no special file: they cannot
// make one, and link() and rename() refuse those that are there. The first to be moved would have
// had to be seen as something else at a name where, for all that guests can do, it already was.
// Links and directories can be; O_NOFOLLOW and O_DIRECTORY see to those. By the host anything:
// O_NONBLOCK does not wait, and what was opened is looked at before it is used (HostFile::prove).
Answer<OpenedHostNode> HostDirectory::open(std::string_view path, const OpenOptions& options) {
  Answer<OpenedHostNode> opened = open_any(path, options);
  if (access_->virtual_files() == nullptr) return opened;
  auto* const file = opened ? std::get_if<HostFile>(&*opened) : nullptr;
  if (file == nullptr) return opened;
  if (const Errno no = file->meet(options.truncate); no != Errno::kSuccess) {
    return std::unexpected(no);
  }
  return opened;
}

Answer<OpenedHostNode> HostDirectory::open_any(std::string_view path, const OpenOptions& options) {
  if (options.directory && (options.create || options.exclusive || options.truncate)) {
    return std::unexpected(Errno::kInval);
  }
  if (mount_->read_only() && (options.create || needs_writing(options))) {
    return std::unexpected(Errno::kPerm);
  }
  if (options.directory) return open_directory(path, options);
  bool follow = false;
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    const Answer<ParentDirectory> place =
        follow ? target_beneath(base(), path, options.create) : parent_beneath(base(), path);
    if (!place) return std::unexpected(place.error());
    if (place->last != LastComponent::kName || place->trailing_slash) {
      // It says directory, and files alone are made here.
      const bool exists = options.exclusive && place->last != LastComponent::kName;
      if (options.create) return std::unexpected(exists ? Errno::kExist : Errno::kIsdir);
      return open_directory(path, options);
    }
    const Answer<Seen> seen = look_at(*place, options);
    if (!seen) return std::unexpected(seen.error());
    if (*seen == Seen::kLink) {
      follow = true;
      continue;
    }
    Answer<OpenedHostNode> opened = open_as_seen(*seen, *place, options);
    if (opened || opened.error() != Errno::kAgain) return opened;
  }
  return std::unexpected(Errno::kAgain);
}

Answer<HostDirectory::Seen> HostDirectory::look_at(const ParentDirectory& place,
                                                   const OpenOptions& options) const {
  const auto refuse = [](Errno errno_of_guest) { return std::unexpected(errno_of_guest); };
  struct stat seen{};
  if (::fstatat(place.fd, place.name.data(), &seen, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT && options.create) return Seen::kNothing;
    return refuse(from_host_errno(errno));
  }
  if (options.create && options.exclusive) return refuse(Errno::kExist);
  if (S_ISLNK(seen.st_mode))
    return options.follow ? Answer<Seen>(Seen::kLink) : refuse(Errno::kLoop);
  const bool directory = S_ISDIR(seen.st_mode);
  if (directory && (options.create || needs_writing(options))) return refuse(Errno::kIsdir);
  if (!directory && !S_ISREG(seen.st_mode)) return refuse(Errno::kNotsup);
  const bool elsewhere = seen.st_dev != mount_->device();
  if (elsewhere) {
    // The files of pseudo file systems act on being opened, too.
    const Answer<base::UniqueFd> fd =
        open_beneath(mount_->base_at(place.fd), place.name.data(), O_PATH | O_NOFOLLOW);
    if (!fd) return refuse(fd.error());
    if (const Errno no = admit(base(), fd->get(), seen); no != Errno::kSuccess) return refuse(no);
  }
  if (directory) return Seen::kDirectory;
  return elsewhere ? Seen::kFileElsewhere : Seen::kFile;
}

Answer<OpenedHostNode> HostDirectory::open_as_seen(Seen seen, const ParentDirectory& place,
                                                   const OpenOptions& options) {
  if (seen == Seen::kNothing) return create_file(place, options);
  const int only = seen == Seen::kDirectory ? O_DIRECTORY : 0;
  const int flags = open_flags(options) | only | O_NOFOLLOW | O_CLOEXEC;
  base::UniqueFd fd(
      base::again_if_interrupted([&] { return ::openat(place.fd, place.name.data(), flags); }));
  if (!fd.valid()) {
    const bool swapped = errno == ENOENT || errno == ELOOP || errno == ENOTDIR;
    return std::unexpected(swapped ? Errno::kAgain : from_host_errno(errno));
  }
  // The second look at a file waits for its first use: opening and closing alone costs none.
  if (seen == Seen::kFile && !options.truncate) {
    return to_unproven_file(std::move(fd), options, mount_->read_only(), mount_->device(),
                            *access_);
  }
  return admit_opened(std::move(fd), options);
}

Answer<OpenedHostNode> HostDirectory::create_file(const ParentDirectory& place,
                                                  const OpenOptions& options) {
  if (const Errno no = access_->may_create(); no != Errno::kSuccess) return std::unexpected(no);
  // O_EXCL: what is opened is new, so it is a file, and nobody else's.
  const int flags = open_flags(options) | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  base::UniqueFd fd(base::again_if_interrupted(
      [&] { return ::openat(place.fd, place.name.data(), flags, kFileMode); }));
  if (!fd.valid()) {
    const bool retry = errno == EEXIST && !options.exclusive;
    return std::unexpected(retry ? Errno::kAgain : from_host_errno(errno));
  }
  access_->count_created();
  if (VirtualFiles* const files = access_->virtual_files(); files != nullptr) {
    files->note_made(fd.get());
    files->note_removed(place.fd, std::nullopt);  // the directory has another name in it
  }
  return HostFile(std::move(fd), file_mode(options, mount_->read_only()), *access_);
}

Answer<OpenedHostNode> HostDirectory::open_directory(std::string_view path,
                                                     const OpenOptions& options) {
  Answer<base::UniqueFd> fd = open_beneath(base(), path, open_flags(options) | O_DIRECTORY);
  if (!fd) return std::unexpected(fd.error());
  return admit_opened(std::move(*fd), options);
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
  return access_->filestat(*status);
}

Errno HostDirectory::set_times(std::string_view path, bool follow,
                               const TimesChange& change) const {
  if (mount_->read_only()) return Errno::kPerm;
  const Errno set = set_times_beneath(base(), path, follow, change);
  VirtualFiles* const files = access_->virtual_files();
  if (set != Errno::kSuccess || files == nullptr) return set;
  if (const Answer<struct stat> status = stat_beneath(base(), path, follow)) {
    files->note_times(*status, change);
  }
  return set;
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
  return access_->filestat(status);
}

Errno HostDirectory::set_times(const TimesChange& change) const {
  if (mount_->read_only()) return Errno::kPerm;
  const Errno set = set_times_of(fd_, change);
  VirtualFiles* const files = access_->virtual_files();
  struct stat status{};
  const bool noted = set == Errno::kSuccess && files != nullptr;
  if (noted && ::fstat(fd_, &status) == 0 && status.st_nlink != 0) {
    files->note_times(status, change);
  }
  return set;
}

Errno HostDirectory::sync() const {
  const base::BlockingScope about_to_block(access_->blocking());
  if (access_->stopped()) return Errno::kIntr;
  const int done =
      base::again_if_interrupted([&] { return ::fsync(fd_); }, [&] { return access_->stopped(); });
  return done == 0 ? Errno::kSuccess : from_host_errno(errno);
}

Answer<DirectoryReader*> HostDirectory::reader() {
  const auto numbers = access_->virtual_files() != nullptr ? DirectoryReader::Numbers::kHost
                                                           : DirectoryReader::Numbers::kGuest;
  if (!reader_ && owned_.valid()) {
    reader_ = std::make_unique<DirectoryReader>(fd_, base::UniqueFd(), *access_, numbers);
  }
  if (!reader_) {
    // Its own open file: the mount's is shared by runs, and a listing has an offset.
    base::UniqueFd fd(base::again_if_interrupted(
        [&] { return ::openat(fd_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (!fd.valid()) return std::unexpected(from_host_errno(errno));
    const int number = fd.get();
    reader_ = std::make_unique<DirectoryReader>(number, std::move(fd), *access_, numbers);
  }
  return reader_.get();
}

Answer<const SortedListing*> HostDirectory::sorted(std::uint64_t cookie) {
  if (sorted_ && cookie != 0) return sorted_.get();
  auto listing =
      sorted_ ? std::move(sorted_) : std::make_unique<SortedListing>(access_->listings());
  if (const Errno failed = read_sorted(*listing); failed != Errno::kSuccess) {
    return std::unexpected(failed);
  }
  sorted_ = std::move(listing);
  return sorted_.get();
}

Errno HostDirectory::read_sorted(SortedListing& listing) {
  listing.clear();
  const Answer<DirectoryReader*> entries = reader();
  if (!entries) return entries.error();
  DirectoryReader& from = **entries;
  if (const Errno failed = from.seek(0); failed != Errno::kSuccess) return failed;
  while (true) {
    const Answer<std::optional<DirectoryEntry>> entry = from.peek();
    if (!entry) return entry.error();
    if (!*entry) break;
    const Errno added = listing.add((*entry)->name, (*entry)->inode, (*entry)->type);
    if (added != Errno::kSuccess) return added;
    from.advance();
  }
  listing.sort();
  // In the order in which they are given: what the guest meets first has the lower number.
  for (SortedListing::Entry& entry : listing.entries()) {
    const auto node = access_->virtual_files()->find(from.device(), entry.inode);
    if (!node) return Errno::kNomem;
    entry.inode = node->number;
  }
  return Errno::kSuccess;
}

}  // namespace mimobox::wasi
