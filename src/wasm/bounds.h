#ifndef MIMOBOX_WASM_BOUNDS_H_
#define MIMOBOX_WASM_BOUNDS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wasm/module_summary.h"

namespace mimobox::wasm {

/// How large the parts of a module may be. The defaults are the engine's own bounds where it has
/// one and they are sensible, so that a module is refused by name before the engine refuses it;
/// where they are lower the reason stands here.
struct Bounds {
  std::uint64_t types = 1'000'000;
  std::uint64_t functions = 1'000'000;  ///< imported ones included
  std::uint64_t globals = 1'000'000;
  std::uint64_t tables = 100;
  std::uint64_t memories = 100;  ///< a second one is refused as multi-memory before that
  std::uint64_t element_segments = 100'000;
  std::uint64_t data_segments = 100'000;
  std::uint64_t locals_per_function = 50'000;  ///< parameters included
  std::uint64_t body_bytes = 7'654'321;
  /// The engine takes 1,000,000 of both. No program imports that many of the 46 functions of WASI,
  /// and each costs the host a few hundred bytes of text and tables.
  std::uint64_t imports = 100'000;
  std::uint64_t exports = 100'000;

  friend bool operator==(const Bounds&, const Bounds&) = default;
};

/// Something of a module that is above its bound.
struct AboveBound {
  std::string_view what;  ///< "functions"; a static string
  std::uint64_t value = 0;
  std::uint64_t bound = 0;
  std::uint32_t function = 0;  ///< for what a function has: which one

  friend bool operator==(const AboveBound&, const AboveBound&) = default;
};

/// All that is above, in the order of `Bounds`; empty when the module is within.
[[nodiscard]] std::vector<AboveBound> check_bounds(const ModuleSummary& summary,
                                                   const Bounds& bounds = {});

/// "the module has 1000001 functions, more than the 1000000 that are accepted".
[[nodiscard]] std::string bound_sentence(const AboveBound& above);

}  // namespace mimobox::wasm

#endif  // MIMOBOX_WASM_BOUNDS_H_
