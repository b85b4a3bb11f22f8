#ifndef MIMOBOX_ENGINE_INSTANCE_H_
#define MIMOBOX_ENGINE_INSTANCE_H_

#include <cstdint>
#include <optional>

#include "mimobox/error.h"
#include "mimobox/result.h"

#include "engine/code.h"
#include "engine/interrupter.h"

namespace mimobox::engine {

/// What one guest may use.
struct GuestLimits {
  std::uint64_t memory_bytes = 0;
  /// Elements of all tables together.
  std::uint64_t table_elements = 0;
  /// Fuel at the start, for metered code only.
  std::uint64_t fuel = 0;
};

enum class GuestEnd : std::uint8_t {
  kReturned,  ///< the entry point came back: `GuestOutcome::returned_code`
  kExited,    ///< a host function ended the guest on its own wish
  kStopped,   ///< the interrupter ended it: `StopSignal::reason()` says why
  kTrapped,   ///< `GuestOutcome::trap` says why
  kNoSlot,    ///< nothing ran: all slots of the engine's pool are taken
};

/// How one guest ended.
struct GuestOutcome {
  GuestEnd end = GuestEnd::kReturned;
  /// What `main` returned; 0 for entry points that return nothing.
  std::uint32_t returned_code = 0;
  std::optional<Trap> trap;
  std::uint64_t peak_memory_bytes = 0;
  std::uint64_t denied_grows = 0;
  /// Whether the last grow that the guest tried was denied.
  bool last_grow_denied = false;
  /// Fuel used, for metered code.
  std::uint64_t fuel_used = 0;
};

/// Instantiates `code` afresh, runs its start function and entry point on this thread, and drops
/// the instance. `run` is armed; `host_context` goes to every host function. Errors (nothing of the
/// guest has run): `kMemoryAboveLimit`, `kResourceExhausted`.
[[nodiscard]] Result<GuestOutcome> run_guest(const Code& code, const GuestLimits& limits,
                                             InterruptibleRun& run, void* host_context);

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_INSTANCE_H_
