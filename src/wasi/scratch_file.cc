#include "wasi/scratch_file.h"

#include <sys/uio.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>

#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/scratch_content.h"
#include "wasi/scratch_inode.h"
#include "wasi/scratch_tree.h"

namespace mimobox::wasi {
namespace {

constexpr std::uint64_t kMaxOffset = INT64_MAX;
/// What one call of Linux moves at most.
constexpr std::size_t kMaxTransfer = 0x7FFF'F000;

/// The bytes of a buffer, at most `left`, which is reduced by them.
std::span<std::byte> take(const iovec& buffer, std::size_t& left) {
  const std::size_t count = std::min(buffer.iov_len, left);
  left -= count;
  return {static_cast<std::byte*>(buffer.iov_base), count};
}

}  // namespace

ScratchFile::ScratchFile(ScratchTree& tree, ScratchInode& inode, const OpenOptions& options,
                         bool read_only_grant)
    : pin_(tree, inode),
      readable_(options.read),
      writable_(options.write),
      read_only_grant_(read_only_grant),
      flags_(options.flags) {}

Answer<std::size_t> ScratchFile::read_at(std::span<const iovec> buffers, std::uint64_t offset) {
  if (!readable_) return std::unexpected(Errno::kBadf);
  if (offset > kMaxOffset) return std::unexpected(Errno::kInval);
  const ScratchContent& from = content();
  std::size_t left = kMaxTransfer;
  std::size_t done = 0;
  for (const iovec& buffer : buffers) {
    const std::span<std::byte> piece = take(buffer, left);
    const std::size_t count = from.read(offset + done, piece);
    done += count;
    if (count < piece.size()) break;
  }
  pin_.tree().note_access(pin_.inode());
  return done;
}

Answer<std::size_t> ScratchFile::write_at(std::span<const iovec> buffers, std::uint64_t offset) {
  if (!writable_) return std::unexpected(Errno::kBadf);
  if (offset > kMaxOffset) return std::unexpected(Errno::kInval);
  ScratchContent& to = content();
  std::size_t left = kMaxTransfer;
  std::size_t done = 0;
  for (const iovec& buffer : buffers) {
    const std::span<const std::byte> piece = take(buffer, left);
    const Answer<std::size_t> count = to.write(offset + done, piece);
    if (!count && done == 0) return count;
    if (!count) break;
    done += *count;
    if (*count < piece.size()) break;
  }
  if (done > 0) pin_.tree().note_change(pin_.inode());
  return done;
}

Answer<std::size_t> ScratchFile::read(std::span<const iovec> buffers) {
  const Answer<std::size_t> count = read_at(buffers, position_);
  if (count) position_ += *count;
  return count;
}

Answer<std::size_t> ScratchFile::pread(std::span<const iovec> buffers, std::uint64_t offset) {
  return read_at(buffers, offset);
}

Answer<std::size_t> ScratchFile::write(std::span<const iovec> buffers) {
  const std::uint64_t offset = flags_.append ? content().size() : position_;
  const Answer<std::size_t> count = write_at(buffers, offset);
  if (count && *count > 0) position_ = offset + *count;
  return count;
}

Answer<std::size_t> ScratchFile::pwrite(std::span<const iovec> buffers, std::uint64_t offset) {
  return write_at(buffers, offset);
}

Answer<std::uint64_t> ScratchFile::seek(std::int64_t offset, Whence whence) {
  std::uint64_t base = 0;
  switch (whence) {
    case Whence::kSet:
      break;
    case Whence::kCurrent:
      base = position_;
      break;
    case Whence::kEnd:
      base = content().size();
      break;
  }
  // The base is below 2^63: neither sum wraps beyond what the comparison sees.
  const std::uint64_t target = base + static_cast<std::uint64_t>(offset);
  if (target > kMaxOffset) return std::unexpected(Errno::kInval);
  position_ = target;
  return position_;
}

Answer<Filestat> ScratchFile::stat() const {
  return pin_.tree().stat(pin_.inode());
}

Errno ScratchFile::set_size(std::uint64_t size) {
  if (!writable_ || size > kMaxOffset) return Errno::kInval;
  const Errno error = content().set_size(size);
  if (error == Errno::kSuccess) pin_.tree().note_change(pin_.inode());
  return error;
}

Errno ScratchFile::allocate(std::uint64_t offset, std::uint64_t length) {
  if (length == 0 || offset > kMaxOffset) return Errno::kInval;
  if (!writable_) return Errno::kBadf;
  if (length > kMaxOffset - offset) return Errno::kFbig;
  const Errno error = content().allocate(offset, length);
  if (error == Errno::kSuccess) pin_.tree().note_change(pin_.inode());
  return error;
}

Errno ScratchFile::advise(std::uint64_t offset, std::uint64_t length, Advice /*advice*/) {
  (void)content();
  return offset > kMaxOffset || length > kMaxOffset ? Errno::kInval : Errno::kSuccess;
}

Errno ScratchFile::sync() {
  (void)content();
  return Errno::kSuccess;
}

Errno ScratchFile::datasync() {
  return sync();
}

Errno ScratchFile::set_times(const TimesChange& change) {
  if (read_only_grant_) return Errno::kPerm;
  pin_.tree().set_times(pin_.inode(), change);
  return Errno::kSuccess;
}

Errno ScratchFile::set_flags(FileFlags flags) {
  if (flags.dsync != flags_.dsync || flags.rsync != flags_.rsync || flags.sync != flags_.sync) {
    return Errno::kInval;
  }
  flags_ = flags;
  return Errno::kSuccess;
}

}  // namespace mimobox::wasi
