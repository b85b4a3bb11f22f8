#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "wasi/dispatch.h"
#include "wasi/guest_values.h"
#include "wasi/host.h"
#include "wasi/path_text.h"

// Attributes of files, by descriptor and by path.

namespace mimobox::wasi {
namespace {

constexpr std::size_t kFilestatBytes = 64;

Errno write_filestat(GuestMemory memory, std::uint32_t at, const Answer<Filestat>& stat) {
  if (!stat) return stat.error();
  const auto out = memory.range(at, kFilestatBytes);
  if (!out) return Errno::kFault;
  GuestMemory::store(*out, 0, stat->device);
  GuestMemory::store(*out, 8, stat->inode);
  GuestMemory::store<std::uint64_t>(*out, 16, std::to_underlying(stat->type));
  GuestMemory::store(*out, 24, stat->links);
  GuestMemory::store(*out, 32, stat->size);
  GuestMemory::store(*out, 40, stat->atim);
  GuestMemory::store(*out, 48, stat->mtim);
  GuestMemory::store(*out, 56, stat->ctim);
  return Errno::kSuccess;
}

}  // namespace

/// Writes the 64 bytes of filestat at `stat`. Of a stream: the file type as fd_fdstat_get has it
/// and zeros; a guest learns nothing of the host's file behind it.
///
/// - kBadf: the descriptor is not open.
/// - kNotcapable: without the right fd_filestat_get.
/// - kFault: `stat` is not in the memory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_filestat_get
Errno Host::fd_filestat_get(GuestMemory memory, std::uint32_t fd, std::uint32_t stat) {
  Descriptor* descriptor = find(fd);
  if (descriptor == nullptr) return Errno::kBadf;
  if (!has_right(*descriptor, kRightFdFilestatGet)) return Errno::kNotcapable;
  Answer<Filestat> answer = Filestat{.type = filetype_of(descriptor->resource), .links = 0};
  static_cast<void>(on_node(descriptor, /*rights=*/0, Errno::kBadf, [&](auto& node) {
    answer = node.stat();
    return Errno::kSuccess;
  }));
  return write_filestat(memory, stat, answer);
}

/// Changes the times of a file or directory: each is left alone, set to nanoseconds since 1970, or
/// to now.
///
/// - kBadf: the descriptor is not an open file or directory.
/// - kNotcapable: without the right fd_filestat_set_times.
/// - kInval: an unknown flag, or a time that is both given and now.
/// - kPerm: a read-only mount, or the host's file is another user's.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_filestat_set_times
Errno Host::fd_filestat_set_times(GuestMemory /*memory*/, std::uint32_t fd, std::uint64_t atim,
                                  std::uint64_t mtim, std::uint32_t flags) {
  return on_node(find(fd), kRightFdFilestatSetTimes, Errno::kBadf, [&](auto& node) -> Errno {
    const std::optional<TimesChange> change = times_from_guest(atim, mtim, flags);
    return change ? node.set_times(*change) : Errno::kInval;
  });
}

/// Writes the 64 bytes of filestat of what `path` leads to, at `stat`.
///
/// - kBadf: the descriptor is not open. kNotdir: it is no directory.
/// - kNotcapable: without the right path_filestat_get.
/// - kInval: an unknown flag.
/// - kFault: the path or `stat` is not in the memory.
/// - errors of a path: see path_open.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#path_filestat_get
Errno Host::path_filestat_get(GuestMemory memory, std::uint32_t fd, std::uint32_t flags,
                              std::uint32_t path, std::uint32_t path_len, std::uint32_t stat) {
  return on_directory(find(fd), kRightPathFilestatGet, [&](auto& directory) -> Errno {
    const std::optional<bool> follow = follow_from_guest(flags);
    if (!follow) return Errno::kInval;
    PathText text;
    if (const Errno bad = text.read(memory, path, path_len); bad != Errno::kSuccess) return bad;
    return write_filestat(memory, stat, directory.stat(text.view(), *follow));
  });
}

/// Changes the times of what `path` leads to, as fd_filestat_set_times does.
///
/// - kBadf: the descriptor is not open. kNotdir: it is no directory.
/// - kNotcapable: without the right path_filestat_set_times.
/// - kInval: an unknown flag, or a time that is both given and now.
/// - kFault: the path is not in the memory.
/// - kPerm: a read-only mount, or the host's file is another user's.
/// - errors of a path: see path_open.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#path_filestat_set_times
Errno Host::path_filestat_set_times(GuestMemory memory, std::uint32_t fd, std::uint32_t flags,
                                    std::uint32_t path, std::uint32_t path_len, std::uint64_t atim,
                                    std::uint64_t mtim, std::uint32_t fst_flags) {
  return on_directory(find(fd), kRightPathFilestatSetTimes, [&](auto& directory) -> Errno {
    const std::optional<bool> follow = follow_from_guest(flags);
    const std::optional<TimesChange> change = times_from_guest(atim, mtim, fst_flags);
    if (!follow || !change) return Errno::kInval;
    PathText text;
    if (const Errno bad = text.read(memory, path, path_len); bad != Errno::kSuccess) return bad;
    return directory.set_times(text.view(), *follow, *change);
  });
}

}  // namespace mimobox::wasi
