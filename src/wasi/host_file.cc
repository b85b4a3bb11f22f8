#include "wasi/host_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <expected>
#include <limits>

#include "base/blocking.h"
#include "base/interrupted.h"
#include "base/plain_io.h"
#include "wasi/host_stat.h"
#include "wasi/path_resolver.h"

namespace mimobox::wasi {
namespace {

/// The most that one system call moves: between two the stop flag is looked at.
constexpr std::uint64_t kPieceBytes = 8U << 20;
constexpr std::uint64_t kMaxOffset = std::numeric_limits<std::int64_t>::max();

Errno last_error() {
  return from_host_errno(errno);
}

std::uint64_t bytes_of(std::span<const iovec> buffers) {
  std::uint64_t bytes = 0;
  for (const iovec& buffer : buffers)
    bytes += buffer.iov_len;
  return bytes;
}

/// Moves up to `limit` bytes with `call(buffers, already moved)`, one system call each. One call
/// serves all buffers when they are small, which is nearly always.
template <class Call>
Moved move_all(std::span<const iovec> buffers, std::uint64_t limit, const HostAccess& access,
               Call call) {
  const std::uint64_t wanted = bytes_of(buffers);
  std::uint64_t moved = 0;
  if (wanted <= std::min(limit, kPieceBytes)) {
    const ssize_t got = base::again_if_interrupted([&] { return call(buffers, moved); },
                                                   [&] { return access.stopped(); });
    if (got < 0) return std::unexpected(last_error());
    moved = static_cast<std::uint64_t>(got);
    if (moved == wanted || moved == 0) return moved;
  }
  // What is left, or all of a large transfer: a buffer at a time, in pieces.
  std::uint64_t skip = moved;
  for (const iovec& buffer : buffers) {
    std::uint64_t done = std::min<std::uint64_t>(skip, buffer.iov_len);
    skip -= done;
    while (done < buffer.iov_len && moved < limit) {
      if (access.stopped()) return moved == 0 ? Moved(std::unexpected(Errno::kIntr)) : moved;
      const iovec piece{.iov_base = static_cast<std::byte*>(buffer.iov_base) + done,
                        .iov_len = std::min({buffer.iov_len - done, kPieceBytes, limit - moved})};
      const ssize_t got = call(std::span(&piece, 1), moved);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && moved == 0) return std::unexpected(last_error());
      if (got <= 0) return moved;
      done += static_cast<std::uint64_t>(got);
      moved += static_cast<std::uint64_t>(got);
    }
  }
  return moved;
}

off_t to_off_t(std::uint64_t offset) {
  return static_cast<off_t>(offset);
}

/// preadv(), or pread() for one buffer, which is nearly always and costs the kernel less.
ssize_t read_at(int fd, std::span<const iovec> to, std::uint64_t offset) {
  if (to.size() == 1) {
    return base::plain_pread(fd, to[0].iov_base, to[0].iov_len, to_off_t(offset));
  }
  return ::preadv(fd, to.data(), static_cast<int>(to.size()), to_off_t(offset));
}

ssize_t write_at(int fd, std::span<const iovec> from, std::uint64_t offset) {
  if (from.size() == 1) {
    return base::plain_pwrite(fd, from[0].iov_base, from[0].iov_len, to_off_t(offset));
  }
  return ::pwritev(fd, from.data(), static_cast<int>(from.size()), to_off_t(offset));
}

int to_host(Advice advice) {
  switch (advice) {
    case Advice::kNormal:
      return POSIX_FADV_NORMAL;
    case Advice::kSequential:
      return POSIX_FADV_SEQUENTIAL;
    case Advice::kRandom:
      return POSIX_FADV_RANDOM;
    case Advice::kWillneed:
      return POSIX_FADV_WILLNEED;
    case Advice::kDontneed:
      return POSIX_FADV_DONTNEED;
    case Advice::kNoreuse:
      return POSIX_FADV_NOREUSE;
  }
  return POSIX_FADV_NORMAL;
}

}  // namespace

Errno HostFile::meet(bool truncated) {
  VirtualFiles* const files = access_->virtual_files();
  if (files == nullptr) return Errno::kSuccess;
  const Answer<struct stat> now = status();
  if (!now) return now.error();
  node_ = files->find(now->st_dev, now->st_ino);
  if (!node_) return Errno::kNomem;
  if (truncated) note_change();
  return Errno::kSuccess;
}

Moved HostFile::read(std::span<const iovec> buffers) {
  const Moved moved = pread(buffers, position_);
  if (moved) position_ += *moved;
  return moved;
}

Moved HostFile::pread(std::span<const iovec> buffers, std::uint64_t offset) const {
  if (offset > kMaxOffset) return std::unexpected(Errno::kInval);
  if (const Errno no = prove(); no != Errno::kSuccess) return std::unexpected(no);
  // Nothing is beyond the last offset, and the kernel refuses a count that would pass it.
  return move_all(buffers, kMaxOffset - offset, *access_,
                  [&](std::span<const iovec> to, std::uint64_t done) {
                    return read_at(fd_.get(), to, offset + done);
                  });
}

Moved HostFile::write(std::span<const iovec> buffers) {
  if (mode_.flags.append) return append(buffers);
  const Moved moved = pwrite(buffers, position_);
  if (moved) position_ += *moved;
  return moved;
}

Moved HostFile::pwrite(std::span<const iovec> buffers, std::uint64_t offset) {
  if (offset > kMaxOffset) return std::unexpected(Errno::kInval);
  const std::uint64_t wanted = bytes_of(buffers);
  if (wanted == 0) return 0;
  if (const Errno no = prove(); no != Errno::kSuccess) return std::unexpected(no);
  if (offset == kMaxOffset) return std::unexpected(Errno::kFbig);
  const Answer<std::uint64_t> allowed =
      access_->writable_at(offset, std::min(wanted, kMaxOffset - offset));
  if (!allowed) return std::unexpected(allowed.error());
  const Moved moved =
      move_all(buffers, *allowed, *access_, [&](std::span<const iovec> from, std::uint64_t done) {
        return write_at(fd_.get(), from, offset + done);
      });
  if (!moved) return moved;
  access_->count_written(*moved);
  note_change();
  return moved;
}

Moved HostFile::append(std::span<const iovec> buffers) {
  const std::uint64_t wanted = bytes_of(buffers);
  if (wanted == 0) return 0;
  const Answer<std::uint64_t> end = size();
  if (!end) return std::unexpected(end.error());
  const Answer<std::uint64_t> allowed = access_->writable_at(*end, wanted);
  if (!allowed) return std::unexpected(allowed.error());
  // The kernel appends, whoever else writes to the file; it leaves the new end in its own offset.
  const Moved moved =
      move_all(buffers, *allowed, *access_, [&](std::span<const iovec> from, std::uint64_t) {
        return ::pwritev2(fd_.get(), from.data(), static_cast<int>(from.size()), -1, RWF_APPEND);
      });
  if (!moved) return moved;
  access_->count_written(*moved);
  note_change();
  const off_t now = ::lseek(fd_.get(), 0, SEEK_CUR);
  position_ = now < 0 ? *end + *moved : static_cast<std::uint64_t>(now);
  return moved;
}

Answer<std::uint64_t> HostFile::seek(std::int64_t offset, Whence whence) {
  std::uint64_t start = 0;
  if (whence == Whence::kCurrent) start = position_;
  if (whence == Whence::kEnd) {
    const Answer<std::uint64_t> end = size();
    if (!end) return end;
    start = *end;
  }
  // Both are at most 2^63-1, so the sum as u64 tells: a negative result is above.
  const std::uint64_t target = start + static_cast<std::uint64_t>(offset);
  if (target > kMaxOffset) return std::unexpected(Errno::kInval);
  position_ = target;
  return target;
}

Answer<struct stat> HostFile::status() const {
  struct stat status{};
  if (::fstat(fd_.get(), &status) != 0) return std::unexpected(last_error());
  if (mode_.unproven_on) {
    const bool good = S_ISREG(status.st_mode) && status.st_dev == *mode_.unproven_on;
    if (!good) return std::unexpected(Errno::kNotsup);
    mode_.unproven_on.reset();
  }
  return status;
}

Answer<std::uint64_t> HostFile::size() const {
  const Answer<struct stat> now = status();
  if (!now) return std::unexpected(now.error());
  return static_cast<std::uint64_t>(now->st_size);
}

Answer<Filestat> HostFile::stat() const {
  const Answer<struct stat> now = status();
  if (!now) return std::unexpected(now.error());
  return node_ ? VirtualFiles::filestat(*now, *node_) : access_->filestat(*now);
}

Errno HostFile::set_size(std::uint64_t new_size) {
  if (!mode_.writable || new_size > kMaxOffset) return Errno::kInval;
  const Answer<std::uint64_t> old_size = size();
  if (!old_size) return old_size.error();
  if (new_size > *old_size) {
    if (const Errno refused = access_->may_grow_to(new_size); refused != Errno::kSuccess) {
      return refused;
    }
  }
  const int done =
      base::again_if_interrupted([&] { return ::ftruncate(fd_.get(), to_off_t(new_size)); });
  if (done != 0) return last_error();
  note_change();
  return Errno::kSuccess;
}

Errno HostFile::allocate(std::uint64_t offset, std::uint64_t length) {
  if (length == 0 || offset > kMaxOffset) return Errno::kInval;
  if (!mode_.writable) return Errno::kBadf;
  if (length > kMaxOffset - offset) return Errno::kFbig;
  const Answer<std::uint64_t> old_size = size();
  if (!old_size) return old_size.error();
  if (offset + length > *old_size) {
    const Errno refused = access_->may_grow_to(offset + length);
    if (refused != Errno::kSuccess) return refused;
  }
  if (const Errno refused = access_->may_write(length); refused != Errno::kSuccess) return refused;
  {
    // May take long, and some file systems end it when a signal comes.
    const base::BlockingScope about_to_block(access_->blocking());
    if (access_->stopped()) return Errno::kIntr;
    const int done = base::again_if_interrupted(
        [&] { return ::fallocate(fd_.get(), 0, to_off_t(offset), to_off_t(length)); },
        [&] { return access_->stopped(); });
    if (done != 0) return last_error();
  }
  access_->count_written(length);
  note_change();
  return Errno::kSuccess;
}

Errno HostFile::advise(std::uint64_t offset, std::uint64_t length, Advice advice) const {
  if (offset > kMaxOffset || length > kMaxOffset) return Errno::kInval;
  if (const Errno no = prove(); no != Errno::kSuccess) return no;
  const int error = ::posix_fadvise(fd_.get(), to_off_t(offset), to_off_t(length), to_host(advice));
  return from_host_errno(error);
}

Errno HostFile::sync() const {
  if (const Errno no = prove(); no != Errno::kSuccess) return no;
  const base::BlockingScope about_to_block(access_->blocking());
  if (access_->stopped()) return Errno::kIntr;
  const int done = base::again_if_interrupted([&] { return ::fsync(fd_.get()); },
                                              [&] { return access_->stopped(); });
  return done == 0 ? Errno::kSuccess : last_error();
}

Errno HostFile::datasync() const {
  if (const Errno no = prove(); no != Errno::kSuccess) return no;
  const base::BlockingScope about_to_block(access_->blocking());
  if (access_->stopped()) return Errno::kIntr;
  const int done = base::again_if_interrupted([&] { return ::fdatasync(fd_.get()); },
                                              [&] { return access_->stopped(); });
  return done == 0 ? Errno::kSuccess : last_error();
}

Errno HostFile::set_times(const TimesChange& change) const {
  if (mode_.read_only_mount) return Errno::kPerm;
  if (const Errno no = prove(); no != Errno::kSuccess) return no;
  const Errno set = set_times_of(fd_.get(), change);
  if (set == Errno::kSuccess && node_) access_->virtual_files()->note_times(*node_, change);
  return set;
}

Errno HostFile::set_flags(FileFlags flags) {
  const FileFlags old = mode_.flags;
  if (flags.dsync != old.dsync || flags.rsync != old.rsync || flags.sync != old.sync) {
    return Errno::kInval;
  }
  mode_.flags = flags;
  return Errno::kSuccess;
}

}  // namespace mimobox::wasi
