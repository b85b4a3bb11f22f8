#include "engine/code_ranges.h"

#include <mimobox_engine.h>

#include <limits>
#include <new>

namespace mimobox::engine {
namespace {

struct Collected {
  std::vector<CodeRange> ranges;
  std::optional<std::uint32_t> last_index;
  bool good = true;
};

/// Called from Rust: nothing may be thrown.
bool add_body(void* context, const mimobox_body_t* body) noexcept {
  const auto [index, offset, size, name] = *body;
  auto& collected = *static_cast<Collected*>(context);
  constexpr std::size_t kMax = std::numeric_limits<std::uint32_t>::max();
  const bool follows = !collected.last_index || *collected.last_index + 1 == index;
  if (!follows || offset > kMax || size > kMax - offset) {
    collected.good = false;
    return false;
  }
  collected.last_index = index;
  try {
    collected.ranges.push_back({.begin = static_cast<std::uint32_t>(offset),
                                .end = static_cast<std::uint32_t>(offset + size)});
  } catch (const std::bad_alloc&) {
    collected.good = false;
    return false;
  }
  return true;
}

}  // namespace

std::optional<CodeRanges> CodeRanges::of(const wasmtime_module& module) {
  Collected collected;
  collected.ranges.reserve(mimobox_module_function_count(&module));
  mimobox_module_bodies(&module, add_body, &collected);
  if (!collected.good) return std::nullopt;
  return checked(std::move(collected.ranges), module);
}

std::optional<CodeRanges> CodeRanges::checked(std::vector<CodeRange> ranges,
                                              const wasmtime_module& module) {
  std::size_t text_bytes = 0;
  mimobox_module_text(&module, &text_bytes);
  if (ranges.size() != mimobox_module_function_count(&module)) return std::nullopt;
  if (!in_order(ranges) || (!ranges.empty() && ranges.back().end > text_bytes)) {
    return std::nullopt;
  }
  return CodeRanges(std::move(ranges));
}

std::optional<std::size_t> CodeRanges::find(std::uintptr_t offset) const noexcept {
  // By hand: nothing of the library may assert or allocate in a signal handler.
  const CodeRange* const first = ranges_.data();
  std::size_t low = 0;
  std::size_t high = ranges_.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (first[middle].end <= offset) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == ranges_.size() || offset < first[low].begin) return std::nullopt;
  return low;
}

}  // namespace mimobox::engine
