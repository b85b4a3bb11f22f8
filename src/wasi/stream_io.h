#ifndef MIMOBOX_WASI_STREAM_IO_H_
#define MIMOBOX_WASI_STREAM_IO_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/blocking.h"
#include "base/stop_signal.h"
#include "wasi/descriptor.h"
#include "wasi/errno.h"
#include "wasi/poller.h"
#include "wasi/sigpipe.h"

namespace mimobox::wasi {

/// What moving bytes needs of the host, borrowed.
struct IoContext {
  Poller& poller;
  base::StopSignal& stop;
  base::BlockingNotice& blocking;
  SigpipeGuard& sigpipe;
  LimitRecord& limits;
  /// `HostConfig::steady_streams`.
  bool steady;
};

/// Whether it is a stream or a file that was opened to be read, or to be written.
[[nodiscard]] bool is_input(const Resource& stream);
[[nodiscard]] bool is_output(const Resource& stream);

/// The host's descriptor behind a stream, -1 when there is none.
[[nodiscard]] int host_fd(const Resource& stream);

/// Whether a read (POLLIN) or write (POLLOUT) would not wait. True for streams without a
/// descriptor and for steady ones.
[[nodiscard]] bool ready_now(const Resource& stream, short events, const IoContext& context);

/// Moves up to `buffer.size()` bytes from a stream; 0 at its end. Waits for the first ones, of
/// steady streams for all, as long as the run is not stopped (then kIntr). kBadf: not an input.
[[nodiscard]] Moved read_stream(Resource& stream, std::span<std::byte> buffer,
                                const IoContext& context);

/// Moves all of `data` to an output stream, waiting as long as the run is not stopped. Fewer bytes
/// only when an error or a stop came after the first ones. kPipe: its reader is gone. What is above
/// the output's limit counts as moved and is dropped.
template <OutputResource Output>
[[nodiscard]] Moved write_stream(Output& output, std::span<const std::byte> data,
                                 const IoContext& context);

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_STREAM_IO_H_
