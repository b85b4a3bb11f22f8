#include "cli/needed_limits.h"

#include <limits>
#include <string_view>

namespace mimobox::cli {
namespace {

/// Numbers of a module may be anything.
std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  return a > kMost - b ? kMost : a + b;
}

std::uint64_t memory_bytes(const ModuleInfo& info) {
  std::uint64_t bytes = 0;
  for (const MemoryInfo& memory : info.memories) {
    std::uint64_t of_this = 0;
    if (__builtin_mul_overflow(memory.min_pages, memory.page_bytes, &of_this)) {
      of_this = std::numeric_limits<std::uint64_t>::max();
    }
    bytes = saturating_add(bytes, of_this);
  }
  return bytes;
}

std::uint64_t table_elements(const ModuleInfo& info) {
  std::uint64_t elements = 0;
  for (const TableInfo& table : info.tables)
    elements = saturating_add(elements, table.min_elements);
  return elements;
}

}  // namespace

std::vector<NeededLimit> needed_limits(const ModuleInfo& info) {
  std::vector<NeededLimit> needed;
  for (const Setting<Limits>& setting : limit_settings()) {
    std::uint64_t wanted = 0;
    if (setting.field == "memory_bytes") wanted = memory_bytes(info);
    if (setting.field == "tables") wanted = info.tables.size();
    if (setting.field == "table_elements") wanted = table_elements(info);
    const auto by_default = setting.get(Limits{});
    if (by_default && wanted > *by_default) needed.push_back({&setting, wanted});
  }
  return needed;
}

}  // namespace mimobox::cli
