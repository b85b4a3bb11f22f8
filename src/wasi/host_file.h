#ifndef MIMOBOX_WASI_HOST_FILE_H_
#define MIMOBOX_WASI_HOST_FILE_H_

#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "base/unique_fd.h"
#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/host_access.h"
#include "wasi/virtual_files.h"

namespace mimobox::wasi {

/// How a guest has a host's file open.
struct HostFileMode {
  bool readable = false;
  bool writable = false;
  bool read_only_mount = false;
  /// The device it was on when the name was looked at; it is not yet sure that this was opened.
  std::optional<dev_t> unproven_on = std::nullopt;
  FileFlags flags;
};

/// An open regular file of a host mount. Bytes move straight between the guest's memory and the
/// kernel.
///
/// The offset and the append flag are kept here, not in the host's open file: positional calls then
/// mean what POSIX says also in append mode (Linux's pwrite appends), and seeking needs no system
/// call.
class HostFile {
 public:
  /// `fd` is a regular file, opened for what `mode` says. `access` is borrowed for the file's life.
  HostFile(base::UniqueFd fd, const HostFileMode& mode, HostAccess& access)
      : fd_(std::move(fd)), mode_(mode), access_(&access) {}

  /// In a deterministic run, the file's number and times from now on, whatever becomes of its name;
  /// `truncated`: opening has cut it. kNomem: the run has met too many files.
  [[nodiscard]] Errno meet(bool truncated);

  [[nodiscard]] bool readable() const { return mode_.readable; }
  [[nodiscard]] bool writable() const { return mode_.writable; }

  /// Fewer bytes than there is room for only at the end, or when the run is being stopped.
  [[nodiscard]] Moved read(std::span<const iovec> buffers);
  [[nodiscard]] Moved pread(std::span<const iovec> buffers, std::uint64_t offset) const;
  /// Fewer bytes only when a limit or an error came after the first ones. kDquot, kFbig: a limit.
  [[nodiscard]] Moved write(std::span<const iovec> buffers);
  [[nodiscard]] Moved pwrite(std::span<const iovec> buffers, std::uint64_t offset);

  /// The new offset. kInval: it would be negative or above 2^63-1.
  [[nodiscard]] Answer<std::uint64_t> seek(std::int64_t offset, Whence whence);
  [[nodiscard]] Answer<Filestat> stat() const;
  /// kInval: not open for writing, or above 2^63-1. kFbig: a limit.
  [[nodiscard]] Errno set_size(std::uint64_t size);
  /// kBadf: not open for writing. kInval: a length of 0. kNotsup: the file system cannot.
  [[nodiscard]] Errno allocate(std::uint64_t offset, std::uint64_t length);
  [[nodiscard]] Errno advise(std::uint64_t offset, std::uint64_t length, Advice advice) const;
  [[nodiscard]] Errno sync() const;
  [[nodiscard]] Errno datasync() const;
  [[nodiscard]] Errno set_times(const TimesChange& change) const;
  [[nodiscard]] FileFlags flags() const { return mode_.flags; }
  /// kInval: the three sync flags cannot change once a file is open, as on Linux.
  [[nodiscard]] Errno set_flags(FileFlags flags);

 private:
  void note_change() {
    if (node_) access_->virtual_files()->note_change(*node_);
  }
  [[nodiscard]] Moved append(std::span<const iovec> buffers);
  [[nodiscard]] Answer<std::uint64_t> size() const;
  /// The host's attributes of what is known to be a regular file.
  [[nodiscard]] Answer<struct stat> status() const;
  /// Looks once whether a regular file was opened, before anything is done with it. kNotsup: no.
  [[nodiscard]] Errno prove() const {
    if (!mode_.unproven_on) return Errno::kSuccess;
    const Answer<struct stat> looked = status();
    return looked ? Errno::kSuccess : looked.error();
  }

  base::UniqueFd fd_;
  mutable HostFileMode mode_;  // what was looked at is noted by const functions, too
  HostAccess* access_;
  std::uint64_t position_ = 0;
  std::shared_ptr<VirtualNode> node_;  ///< null but in a deterministic run
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_HOST_FILE_H_
