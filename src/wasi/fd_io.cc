#include <cstddef>
#include <expected>
#include <span>
#include <utility>

#include "wasi/host.h"
#include "wasi/stream_io.h"

namespace mimobox::wasi {
namespace {

/// As many as POSIX hosts take (IOV_MAX); more is kInval.
constexpr std::uint32_t kMaxIovecs = 1024;
constexpr std::size_t kIovecBytes = 8;

/// Calls `move` for each buffer of a guest's iovec array until one moves fewer bytes than it has room
/// for, and sums up. Each element is read once. An element outside the memory is kFault, unless bytes
/// have moved before it: then the call ends there, as on POSIX hosts.
template <class Move>
Moved for_each_buffer(GuestMemory memory, std::uint32_t iovs, std::uint32_t iovs_len, Move move) {
  if (iovs_len > kMaxIovecs) return std::unexpected(Errno::kInval);
  const auto array = memory.range(iovs, iovs_len, kIovecBytes);
  if (!array) return std::unexpected(Errno::kFault);
  std::size_t total = 0;
  bool first = true;
  for (std::size_t at = 0; at < array->size(); at += kIovecBytes) {
    const auto pointer = GuestMemory::load<std::uint32_t>(*array, at);
    const auto length = GuestMemory::load<std::uint32_t>(*array, at + 4);
    const auto buffer = memory.range(pointer, length);
    if (!buffer && first) return std::unexpected(Errno::kFault);
    if (!buffer) break;
    // An empty buffer moves nothing; without this a read of one would wait.
    if (buffer->empty()) continue;
    // What was moved is counted in a u32 of the guest.
    if (total + length > 0xFFFF'FFFFU) break;
    const Moved moved = move(*buffer);
    if (!moved && first) return moved;
    if (!moved) break;
    first = false;
    total += *moved;
    if (*moved < length) break;
  }
  return total;
}

}  // namespace

/// Reads at an offset, without the file's own.
///
/// - kBadf: the descriptor is not open. kSpipe: a stream has no offset.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_pread
Errno Host::fd_pread(GuestMemory /*memory*/, std::uint32_t fd, std::uint32_t /*iovs*/,
                     std::uint32_t /*iovs_len*/, std::uint64_t /*offset*/,
                     std::uint32_t /*nread*/) {
  return not_for_streams(fd, Errno::kSpipe);
}

/// Writes at an offset, without the file's own.
///
/// - kBadf: the descriptor is not open. kSpipe: a stream has no offset.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_pwrite
Errno Host::fd_pwrite(GuestMemory /*memory*/, std::uint32_t fd, std::uint32_t /*iovs*/,
                      std::uint32_t /*iovs_len*/, std::uint64_t /*offset*/,
                      std::uint32_t /*nwritten*/) {
  return not_for_streams(fd, Errno::kSpipe);
}

/// Reads into the buffers of an iovec array (u32 offset, u32 length each), in order, and writes how
/// many bytes came (u32 at `nread`, 0 at the end). Waits for the first bytes only.
///
/// - kBadf: the descriptor is not an open input.
/// - kNotcapable: the right was given up.
/// - kInval: more than 1024 buffers.
/// - kFault: the array, the first buffer or `nread` is not in the memory; nothing was read.
/// - kIntr: the run is being stopped (the guest does not see it).
/// - others: what the host's read() answered.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_read
Errno Host::fd_read(GuestMemory memory, std::uint32_t fd, std::uint32_t iovs,
                    std::uint32_t iovs_len, std::uint32_t nread) {
  Descriptor* descriptor = find(fd);
  if (descriptor == nullptr) return Errno::kBadf;
  if ((descriptor->rights & kRightFdRead) == 0) return is_input(descriptor->stream) ? Errno::kNotcapable : Errno::kBadf;
  if (!memory.range(nread, sizeof(std::uint32_t))) return Errno::kFault;
  bool first = true;
  const Moved moved = for_each_buffer(memory, iovs, iovs_len, [&](std::span<std::byte> buffer) {
    // Only the first buffer waits: what is there by then is given, what comes later is not awaited.
    if (!std::exchange(first, false) && !ready_now(descriptor->stream, POLLIN, io_context())) return Moved(0);
    return read_stream(descriptor->stream, buffer, io_context());
  });
  if (!moved) return moved.error();
  return memory.write(nread, static_cast<std::uint32_t>(*moved)) ? Errno::kSuccess : Errno::kFault;
}

/// Writes the buffers of an iovec array (u32 offset, u32 length each), in order, and then how many
/// bytes went (u32 at `nwritten`).
///
/// - kBadf: the descriptor is not an open output.
/// - kNotcapable: the right was given up.
/// - kInval: more than 1024 buffers.
/// - kFault: the array, the first buffer or `nwritten` is not in the memory; nothing was written.
/// - kPipe: nobody reads any more; the host gets no SIGPIPE.
/// - kIntr: the run is being stopped (the guest does not see it).
/// - others: what the host's write() answered.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_write
Errno Host::fd_write(GuestMemory memory, std::uint32_t fd, std::uint32_t iovs,
                     std::uint32_t iovs_len, std::uint32_t nwritten) {
  Descriptor* descriptor = find(fd);
  if (descriptor == nullptr) return Errno::kBadf;
  if ((descriptor->rights & kRightFdWrite) == 0) return is_output(descriptor->stream) ? Errno::kNotcapable : Errno::kBadf;
  if (!memory.range(nwritten, sizeof(std::uint32_t))) return Errno::kFault;
  const Moved moved = for_each_buffer(memory, iovs, iovs_len, [&](std::span<std::byte> buffer) {
    return write_stream(descriptor->stream, buffer, io_context());
  });
  if (!moved) return moved.error();
  return memory.write(nwritten, static_cast<std::uint32_t>(*moved)) ? Errno::kSuccess
                                                                    : Errno::kFault;
}

}  // namespace mimobox::wasi
