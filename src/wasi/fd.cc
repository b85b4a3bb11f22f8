#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "wasi/dispatch.h"
#include "wasi/guest_values.h"
#include "wasi/host.h"

// The numbers of a guest, and what the host keeps for each.

namespace mimobox::wasi {
namespace {

constexpr std::size_t kFdstatBytes = 24;
constexpr std::size_t kPrestatBytes = 8;

FileFlags flags_of(Descriptor& descriptor) {
  FileFlags flags;
  static_cast<void>(on_file(&descriptor, /*rights=*/0, Errno::kBadf, [&](auto& file) {
    flags = file.flags();
    return Errno::kSuccess;
  }));
  return flags;
}

}  // namespace

/// Closes a descriptor, also one that was granted. What the caller lent (stdin, stdout, stderr)
/// stays open for the caller.
///
/// - kBadf: the descriptor is not open.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_close
Errno Host::fd_close(GuestMemory /*memory*/, std::uint32_t fd) {
  if (find(fd) == nullptr) return Errno::kBadf;
  descriptors_.close(fd);
  return Errno::kSuccess;
}

/// Writes the 24 bytes of fdstat at `stat`: file type (of a stream: character device for a
/// terminal, else unknown), flags (none but those of a file), rights, base and inheriting.
///
/// - kBadf: the descriptor is not open.
/// - kFault: `stat` is not in the memory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_fdstat_get
Errno Host::fd_fdstat_get(GuestMemory memory, std::uint32_t fd, std::uint32_t stat) {
  Descriptor* descriptor = find(fd);
  if (descriptor == nullptr) return Errno::kBadf;
  const auto out = memory.range(stat, kFdstatBytes);
  if (!out) return Errno::kFault;
  GuestMemory::store<std::uint64_t>(*out, 0, std::to_underlying(filetype_of(descriptor->resource)));
  GuestMemory::store(*out, 2, to_guest(flags_of(*descriptor)));
  GuestMemory::store(*out, 8, descriptor->rights);
  GuestMemory::store(*out, 16, descriptor->inheriting);
  return Errno::kSuccess;
}

/// Changes a file's flags; of the five, append and nonblock can change while it is open.
///
/// - kBadf: the descriptor is not an open file. The flags of a stream belong to the host's open
/// file,
///   which other processes share.
/// - kNotcapable: without the right fd_fdstat_set_flags.
/// - kInval: an unknown flag, or a change of dsync, rsync or sync.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_fdstat_set_flags
Errno Host::fd_fdstat_set_flags(GuestMemory /*memory*/, std::uint32_t fd, std::uint32_t flags) {
  return on_file(find(fd), kRightFdFdstatSetFlags, Errno::kBadf, [&](auto& file) -> Errno {
    const std::optional<FileFlags> wanted = file_flags_from_guest(flags);
    return wanted ? file.set_flags(*wanted) : Errno::kInval;
  });
}

/// Gives rights up.
///
/// - kBadf: the descriptor is not open.
/// - kNotcapable: a right is asked for that the descriptor does not have; nothing changes.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_fdstat_set_rights
Errno Host::fd_fdstat_set_rights(GuestMemory /*memory*/, std::uint32_t fd, std::uint64_t base,
                                 std::uint64_t inheriting) {
  Descriptor* descriptor = find(fd);
  if (descriptor == nullptr) return Errno::kBadf;
  if ((base & ~descriptor->rights) != 0) return Errno::kNotcapable;
  if ((inheriting & ~descriptor->inheriting) != 0) return Errno::kNotcapable;
  descriptor->rights = base;
  descriptor->inheriting = inheriting;
  return Errno::kSuccess;
}

/// Tells about a directory that the guest was granted: writes the 8 bytes of prestat at `prestat`,
/// the kind (0, a directory) and the length of its name. C libraries ask from number 3 on until the
/// first kBadf.
///
/// - kBadf: the descriptor is not open, or was not granted.
/// - kFault: `prestat` is not in the memory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_prestat_get
Errno Host::fd_prestat_get(GuestMemory memory, std::uint32_t fd, std::uint32_t prestat) {
  const Descriptor* descriptor = find(fd);
  if (descriptor == nullptr || !descriptor->preopen_path) return Errno::kBadf;
  const auto out = memory.range(prestat, kPrestatBytes);
  if (!out) return Errno::kFault;
  GuestMemory::store<std::uint32_t>(*out, 0, 0);
  GuestMemory::store(*out, 4, static_cast<std::uint32_t>(descriptor->preopen_path->size()));
  return Errno::kSuccess;
}

/// Writes the name of a directory that the guest was granted, without a NUL, at `path`.
///
/// - kBadf: the descriptor is not open, or a stream. kNotdir: it was not granted.
/// - kNametoolong: `path_len` is less than the name has.
/// - kFault: the bytes at `path` are not in the memory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_prestat_dir_name
Errno Host::fd_prestat_dir_name(GuestMemory memory, std::uint32_t fd, std::uint32_t path,
                                std::uint32_t path_len) {
  return on_node(find(fd), /*rights=*/0, Errno::kBadf, [&](auto& /*node*/) -> Errno {
    const std::optional<std::string_view> name = find(fd)->preopen_path;
    if (!name) return Errno::kNotdir;
    if (path_len < name->size()) return Errno::kNametoolong;
    const auto out = memory.range(path, name->size());
    if (!out) return Errno::kFault;
    std::ranges::copy(std::as_bytes(std::span(*name)), out->begin());
    return Errno::kSuccess;
  });
}

/// Moves a descriptor to another number, which is closed first; a granted directory keeps its name.
/// Both are open; equal numbers change nothing.
///
/// - kBadf: one of the two is not open; nothing changes.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_renumber
Errno Host::fd_renumber(GuestMemory /*memory*/, std::uint32_t from, std::uint32_t to) {
  if (find(from) == nullptr || find(to) == nullptr) return Errno::kBadf;
  if (from != to) descriptors_.move(from, to);
  return Errno::kSuccess;
}

}  // namespace mimobox::wasi
