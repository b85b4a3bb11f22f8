#ifndef MIMOBOX_ENGINE_CODE_RANGE_H_
#define MIMOBOX_ENGINE_CODE_RANGE_H_

#include <cstdint>
#include <span>

namespace mimobox::engine {

/// The body of one function, as offsets into its module's compiled code.
struct CodeRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  friend bool operator==(const CodeRange&, const CodeRange&) = default;
};

/// Whether none is empty, and none begins before the end of the one ahead of it.
[[nodiscard]] constexpr bool in_order(std::span<const CodeRange> ranges) noexcept {
  std::uint32_t end = 0;
  for (const CodeRange& range : ranges) {
    if (range.begin < end || range.end <= range.begin) return false;
    end = range.end;
  }
  return true;
}

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_CODE_RANGE_H_
