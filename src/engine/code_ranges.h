#ifndef MIMOBOX_ENGINE_CODE_RANGES_H_
#define MIMOBOX_ENGINE_CODE_RANGES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "engine/code_range.h"

struct wasmtime_module;

namespace mimobox::engine {

/// Where the bodies of all functions that a module defines lie in its compiled code: the only
/// places where a guest may be interrupted by a signal. A pure function of the artifact.
class CodeRanges {
 public:
  /// From the engine's own table of functions. Nullopt when what it says is not what this class
  /// promises: ascending by function index and address, none overlapping another, all within the
  /// code. May throw std::bad_alloc.
  [[nodiscard]] static std::optional<CodeRanges> of(const wasmtime_module& module);

  /// Ranges that were kept beside an artifact. Nullopt unless they are as above and as many as the
  /// functions that the module defines.
  [[nodiscard]] static std::optional<CodeRanges> checked(std::vector<CodeRange> ranges,
                                                         const wasmtime_module& module);

  [[nodiscard]] std::span<const CodeRange> all() const { return ranges_; }

  /// The number of the body (the n-th function that the module defines) around the instruction at
  /// this offset. Async-signal-safe.
  [[nodiscard]] std::optional<std::size_t> find(std::uintptr_t offset) const noexcept;

 private:
  explicit CodeRanges(std::vector<CodeRange> ranges) : ranges_(std::move(ranges)) {}
  std::vector<CodeRange> ranges_;
};

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_CODE_RANGES_H_
