#ifndef MIMOBOX_WASI_CALL_METRICS_H_
#define MIMOBOX_WASI_CALL_METRICS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace mimobox::wasi {

/// What calls are counted as. Reading and writing is told apart by what the descriptor is.
enum class CallKind : std::uint8_t {
  kArguments,
  kClock,
  kRandom,
  kStreamRead,
  kStreamWrite,
  kFileRead,
  kFileWrite,
  kDirectoryRead,
  kDescriptor,
  kPath,
  kPoll,
  kProcess,
  kSocket,
};
inline constexpr std::size_t kCallKinds = 13;

/// Calls of one kind, and the bytes that they moved to or from the guest.
struct CallCount {
  std::uint64_t calls = 0;
  std::uint64_t bytes = 0;

  friend bool operator==(const CallCount&, const CallCount&) = default;
};

/// What one guest asked of its host.
struct CallMetrics {
  std::array<CallCount, kCallKinds> by_kind = {};
  std::uint64_t files_opened = 0;  ///< files and directories opened by path_open

  [[nodiscard]] CallCount& of(CallKind kind) { return by_kind[std::to_underlying(kind)]; }
  [[nodiscard]] const CallCount& of(CallKind kind) const {
    return by_kind[std::to_underlying(kind)];
  }

  friend bool operator==(const CallMetrics&, const CallMetrics&) = default;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_CALL_METRICS_H_
