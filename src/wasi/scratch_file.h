#ifndef MIMOBOX_WASI_SCRATCH_FILE_H_
#define MIMOBOX_WASI_SCRATCH_FILE_H_

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/scratch_tree.h"

namespace mimobox::wasi {

/// An open regular file of a scratch. Move-only; the tree outlives it. Answers as a host's
/// descriptor on Linux does; a position above 2^63 - 1 is kInval everywhere.
class ScratchFile {
 public:
  /// Opens `inode`, a regular file, with the read, write and flags of `options`.
  ScratchFile(ScratchTree& tree, ScratchInode& inode, const OpenOptions& options,
              bool read_only_grant = false);

  [[nodiscard]] bool readable() const { return readable_; }
  [[nodiscard]] bool writable() const { return writable_; }

  /// Reads at the position and moves it; fewer bytes at the end of the file, then none. kBadf: not
  /// opened for reading.
  [[nodiscard]] Answer<std::size_t> read(std::span<const iovec> buffers);
  /// Reads at `offset` and leaves the position. kBadf, kInval.
  [[nodiscard]] Answer<std::size_t> pread(std::span<const iovec> buffers, std::uint64_t offset);
  /// Writes at the position, or in append mode at the end, and moves it. Writes what the limits
  /// allow; when that is nothing: kDquot, kFbig, kNomem. kBadf: not opened for writing.
  [[nodiscard]] Answer<std::size_t> write(std::span<const iovec> buffers);
  /// Writes at `offset`, also in append mode (as POSIX says, and unlike Linux), and leaves the
  /// position. As write(); kInval.
  [[nodiscard]] Answer<std::size_t> pwrite(std::span<const iovec> buffers, std::uint64_t offset);
  /// Moves the position and tells it. kInval: before the start or above 2^63 - 1.
  [[nodiscard]] Answer<std::uint64_t> seek(std::int64_t offset, Whence whence);

  [[nodiscard]] Answer<Filestat> stat() const;
  /// kInval: not opened for writing (as ftruncate), or above 2^63 - 1. kFbig.
  [[nodiscard]] Errno set_size(std::uint64_t size);
  /// Provides memory, so that writing there cannot fail. kBadf: not opened for writing. kInval: no
  /// bytes. kFbig and kDquot: nothing changed.
  [[nodiscard]] Errno allocate(std::uint64_t offset, std::uint64_t length);
  /// Does nothing. kInval: above 2^63 - 1.
  [[nodiscard]] Errno advise(std::uint64_t offset, std::uint64_t length, Advice advice);
  /// There is nothing to wait for.
  [[nodiscard]] Errno sync();
  [[nodiscard]] Errno datasync();
  [[nodiscard]] Errno set_times(const TimesChange& change);

  [[nodiscard]] FileFlags flags() const { return flags_; }
  /// kInval: the three sync flags cannot change once a file is open, as on Linux. Of the others
  /// only `append` has an effect.
  [[nodiscard]] Errno set_flags(FileFlags flags);

 private:
  Answer<std::size_t> read_at(std::span<const iovec> buffers, std::uint64_t offset);
  Answer<std::size_t> write_at(std::span<const iovec> buffers, std::uint64_t offset);
  [[nodiscard]] ScratchContent& content() const { return *pin_.inode().content(); }

  ScratchPin pin_;
  std::uint64_t position_ = 0;
  bool readable_;
  bool writable_;
  bool read_only_grant_;
  FileFlags flags_;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_SCRATCH_FILE_H_
