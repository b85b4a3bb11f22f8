#include "wasi/stream_io.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <variant>

#include "base/overload.h"
#include "base/plain_io.h"

namespace mimobox::wasi {
namespace {

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

/// What one system call gave, or its negative errno. It may block, and is interrupted when the run
/// is stopped meanwhile.
template <class Call>
ssize_t call_blocking(const IoContext& context, Call call) {
  const base::BlockingScope about_to_block(context.blocking);
  // Looked at after the notice: a stop from now on interrupts the call.
  if (context.stop.stopped()) return -EINTR;
  const ssize_t result = call();
  return result < 0 ? -errno : result;
}

/// What a failed system call means. kSuccess: to be tried again.
Errno failed_call(ssize_t error, int fd, short events, const IoContext& context) {
  if (error == EINTR) return context.stop.stopped() ? Errno::kIntr : Errno::kSuccess;
  // Somebody has made the open file, which may be shared, non-blocking.
  if (error == EAGAIN) return wait_until_ready(fd, events, context);
  if (error == EPIPE || error == EFBIG) context.sigpipe.consume();
  return from_host_errno(static_cast<int>(error));
}

Moved read_fd(const FdInput& input, std::span<std::byte> buffer, const IoContext& context) {
  const auto piece = buffer.first(std::min(buffer.size(), kPieceBytes));
  while (true) {
    // Input is mostly waited for: the stop event ends that at once, a signal only some time later.
    // The read may block all the same: others may share the open file, and have been faster.
    if (input.waits) {
      const Errno waited = wait_until_ready(input.fd, POLLIN, context);
      if (waited != Errno::kSuccess) return std::unexpected(waited);
    }
    const ssize_t got = call_blocking(
        context, [&] { return base::plain_read(input.fd, piece.data(), piece.size()); });
    if (got >= 0) return static_cast<std::size_t>(got);
    const Errno failed = failed_call(-got, input.fd, POLLIN, context);
    if (failed != Errno::kSuccess) return std::unexpected(failed);
  }
}

/// Output is mostly taken at once, so nothing is waited for before the first attempt.
Moved write_piece(int fd, std::span<const std::byte> piece, const IoContext& context) {
  while (true) {
    const ssize_t written =
        call_blocking(context, [&] { return base::plain_write(fd, piece.data(), piece.size()); });
    if (written >= 0) return static_cast<std::size_t>(written);
    const Errno failed = failed_call(-written, fd, POLLOUT, context);
    if (failed != Errno::kSuccess) return std::unexpected(failed);
  }
}

Moved write_fd(const FdOutput& output, std::span<const std::byte> data, const IoContext& context) {
  context.sigpipe.block();
  std::size_t written = 0;
  while (true) {
    const auto piece = data.subspan(written, std::min(data.size() - written, kPieceBytes));
    const Moved moved = write_piece(output.fd, piece, context);
    if (!moved) return written == 0 ? moved : Moved(written);
    written += *moved;
    if (written == data.size()) return written;
  }
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
  append_within(output.record->captured, data, output.record->head_bytes());
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

/// Counts bytes behind the head of an output, keeps its tail, and says so once it is over its
/// bound.
void take_above_head(OutputRecord& record, std::span<const std::byte> data,
                     const IoContext& context) {
  if (data.empty()) return;
  record.tail.append(data);
  record.total_bytes += data.size();
  if (record.total_bytes <= record.bound.bytes) return;
  context.limits.note(record.limit);
  if (record.bound.stop_reason != 0 && context.stop.raise(record.bound.stop_reason)) {
    context.limits.note_end(record.limit);
  }
}

}  // namespace

bool is_input(const Resource& stream) {
  return std::visit(base::Overload{
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
  return std::visit(base::Overload{
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
  return std::visit(base::Overload{
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

template <OutputResource Output>
Moved write_stream(Output& output, std::span<const std::byte> data, const IoContext& context) {
  OutputRecord& record = *output.record;
  const std::uint64_t room = record.head_bytes() - record.passed_bytes;
  // Nearly always there is room for all of it.
  const auto head = data.size() <= room ? data : data.first(static_cast<std::size_t>(room));
  if (!head.empty()) {
    const Moved moved = pass_on(output, head, context);
    if (!moved) return moved;
    record.passed_bytes += *moved;
    record.total_bytes += *moved;
    if (*moved < head.size() || head.size() == data.size()) return moved;
  }
  take_above_head(record, data.subspan(head.size()), context);
  return data.size();
}

template Moved write_stream(CaptureOutput&, std::span<const std::byte>, const IoContext&);
template Moved write_stream(DiscardOutput&, std::span<const std::byte>, const IoContext&);
template Moved write_stream(FdOutput&, std::span<const std::byte>, const IoContext&);
template Moved write_stream(SinkOutput&, std::span<const std::byte>, const IoContext&);

}  // namespace mimobox::wasi
