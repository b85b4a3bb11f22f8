#include <optional>

#include "wasi/host.h"

namespace mimobox::wasi {
namespace {

std::optional<ClockId> to_clock_id(std::uint32_t id) {
  if (id > static_cast<std::uint32_t>(ClockId::kThreadCputime)) return std::nullopt;
  return static_cast<ClockId>(id);
}

}  // namespace

/// Writes the resolution of a clock in nanoseconds (u64 at `resolution`).
///
/// - kInval: there is no such clock.
/// - kFault: `resolution` is not in the memory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#clock_res_get
Errno Host::clock_res_get(GuestMemory memory, std::uint32_t id, std::uint32_t resolution) {
  const auto clock = to_clock_id(id);
  if (!clock) return Errno::kInval;
  return memory.write(resolution, config_.clock->resolution(*clock)) ? Errno::kSuccess
                                                                     : Errno::kFault;
}

/// Writes the time of a clock in nanoseconds (u64 at `time`). `precision` is a hint that asks for
/// less than we give, and is not needed.
///
/// - kInval: there is no such clock.
/// - kFault: `time` is not in the memory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#clock_time_get
Errno Host::clock_time_get(GuestMemory memory, std::uint32_t id, std::uint64_t /*precision*/,
                           std::uint32_t time) {
  const auto clock = to_clock_id(id);
  if (!clock) return Errno::kInval;
  return memory.write(time, config_.clock->read(*clock)) ? Errno::kSuccess : Errno::kFault;
}

}  // namespace mimobox::wasi
