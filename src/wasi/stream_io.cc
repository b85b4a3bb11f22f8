#include "wasi/stream_io.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <variant>

namespace mimobox::wasi {
namespace {

template <class... Ts>
struct Overload : Ts... {
  using Ts::operator()...;
};

/// The most that one system call moves: between two the stop flag is looked at.
constexpr std::size_t kPieceBytes = 1U << 20;

/// Waits until `fd` is ready for `events`; kSuccess also on error and hang-up, which the system
/// call itself tells best.
Errno wait_until_ready(int fd, short events, const IoContext& context) {
  pollfd item{.fd = fd, .events = events, .revents = 0};
  switch (context.poller.wait(std::span(&item, 1), std::nullopt, context.stop)) {
    case WaitResult::kReady:
    case WaitResult::kTimeout:
      return Errno::kSuccess;
    case WaitResult::kStopped:
      return Errno::kIntr;
    case WaitResult::kFailed:
      return Errno::kIo;
  }
  return Errno::kIo;
}

/// One system call that may block although poll() called the descriptor ready: its open file may be
/// shared, and somebody else may have been faster.
template <class Call>
Moved move_piece(int fd, bool regular, short events, const IoContext& context, Call call) {
  while (true) {
    if (!regular) {
      if (const Errno waited = wait_until_ready(fd, events, context); waited != Errno::kSuccess) {
        return std::unexpected(waited);
      }
    }
    ssize_t moved = 0;
    int error = 0;
    {
      const base::BlockingScope about_to_block(context.blocking);
      // Looked at after the notice: a stop from now on interrupts the call.
      if (context.stop.stopped()) return std::unexpected(Errno::kIntr);
      moved = call();
      error = errno;
    }
    if (moved >= 0) return static_cast<std::size_t>(moved);
    if (error == EINTR || error == EAGAIN) continue;
    if (error == EPIPE || error == EFBIG) context.sigpipe.consume();
    return std::unexpected(from_host_errno(error));
  }
}

Moved read_fd(const FdInput& input, std::span<std::byte> buffer, const IoContext& context) {
  const auto piece = buffer.first(std::min(buffer.size(), kPieceBytes));
  return move_piece(input.fd, input.regular, POLLIN, context,
                    [&] { return ::read(input.fd, piece.data(), piece.size()); });
}

Moved write_fd(const FdOutput& output, std::span<const std::byte> data, const IoContext& context) {
  context.sigpipe.block();
  std::size_t written = 0;
  do {
    const auto piece = data.subspan(written, std::min(data.size() - written, kPieceBytes));
    const Moved moved = move_piece(output.fd, output.regular, POLLOUT, context,
                                   [&] { return ::write(output.fd, piece.data(), piece.size()); });
    if (!moved && written == 0) return moved;
    if (!moved) break;
    written += *moved;
  } while (written < data.size());
  return written;
}

Moved read_source(SourceInput& input, std::span<std::byte> buffer) {
  if (input.at_end) return 0;
  const auto got = input.source->read(buffer);
  if (!got) return std::unexpected(Errno::kIo);
  input.at_end = *got == 0;
  return std::min(*got, buffer.size());
}

/// Passes `data` on to where the output goes. Its limit has been looked at.
Moved pass_on(const FdOutput& output, std::span<const std::byte> data, const IoContext& context) {
  return write_fd(output, data, context);
}
Moved pass_on(const CaptureOutput& output, std::span<const std::byte> data,
              const IoContext& /*context*/) {
  output.record->captured.append(reinterpret_cast<const char*>(data.data()), data.size());
  return data.size();
}
Moved pass_on(const DiscardOutput& /*output*/, std::span<const std::byte> data,
              const IoContext& /*context*/) {
  return data.size();
}
Moved pass_on(const SinkOutput& output, std::span<const std::byte> data,
              const IoContext& /*context*/) {
  if (!output.sink->write(data)) return std::unexpected(Errno::kIo);
  return data.size();
}

Moved write_output(const OutputResource auto& output, std::span<const std::byte> data,
                   const IoContext& context) {
  OutputRecord& record = *output.record;
  const std::uint64_t room = record.limit_bytes - record.passed_bytes;
  const auto kept =
      data.first(static_cast<std::size_t>(std::min<std::uint64_t>(room, data.size())));
  if (!kept.empty()) {
    const Moved moved = pass_on(output, kept, context);
    if (!moved) return moved;
    record.passed_bytes += *moved;
    record.total_bytes += *moved;
    if (*moved < kept.size()) return moved;
  }
  if (kept.size() < data.size()) {
    record.total_bytes += data.size() - kept.size();
    if (context.output_limit_reason != 0) context.stop.raise(context.output_limit_reason);
  }
  return data.size();
}

}  // namespace

bool is_input(const Resource& stream) {
  return std::visit(Overload{
                        [](const NullInput&) { return true; },
                        [](const BytesInput&) { return true; },
                        [](const FdInput&) { return true; },
                        [](const SourceInput&) { return true; },
                        [](const FileResource auto& file) { return file.readable(); },
                        [](const auto&) { return false; },
                    },
                    stream);
}

bool is_output(const Resource& stream) {
  return std::visit(Overload{
                        [](const OutputResource auto&) { return true; },
                        [](const FileResource auto& file) { return file.writable(); },
                        [](const auto&) { return false; },
                    },
                    stream);
}

int host_fd(const Resource& stream) {
  if (const auto* input = std::get_if<FdInput>(&stream)) return input->fd;
  if (const auto* output = std::get_if<FdOutput>(&stream)) return output->fd;
  return -1;
}

bool ready_now(const Resource& stream, short events, const IoContext& context) {
  pollfd item{.fd = host_fd(stream), .events = events, .revents = 0};
  if (item.fd < 0 || context.steady) return true;
  static constexpr std::uint64_t kLongAgo = 0;
  return context.poller.wait(std::span(&item, 1), kLongAgo, context.stop) == WaitResult::kReady;
}

namespace {

/// What there is now, at least a byte unless the stream ends.
Moved read_some(Resource& stream, std::span<std::byte> buffer, const IoContext& context) {
  return std::visit(Overload{
                        [&](FdInput& input) { return read_fd(input, buffer, context); },
                        [&](BytesInput& input) -> Moved {
                          const std::size_t count = std::min(buffer.size(), input.left.size());
                          std::ranges::copy(std::as_bytes(std::span(input.left.substr(0, count))),
                                            buffer.begin());
                          input.left.remove_prefix(count);
                          return count;
                        },
                        [](NullInput&) -> Moved { return 0; },
                        [&](SourceInput& input) { return read_source(input, buffer); },
                        [](auto&) -> Moved { return std::unexpected(Errno::kBadf); },
                    },
                    stream);
}

}  // namespace

Moved read_stream(Resource& stream, std::span<std::byte> buffer, const IoContext& context) {
  Moved moved = read_some(stream, buffer, context);
  if (!context.steady || !moved) return moved;
  std::size_t total = *moved;
  while (*moved > 0 && total < buffer.size()) {
    moved = read_some(stream, buffer.subspan(total), context);
    if (!moved) break;
    total += *moved;
  }
  return total;
}

Moved write_stream(Resource& stream, std::span<const std::byte> data, const IoContext& context) {
  return std::visit(
      Overload{
          [&](OutputResource auto& output) -> Moved { return write_output(output, data, context); },
          [](auto&) -> Moved { return std::unexpected(Errno::kBadf); },
      },
      stream);
}

}  // namespace mimobox::wasi
