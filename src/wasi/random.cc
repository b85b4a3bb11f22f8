#include <algorithm>
#include <cstddef>

#include "wasi/host.h"

namespace mimobox::wasi {
namespace {

/// Between two pieces the stop flag is looked at: all of a large memory takes seconds.
constexpr std::size_t kPieceBytes = 64U << 10;

}  // namespace

/// Fills `buf_len` bytes at `buf` with random ones.
///
/// - kFault: the range is not in the memory; nothing is written.
/// - kIo: the host's source has failed.
/// - kIntr: the run is being stopped (the guest does not see it).
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#random_get
Errno Host::random_get(GuestMemory memory, std::uint32_t buf, std::uint32_t buf_len) {
  auto range = memory.range(buf, buf_len);
  if (!range) return Errno::kFault;
  metrics_.of(CallKind::kRandom).bytes += range->size();
  while (!range->empty()) {
    if (stopped()) return Errno::kIntr;
    const auto piece = range->first(std::min(range->size(), kPieceBytes));
    if (!config_.random->fill(piece)) return Errno::kIo;
    range = range->subspan(piece.size());
  }
  return Errno::kSuccess;
}

}  // namespace mimobox::wasi
