// Any bytes into the module reader, the instruction scan and the checks on top. What it accepts has
// to be consistent with itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "wasm/bounds.h"
#include "wasm/module_reader.h"
#include "wasm/module_summary.h"
#include "wasm/proposals.h"
#include "wasm/types.h"

namespace {

using mimobox::wasm::ModuleSummary;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_consistency(const ModuleSummary& summary, std::size_t size) {
  for (const auto& section : summary.sections) {
    require(section.offset <= size && section.size <= size - section.offset);
  }
  require(summary.counts.functions ==
          summary.counts.imported_functions + summary.counts.defined_functions);
  require(summary.function_types.size() <= summary.counts.functions);
  require(summary.imports.size() <= summary.counts.imports);
  require(summary.counts.imports <= size && summary.counts.exports <= size);
  for (const std::uint32_t type : summary.function_types) {
    require(!summary.types.function_text(type).empty());
  }
  for (const auto& refusal : summary.findings.refusals) {
    require(refusal.offset <= size && !is_offered(refusal.proposal));
    require(summary.findings.used.has(refusal.proposal) && !refusal_sentence(refusal).empty());
  }
  for (const auto& above : check_bounds(summary))
    require(!bound_sentence(above).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  auto summary = mimobox::wasm::read_module(bytes, {.function_names = true});
  if (!summary) {
    require(!summary.error().message.empty() && summary.error().offset <= size);
    return 0;
  }
  const auto scanned = mimobox::wasm::scan_bodies(bytes, *summary);
  if (!scanned) require(!scanned.error().message.empty() && scanned.error().offset <= size);
  check_consistency(*summary, size);
  return 0;
}
