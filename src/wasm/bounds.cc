#include "wasm/bounds.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wasm/module_summary.h"

namespace mimobox::wasm {
namespace {

constexpr std::string_view kLocals = "locals";
constexpr std::string_view kBodyBytes = "bytes of code";

}  // namespace

std::vector<AboveBound> check_bounds(const ModuleSummary& summary, const Bounds& bounds) {
  const Counts& counts = summary.counts;
  std::vector<AboveBound> above;
  const auto check = [&](std::string_view what, std::uint64_t value, std::uint64_t bound,
                         std::uint32_t function = 0) {
    if (value > bound) above.push_back({what, value, bound, function});
  };
  check("types", counts.types, bounds.types);
  check("functions", counts.functions, bounds.functions);
  check("globals", counts.globals, bounds.globals);
  check("tables", counts.tables, bounds.tables);
  check("memories", counts.memories, bounds.memories);
  check("element segments", counts.element_segments, bounds.element_segments);
  check("data segments", counts.data_segments, bounds.data_segments);
  check(kLocals, summary.most_locals.value, bounds.locals_per_function,
        summary.most_locals.function);
  check(kBodyBytes, summary.largest_body.value, bounds.body_bytes, summary.largest_body.function);
  check("imports", counts.imports, bounds.imports);
  check("exports", counts.exports, bounds.exports);
  return above;
}

std::string bound_sentence(const AboveBound& above) {
  std::string text = "the module";
  if (above.what == kLocals || above.what == kBodyBytes) {
    text = "function " + std::to_string(above.function) + " of the module";
  }
  return text + " has " + std::to_string(above.value) + " " + std::string(above.what) +
         ", more than the " + std::to_string(above.bound) + " that are accepted";
}

}  // namespace mimobox::wasm
