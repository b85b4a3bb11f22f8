#ifndef MIMOBOX_BASE_HOST_CALL_H_
#define MIMOBOX_BASE_HOST_CALL_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

// The contract between what offers host functions (src/wasi) and what calls them for a guest
// (src/engine). It stands in base because neither of the two knows the other.

namespace mimobox::base {

/// One WebAssembly value in the engine's raw form: 16 bytes, little-endian.
union RawValue {
  std::int32_t i32;
  std::int64_t i64;
  float f32;
  double f64;
  std::uint8_t v128[16];
};

/// What the guest does after a host call.
enum class HostCallOutcome : std::uint8_t {
  kReturn,  ///< go on behind the call, with the result in the raw values
  kExit,    ///< the guest asked to end (proc_exit): unwind, run no guest code any more
  kStop,    ///< the run is being stopped from outside: unwind, run no guest code any more
};

/// One host function.
struct HostFunction {
  /// The import's field name, as the specification spells it.
  std::string_view name;
  /// WebAssembly value types, 'i' = i32 and 'I' = i64: parameters, ':', results ("iIii:i").
  std::string_view signature;
  /// The function. `context` is what the run was given for its host functions, `memory` the guest's
  /// linear memory during this call only (empty when the guest exports none), `values` holds the
  /// parameters and takes the result in its first element.
  HostCallOutcome (*call)(void* context, std::span<std::byte> memory, RawValue* values) noexcept;
  /// Whether it tells the guest how much CPU time it used, so that its run has to know when that
  /// began.
  bool tells_cpu_time = false;
};

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_HOST_CALL_H_
