#include <cstddef>
#include <utility>

#include "wasi/host.h"

// What a guest asks of a descriptor other than its bytes (fd_io.cc). All that is open are streams;
// functions on files answer for them as wasmtime does.

namespace mimobox::wasi {
namespace {

bool is_terminal(const Stream& stream) {
  if (const auto* input = std::get_if<FdInput>(&stream)) return input->terminal;
  if (const auto* output = std::get_if<FdOutput>(&stream)) return output->terminal;
  return false;
}

/// Character device for terminals only: C libraries buffer by line for those and by block for others.
std::uint8_t filetype_of(const Stream& stream) {
  return std::to_underlying(is_terminal(stream) ? Filetype::kCharacterDevice : Filetype::kUnknown);
}

}  // namespace

/// Declares how a range of a file will be used.
///
/// - kBadf: the descriptor is not an open file.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_advise
Errno Host::fd_advise(GuestMemory /*memory*/, std::uint32_t /*fd*/, std::uint64_t /*offset*/,
                      std::uint64_t /*len*/, std::uint32_t /*advice*/) {
  return Errno::kBadf;
}

/// Reserves space for a file.
///
/// - kBadf: the descriptor is not an open file.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_allocate
Errno Host::fd_allocate(GuestMemory /*memory*/, std::uint32_t /*fd*/, std::uint64_t /*offset*/,
                        std::uint64_t /*len*/) {
  return Errno::kBadf;
}

/// Closes a descriptor. What the caller lent (stdin, stdout, stderr) stays open for the caller.
///
/// - kBadf: the descriptor is not open.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_close
Errno Host::fd_close(GuestMemory /*memory*/, std::uint32_t fd) {
  Descriptor* descriptor = find(fd);
  if (descriptor == nullptr) return Errno::kBadf;
  *descriptor = {};
  return Errno::kSuccess;
}

/// Writes a file's data to its device.
///
/// - kBadf: the descriptor is not an open file.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_datasync
Errno Host::fd_datasync(GuestMemory /*memory*/, std::uint32_t /*fd*/) { return Errno::kBadf; }

/// Writes the 24 bytes of fdstat at `stat`: file type (character device for a terminal, else
/// unknown), flags (none), rights (base as granted, nothing to inherit).
///
/// - kBadf: the descriptor is not open.
/// - kFault: `stat` is not in the memory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_fdstat_get
Errno Host::fd_fdstat_get(GuestMemory memory, std::uint32_t fd, std::uint32_t stat) {
  const Descriptor* descriptor = find(fd);
  if (descriptor == nullptr) return Errno::kBadf;
  const auto out = memory.range(stat, 24);
  if (!out) return Errno::kFault;
  GuestMemory::store<std::uint64_t>(*out, 0, filetype_of(descriptor->stream));
  GuestMemory::store(*out, 8, descriptor->rights);
  GuestMemory::store<std::uint64_t>(*out, 16, 0);
  return Errno::kSuccess;
}

/// Changes a file's flags.
///
/// - kBadf: the descriptor is not an open file. The flags of a stream belong to the host's open file,
///   which other processes share.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_fdstat_set_flags
Errno Host::fd_fdstat_set_flags(GuestMemory /*memory*/, std::uint32_t /*fd*/,
                                std::uint32_t /*flags*/) {
  return Errno::kBadf;
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
  if ((base & ~descriptor->rights) != 0 || inheriting != 0) return Errno::kNotcapable;
  descriptor->rights = base;
  return Errno::kSuccess;
}

/// Writes the 64 bytes of filestat at `stat`: the file type as fd_fdstat_get has it and zeros; a
/// guest learns nothing of the host's file behind a stream.
///
/// - kBadf: the descriptor is not open.
/// - kNotcapable: the right was given up.
/// - kFault: `stat` is not in the memory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_filestat_get
Errno Host::fd_filestat_get(GuestMemory memory, std::uint32_t fd, std::uint32_t stat) {
  const Descriptor* descriptor = find(fd);
  if (descriptor == nullptr) return Errno::kBadf;
  if ((descriptor->rights & kRightFdFilestatGet) == 0) return Errno::kNotcapable;
  const auto out = memory.range(stat, 64);
  if (!out) return Errno::kFault;
  for (std::size_t at = 0; at < out->size(); at += 8) GuestMemory::store<std::uint64_t>(*out, at, 0);
  GuestMemory::store(*out, 16, filetype_of(descriptor->stream));
  return Errno::kSuccess;
}

/// Changes a file's size.
///
/// - kBadf: the descriptor is not an open file.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_filestat_set_size
Errno Host::fd_filestat_set_size(GuestMemory /*memory*/, std::uint32_t /*fd*/,
                                 std::uint64_t /*size*/) {
  return Errno::kBadf;
}

/// Changes a file's times.
///
/// - kBadf: the descriptor is not an open file.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_filestat_set_times
Errno Host::fd_filestat_set_times(GuestMemory /*memory*/, std::uint32_t /*fd*/,
                                  std::uint64_t /*atim*/, std::uint64_t /*mtim*/,
                                  std::uint32_t /*flags*/) {
  return Errno::kBadf;
}

/// Tells about a directory that the guest was granted.
///
/// - kBadf: the descriptor is none; here always, and C libraries stop asking at the first.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_prestat_get
Errno Host::fd_prestat_get(GuestMemory /*memory*/, std::uint32_t /*fd*/,
                           std::uint32_t /*prestat*/) {
  return Errno::kBadf;
}

/// Tells the name of a directory that the guest was granted.
///
/// - kBadf: the descriptor is none; here always.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_prestat_dir_name
Errno Host::fd_prestat_dir_name(GuestMemory /*memory*/, std::uint32_t /*fd*/,
                                std::uint32_t /*path*/, std::uint32_t /*path_len*/) {
  return Errno::kBadf;
}

/// Lists a directory.
///
/// - kBadf: the descriptor is not open. kNotdir: it is no directory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_readdir
Errno Host::fd_readdir(GuestMemory /*memory*/, std::uint32_t fd, std::uint32_t /*buf*/,
                       std::uint32_t /*buf_len*/, std::uint64_t /*cookie*/,
                       std::uint32_t /*used*/) {
  return not_for_streams(fd, Errno::kNotdir);
}

/// Moves a descriptor to another number, which is closed first. Both are open; equal numbers change
/// nothing.
///
/// - kBadf: one of the two is not open; nothing changes.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_renumber
Errno Host::fd_renumber(GuestMemory /*memory*/, std::uint32_t from, std::uint32_t to) {
  Descriptor* source = find(from);
  Descriptor* target = find(to);
  if (source == nullptr || target == nullptr) return Errno::kBadf;
  if (source != target) *target = std::exchange(*source, {});
  return Errno::kSuccess;
}

/// Moves a file's offset.
///
/// - kBadf: the descriptor is not open. kSpipe: a stream has no offset.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_seek
Errno Host::fd_seek(GuestMemory /*memory*/, std::uint32_t fd, std::uint64_t /*offset*/,
                    std::uint32_t /*whence*/, std::uint32_t /*new_offset*/) {
  return not_for_streams(fd, Errno::kSpipe);
}

/// Writes a file's data and metadata to its device.
///
/// - kBadf: the descriptor is not an open file.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_sync
Errno Host::fd_sync(GuestMemory /*memory*/, std::uint32_t /*fd*/) { return Errno::kBadf; }

/// Tells a file's offset.
///
/// - kBadf: the descriptor is not open. kSpipe: a stream has no offset.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_tell
Errno Host::fd_tell(GuestMemory /*memory*/, std::uint32_t fd, std::uint32_t /*offset*/) {
  return not_for_streams(fd, Errno::kSpipe);
}

}  // namespace mimobox::wasi
