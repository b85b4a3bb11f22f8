#ifndef MIMOBOX_WASI_POLLER_H_
#define MIMOBOX_WASI_POLLER_H_

#include <poll.h>

#include <cstdint>
#include <optional>
#include <span>

#include "base/stop_signal.h"

namespace mimobox::wasi {

enum class WaitResult : std::uint8_t {
  kReady,    ///< at least one item has an answer in `revents`
  kTimeout,  ///< the deadline is over
  kStopped,  ///< the run is being stopped
  kFailed,   ///< the host could not wait (no memory)
};

/// How a guest waits; passed in, so that virtual time is another implementation.
class Poller {
 public:
  Poller() = default;
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  virtual ~Poller() = default;

  /// Waits until an item is ready, the monotonic clock reaches `deadline_ns` (nullopt: never) or
  /// the run is stopped. Looks at the items once even when the deadline is over.
  [[nodiscard]] virtual WaitResult wait(std::span<pollfd> items,
                                        std::optional<std::uint64_t> deadline_ns,
                                        base::StopSignal& stop) noexcept = 0;
};

/// Waits in the kernel, on the host's monotonic clock.
class SystemPoller final : public Poller {
 public:
  [[nodiscard]] WaitResult wait(std::span<pollfd> items, std::optional<std::uint64_t> deadline_ns,
                                base::StopSignal& stop) noexcept override;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_POLLER_H_
