#ifndef MIMOBOX_ENGINE_INSTANCE_H_
#define MIMOBOX_ENGINE_INSTANCE_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "mimobox/error.h"
#include "mimobox/result.h"

#include "engine/code.h"
#include "engine/interrupter.h"

namespace mimobox::engine {

/// What one guest may use.
struct GuestLimits {
  std::uint64_t memory_bytes = 0;
  std::uint64_t tables = 0;
  /// Elements of all tables together.
  std::uint64_t table_elements = 0;
  /// Whether a grow that is denied ends the guest.
  bool end_on_denied = false;
  /// Fuel at the start, for metered code only.
  std::uint64_t fuel = 0;
};

enum class GuestEnd : std::uint8_t {
  kReturned,      ///< the entry point came back: `GuestOutcome::returned_code`
  kExited,        ///< a host function ended the guest on its own wish
  kStopped,       ///< the interrupter ended it: `StopSignal::reason()` says why
  kOutOfFuel,     ///< it used up `GuestLimits::fuel`
  kMemoryDenied,  ///< it was denied more memory, and that was to end it
  kTableDenied,   ///< it was denied more table elements, and that was to end it
  kTrapped,       ///< `GuestOutcome::trap` says why
  kNoSlot,        ///< nothing ran: all slots of the engine's pool are taken
};

/// How long the stages of one guest took.
struct GuestTimes {
  std::chrono::nanoseconds instantiate{0};  ///< the start function included
  std::chrono::nanoseconds run{0};          ///< the entry point
  std::chrono::nanoseconds teardown{0};
  [[nodiscard]] std::chrono::nanoseconds all() const { return instantiate + run + teardown; }
};

/// How one guest ended.
struct GuestOutcome {
  GuestEnd end = GuestEnd::kReturned;
  /// What `main` returned; 0 for entry points that return nothing.
  std::uint32_t returned_code = 0;
  std::optional<Trap> trap;
  /// Where the guest was when it was stopped, the innermost call first; none before it began.
  std::vector<Frame> stopped_in = {};
  std::uint64_t peak_memory_bytes = 0;
  std::uint64_t denied_grows = 0;
  /// Whether the last grow of the memory that the guest tried was denied.
  bool last_grow_denied = false;
  std::uint64_t peak_table_elements = 0;
  std::uint64_t denied_table_grows = 0;
  /// Of metered code. After a trap a lower bound.
  std::optional<std::uint64_t> fuel_used;
  GuestTimes times;
};

/// Instantiates `code` afresh, runs its start function and entry point on this thread, and drops
/// the instance. `run` is armed; `host_context` goes to every host function; the time it takes is
/// counted from `begun`. Errors (nothing of the guest has run): `kMemoryAboveLimit`,
/// `kModuleTooLarge` (its tables), `kResourceExhausted`.
[[nodiscard]] Result<GuestOutcome> run_guest(const Code& code, const GuestLimits& limits,
                                             InterruptibleRun& run, void* host_context,
                                             Deadline begun = Deadline::clock::now());

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_INSTANCE_H_
