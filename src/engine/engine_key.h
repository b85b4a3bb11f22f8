#ifndef MIMOBOX_ENGINE_ENGINE_KEY_H_
#define MIMOBOX_ENGINE_ENGINE_KEY_H_

#include <compare>
#include <cstdint>

namespace mimobox::engine {

/// How running guest code is stopped from outside.
enum class InterruptWay : std::uint8_t {
  kEpoch,   ///< each function entry and loop head looks at a counter of the engine
  kSignal,  ///< the thread gets a signal, whose handler moves it to a trap (engine/divert.h)
};

/// What compiled code depends on.
struct CodeKey {
  bool metered = false;        ///< counts fuel
  bool deterministic = false;  ///< canonical NaNs, relaxed SIMD with one answer
  InterruptWay interrupt = InterruptWay::kEpoch;

  friend auto operator<=>(const CodeKey&, const CodeKey&) = default;
};

/// What makes another engine: the code's key, and the stack size and the pool, which are settings
/// of the engine and not of the code. Every difference between two engines stands here.
struct EngineKey {
  CodeKey code;
  std::uint64_t stack_bytes = 0;
  /// Instances that are kept ready in slots, reset after each run; 0: each is mapped on demand.
  std::uint32_t pool_slots = 0;
  /// Whether slots are reset by asking the kernel which of their pages were written, where it can
  /// tell (PAGEMAP_SCAN).
  bool pool_scans_pages = true;

  friend auto operator<=>(const EngineKey&, const EngineKey&) = default;
};

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_ENGINE_KEY_H_
