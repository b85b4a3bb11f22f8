#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <expected>
#include <span>
#include <utility>
#include <variant>

#include "base/overload.h"
#include "wasi/dispatch.h"
#include "wasi/host.h"
#include "wasi/stream_io.h"

namespace mimobox::wasi {
namespace {

/// As many as POSIX hosts take (IOV_MAX); more is kInval.
constexpr std::uint32_t kMaxIovecs = 1024;
constexpr std::size_t kIovecBytes = 8;
/// What was moved is counted in a u32 of the guest.
constexpr std::uint64_t kMaxBytes = 0xFFFF'FFFF;
/// The most that is moved at once: between two pieces of a file the stop flag is looked at.
constexpr std::size_t kPieceBytes = 8U << 20;

/// A guest's iovec array as the host uses it: each element read once, checked once, the empty ones
/// left out. It ends before an element outside the memory, as on POSIX hosts, and before what a u32
/// cannot count.
class Buffers {
 public:
  /// kInval: more than 1024. kFault: the array, or its first buffer that is not empty, is not in
  /// the memory.
  [[nodiscard]] Errno copy(GuestMemory memory, std::uint32_t iovs, std::uint32_t iovs_len) {
    if (iovs_len > kMaxIovecs) return Errno::kInval;
    const auto array = memory.range(iovs, iovs_len, kIovecBytes);
    if (!array) return Errno::kFault;
    std::uint64_t total = 0;
    for (std::size_t at = 0; at < array->size(); at += kIovecBytes) {
      const auto pointer = GuestMemory::load<std::uint32_t>(*array, at);
      const auto length = GuestMemory::load<std::uint32_t>(*array, at + 4);
      const auto buffer = memory.range(pointer, length);
      if (!buffer && count_ == 0) return Errno::kFault;
      if (!buffer || length > kMaxBytes - total) break;
      if (buffer->empty()) continue;
      total += length;
      items_[count_++] = {.iov_base = buffer->data(), .iov_len = buffer->size()};
    }
    return Errno::kSuccess;
  }

  [[nodiscard]] std::span<const iovec> get() const { return std::span(items_).first(count_); }

 private:
  std::size_t count_ = 0;
  std::array<iovec, kMaxIovecs> items_;  // only the first count_ are ever written
};

std::span<std::byte> bytes_of(const iovec& buffer) {
  return {static_cast<std::byte*>(buffer.iov_base), buffer.iov_len};
}

/// Calls `move` for each buffer until one moves fewer bytes than it has room for, and sums up.
template <class Move>
Moved for_each_buffer(std::span<const iovec> buffers, Move move) {
  if (buffers.size() == 1) return move(bytes_of(buffers.front()));
  std::size_t total = 0;
  for (const iovec& buffer : buffers) {
    const Moved moved = move(bytes_of(buffer));
    if (!moved && total == 0) return moved;
    if (!moved) break;
    total += *moved;
    if (*moved < buffer.iov_len) break;
  }
  return total;
}

/// Calls `move(buffers, bytes moved before)` of a file once when all is small, which is nearly
/// always; else for pieces, until one moves fewer bytes than it has room for or the run is being
/// stopped.
template <class Move>
Moved in_pieces(std::span<const iovec> buffers, const base::StopSignal& stop, Move move) {
  std::size_t wanted = 0;
  for (const iovec& buffer : buffers)
    wanted += buffer.iov_len;
  if (wanted <= kPieceBytes) return move(buffers, 0);
  std::size_t total = 0;
  for (const iovec& buffer : buffers) {
    std::size_t done = 0;
    while (done < buffer.iov_len) {
      if (stop.stopped()) return total == 0 ? Moved(std::unexpected(Errno::kIntr)) : total;
      const iovec piece{.iov_base = static_cast<std::byte*>(buffer.iov_base) + done,
                        .iov_len = std::min(buffer.iov_len - done, kPieceBytes)};
      const Moved moved = move(std::span(&piece, 1), total);
      if (!moved && total == 0) return moved;
      if (!moved) return total;
      done += *moved;
      total += *moved;
      if (*moved < piece.iov_len) return total;
    }
  }
  return total;
}

bool is_file(const Descriptor* descriptor) {
  return descriptor != nullptr && (std::holds_alternative<HostFile>(descriptor->resource) ||
                                   std::holds_alternative<ScratchFile>(descriptor->resource));
}

/// Writes how many bytes moved at `result`, which was found in the guest's memory before they did.
Errno answer(std::span<std::byte> result, const Moved& moved) {
  if (!moved) return moved.error();
  GuestMemory::store(result, 0, static_cast<std::uint32_t>(*moved));
  return Errno::kSuccess;
}

}  // namespace

Moved Host::read_into(Resource& resource, std::span<const iovec> buffers) {
  const auto from_file = [&](FileResource auto& file) {
    return in_pieces(
        buffers, *config_.stop,
        [&](std::span<const iovec> piece, std::size_t /*before*/) { return file.read(piece); });
  };
  const auto from_stream = [&](auto& /*stream*/) {
    bool first = true;
    return for_each_buffer(buffers, [&](std::span<std::byte> buffer) {
      // Only the first buffer waits: what is there by then is given, what comes later is not
      // awaited.
      if (!std::exchange(first, false) && !ready_now(resource, POLLIN, io_)) {
        return Moved(0);
      }
      return read_stream(resource, buffer, io_);
    });
  };
  return std::visit(base::Overload{from_file, from_stream}, resource);
}

Moved Host::write_from(Resource& resource, std::span<const iovec> buffers) {
  const auto to_file = [&](FileResource auto& file) {
    return in_pieces(
        buffers, *config_.stop,
        [&](std::span<const iovec> piece, std::size_t /*before*/) { return file.write(piece); });
  };
  const auto to_stream = [&](OutputResource auto& stream) {
    return for_each_buffer(
        buffers, [&](std::span<std::byte> buffer) { return write_stream(stream, buffer, io_); });
  };
  const auto to_others = [](auto& /*no output*/) -> Moved { return std::unexpected(Errno::kBadf); };
  return std::visit(base::Overload{to_file, to_stream, to_others}, resource);
}

/// Reads at an offset, without the file's own, as fd_read does.
///
/// - kBadf: the descriptor is not open, or is a directory. kSpipe: a stream has no offset.
/// - kNotcapable: without the rights fd_read and fd_seek.
/// - kInval: more than 1024 buffers, or an offset above 2^63-1.
/// - kFault: the array, the first buffer or `nread` is not in the memory; nothing was read.
/// - kIntr: the run is being stopped (the guest does not see it).
/// - others: what the host's preadv() answered.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_pread
Errno Host::fd_pread(GuestMemory memory, std::uint32_t fd, std::uint32_t iovs,
                     std::uint32_t iovs_len, std::uint64_t offset, std::uint32_t nread) {
  return on_file(find(fd), kRightFdRead | kRightFdSeek, Errno::kSpipe, [&](auto& file) -> Errno {
    const auto result = memory.range(nread, sizeof(std::uint32_t));
    if (!result) return Errno::kFault;
    Buffers buffers;
    if (const Errno bad = buffers.copy(memory, iovs, iovs_len); bad != Errno::kSuccess) {
      return bad;
    }
    const Moved moved = in_pieces(buffers.get(), *config_.stop,
                                  [&](std::span<const iovec> piece, std::size_t before) {
                                    return file.pread(piece, offset + before);
                                  });
    if (moved) metrics_.of(CallKind::kFileRead).bytes += *moved;
    return answer(*result, moved);
  });
}

/// Writes at an offset, without the file's own, as fd_write does; also where the file is open to
/// append.
///
/// - kBadf: the descriptor is not open, or is a directory. kSpipe: a stream has no offset.
/// - kNotcapable: without the rights fd_write and fd_seek.
/// - kInval: more than 1024 buffers, or an offset above 2^63-1.
/// - kFault: the array, the first buffer or `nwritten` is not in the memory; nothing was written.
/// - kDquot, kFbig: a limit of the run is reached; up to it fewer bytes are written.
/// - kIntr: the run is being stopped (the guest does not see it).
/// - others: what the host's pwritev() answered.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_pwrite
Errno Host::fd_pwrite(GuestMemory memory, std::uint32_t fd, std::uint32_t iovs,
                      std::uint32_t iovs_len, std::uint64_t offset, std::uint32_t nwritten) {
  return on_file(find(fd), kRightFdWrite | kRightFdSeek, Errno::kSpipe, [&](auto& file) -> Errno {
    const auto result = memory.range(nwritten, sizeof(std::uint32_t));
    if (!result) return Errno::kFault;
    Buffers buffers;
    if (const Errno bad = buffers.copy(memory, iovs, iovs_len); bad != Errno::kSuccess) {
      return bad;
    }
    const Moved moved = in_pieces(buffers.get(), *config_.stop,
                                  [&](std::span<const iovec> piece, std::size_t before) {
                                    return file.pwrite(piece, offset + before);
                                  });
    if (moved) metrics_.of(CallKind::kFileWrite).bytes += *moved;
    return answer(*result, moved);
  });
}

/// Reads into the buffers of an iovec array (u32 offset, u32 length each), in order, and writes how
/// many bytes came (u32 at `nread`, 0 at the end). Of a stream it waits for the first bytes only.
///
/// - kBadf: the descriptor is not an open input, or a file that was not opened to be read.
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
  CallCount& count = metrics_.of(is_file(descriptor) ? CallKind::kFileRead : CallKind::kStreamRead);
  ++count.calls;
  if (descriptor == nullptr) return Errno::kBadf;
  if (!has_right(*descriptor, kRightFdRead)) {
    return is_input(descriptor->resource) ? Errno::kNotcapable : Errno::kBadf;
  }
  const auto result = memory.range(nread, sizeof(std::uint32_t));
  if (!result) return Errno::kFault;
  Buffers buffers;
  if (const Errno bad = buffers.copy(memory, iovs, iovs_len); bad != Errno::kSuccess) return bad;
  const Moved moved = read_into(descriptor->resource, buffers.get());
  count.bytes += moved.value_or(0);
  return answer(*result, moved);
}

/// Writes the buffers of an iovec array (u32 offset, u32 length each), in order, and then how many
/// bytes went (u32 at `nwritten`).
///
/// - kBadf: the descriptor is not an open output, or a file that was not opened to be written.
/// - kNotcapable: the right was given up.
/// - kInval: more than 1024 buffers.
/// - kFault: the array, the first buffer or `nwritten` is not in the memory; nothing was written.
/// - kDquot, kFbig: a limit of the run is reached; up to it fewer bytes are written.
/// - kPipe: nobody reads any more; the host gets no SIGPIPE.
/// - kIntr: the run is being stopped (the guest does not see it).
/// - others: what the host's write() answered.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_write
Errno Host::fd_write(GuestMemory memory, std::uint32_t fd, std::uint32_t iovs,
                     std::uint32_t iovs_len, std::uint32_t nwritten) {
  Descriptor* descriptor = find(fd);
  CallCount& count =
      metrics_.of(is_file(descriptor) ? CallKind::kFileWrite : CallKind::kStreamWrite);
  ++count.calls;
  if (descriptor == nullptr) return Errno::kBadf;
  if (!has_right(*descriptor, kRightFdWrite)) {
    return is_output(descriptor->resource) ? Errno::kNotcapable : Errno::kBadf;
  }
  const auto result = memory.range(nwritten, sizeof(std::uint32_t));
  if (!result) return Errno::kFault;
  Buffers buffers;
  if (const Errno bad = buffers.copy(memory, iovs, iovs_len); bad != Errno::kSuccess) return bad;
  const Moved moved = write_from(descriptor->resource, buffers.get());
  count.bytes += moved.value_or(0);
  return answer(*result, moved);
}

}  // namespace mimobox::wasi
