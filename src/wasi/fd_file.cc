#include <cstddef>
#include <utility>

#include "wasi/dispatch.h"
#include "wasi/host.h"

// What a guest does with an open file beside its bytes (fd_io.cc) and attributes (filestat.cc).

namespace mimobox::wasi {

/// Declares how a range of a file will be used.
///
/// - kBadf: the descriptor is not an open file.
/// - kNotcapable: without the right fd_advise.
/// - kInval: an unknown advice, or a range above 2^63-1.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_advise
Errno Host::fd_advise(GuestMemory /*memory*/, std::uint32_t fd, std::uint64_t offset,
                      std::uint64_t len, std::uint32_t advice) {
  return on_file(find(fd), kRightFdAdvise, Errno::kBadf, [&](auto& file) -> Errno {
    if (advice > std::to_underlying(Advice::kNoreuse)) return Errno::kInval;
    return file.advise(offset, len, static_cast<Advice>(advice));
  });
}

/// Reserves space for a file, which grows when the range ends behind it. The range counts as
/// written.
///
/// - kBadf: the descriptor is not an open file, or was not opened to be written.
/// - kNotcapable: without the right fd_allocate.
/// - kInval: `len` is 0, or an offset above 2^63-1.
/// - kFbig: the end of the range is above 2^63-1, or above the limit on one file.
/// - kDquot: the limit on bytes written is reached. kNotsup: the file system cannot.
/// - kIntr: the run is being stopped (the guest does not see it).
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_allocate
Errno Host::fd_allocate(GuestMemory /*memory*/, std::uint32_t fd, std::uint64_t offset,
                        std::uint64_t len) {
  return on_file(find(fd), kRightFdAllocate, Errno::kBadf,
                 [&](auto& file) { return file.allocate(offset, len); });
}

/// Writes a file's data to its device; of a directory, its entries.
///
/// - kBadf: the descriptor is not an open file or directory.
/// - kNotcapable: without the right fd_datasync.
/// - kIntr: the run is being stopped (the guest does not see it).
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_datasync
Errno Host::fd_datasync(GuestMemory /*memory*/, std::uint32_t fd) {
  return on_node(find(fd), kRightFdDatasync, Errno::kBadf, []<class T>(T& node) {
    if constexpr (FileResource<T>) {
      return node.datasync();
    } else {
      return node.sync();
    }
  });
}

/// Changes a file's size; what it gains is zeros.
///
/// - kBadf: the descriptor is not an open file.
/// - kNotcapable: without the right fd_filestat_set_size.
/// - kInval: it was not opened to be written, or a size above 2^63-1.
/// - kFbig: the size is above the limit on one file.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_filestat_set_size
Errno Host::fd_filestat_set_size(GuestMemory /*memory*/, std::uint32_t fd, std::uint64_t size) {
  return on_file(find(fd), kRightFdFilestatSetSize, Errno::kBadf,
                 [&](auto& file) { return file.set_size(size); });
}

/// Moves a file's offset by a signed `offset` from its start, its offset or its end, and writes the
/// new one (u64 at `new_offset`).
///
/// - kBadf: the descriptor is not open, or is a directory. kSpipe: a stream has no offset.
/// - kNotcapable: without the right fd_seek; fd_tell is enough to ask where the offset is.
/// - kInval: an unknown whence, or the result is negative or above 2^63-1; nothing moves.
/// - kFault: `new_offset` is not in the memory; nothing moves.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_seek
Errno Host::fd_seek(GuestMemory memory, std::uint32_t fd, std::uint64_t offset,
                    std::uint32_t whence, std::uint32_t new_offset) {
  if (offset == 0 && whence == std::to_underlying(Whence::kCurrent)) {
    return fd_tell(memory, fd, new_offset);
  }
  return on_file(find(fd), kRightFdSeek, Errno::kSpipe, [&](auto& file) -> Errno {
    if (whence > std::to_underlying(Whence::kEnd)) return Errno::kInval;
    if (!memory.range(new_offset, sizeof(std::uint64_t))) return Errno::kFault;
    const Answer<std::uint64_t> moved =
        file.seek(static_cast<std::int64_t>(offset), static_cast<Whence>(whence));
    if (!moved) return moved.error();
    return memory.write(new_offset, *moved) ? Errno::kSuccess : Errno::kFault;
  });
}

/// Writes a file's data and metadata to its device; of a directory, its entries.
///
/// - kBadf: the descriptor is not an open file or directory.
/// - kNotcapable: without the right fd_sync.
/// - kIntr: the run is being stopped (the guest does not see it).
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_sync
Errno Host::fd_sync(GuestMemory /*memory*/, std::uint32_t fd) {
  return on_node(find(fd), kRightFdSync, Errno::kBadf, [](auto& node) { return node.sync(); });
}

/// Writes a file's offset (u64 at `offset`).
///
/// - kBadf: the descriptor is not open, or is a directory. kSpipe: a stream has no offset.
/// - kNotcapable: without the right fd_tell, which fd_seek implies.
/// - kFault: `offset` is not in the memory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_tell
Errno Host::fd_tell(GuestMemory memory, std::uint32_t fd, std::uint32_t offset) {
  Descriptor* descriptor = find(fd);
  const bool may_seek = descriptor != nullptr && has_right(*descriptor, kRightFdSeek);
  const std::uint64_t needed = may_seek ? kRightFdSeek : kRightFdTell;
  return on_file(descriptor, needed, Errno::kSpipe, [&](auto& file) -> Errno {
    const Answer<std::uint64_t> here = file.seek(0, Whence::kCurrent);
    if (!here) return here.error();
    return memory.write(offset, *here) ? Errno::kSuccess : Errno::kFault;
  });
}

}  // namespace mimobox::wasi
