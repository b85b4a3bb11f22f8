#include "sandbox/module_info.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mimobox/config.h"
#include "mimobox/error.h"
#include "mimobox/module_info.h"

#include "engine/engine.h"
#include "sandbox/import_check.h"
#include "sandbox/module_check.h"
#include "sandbox/no_memory.h"
#include "wasm/bounds.h"
#include "wasm/byte_reader.h"
#include "wasm/module_kind.h"
#include "wasm/module_reader.h"
#include "wasm/module_summary.h"
#include "wasm/proposals.h"
#include "wasm/types.h"

namespace mimobox {
namespace {

constexpr std::size_t kMaxRefusals = 100;

ItemKind item_kind(wasm::ExternKind kind) {
  switch (kind) {
    case wasm::ExternKind::kFunction:
      return ItemKind::kFunction;
    case wasm::ExternKind::kTable:
      return ItemKind::kTable;
    case wasm::ExternKind::kMemory:
      return ItemKind::kMemory;
    case wasm::ExternKind::kGlobal:
      return ItemKind::kGlobal;
    case wasm::ExternKind::kTag:
      return ItemKind::kTag;
  }
  return ItemKind::kFunction;
}

std::uint64_t imported(const wasm::ModuleSummary& summary, wasm::ExternKind kind) {
  return static_cast<std::uint64_t>(std::ranges::count(summary.imports, kind, &wasm::Import::kind));
}

void add_items(const wasm::ModuleSummary& summary, ModuleInfo& info) {
  for (const wasm::Import& import : summary.imports) {
    info.imports.push_back({import.module, import.name, item_kind(import.kind),
                            item_type(summary, import.kind, import.index)});
  }
  for (const wasm::Export& item : summary.exports) {
    info.exports.push_back(
        {item.name, item_kind(item.kind), item.index, item_type(summary, item.kind, item.index)});
  }
  const std::uint64_t imported_memories = imported(summary, wasm::ExternKind::kMemory);
  for (const wasm::MemoryType& memory : summary.memories) {
    info.memories.push_back({.min_pages = memory.pages.min,
                             .max_pages = memory.pages.max,
                             .page_bytes = std::uint64_t{1} << memory.page_size_log2,
                             .shared = memory.pages.shared,
                             .is_64_bit = memory.pages.is_64,
                             .imported = info.memories.size() < imported_memories});
  }
  const std::uint64_t imported_tables = imported(summary, wasm::ExternKind::kTable);
  for (const wasm::TableType& table : summary.tables) {
    info.tables.push_back({.element_type = to_text(table.element),
                           .min_elements = table.elements.min,
                           .max_elements = table.elements.max,
                           .imported = info.tables.size() < imported_tables});
  }
  for (const wasm::Section& section : summary.sections) {
    info.sections.push_back({section.name, section.id == 0, section.offset, section.size});
  }
}

void add_counts(const wasm::ModuleSummary& summary, ModuleInfo& info) {
  info.import_count = summary.counts.imports;
  info.export_count = summary.counts.exports;
  info.section_count = summary.counts.sections;
  info.type_count = summary.counts.types;
  info.function_count = summary.counts.defined_functions;
  info.global_count = summary.counts.globals;
  info.element_segment_count = summary.counts.element_segments;
  info.data_segment_count = summary.counts.data_segments;
  info.code_bytes = summary.code ? summary.code->size : 0;
  info.largest_function_bytes = summary.largest_body.value;
  info.most_locals = summary.most_locals.value;
}

void add_descriptions(const wasm::ModuleSummary& summary, ModuleInfo& info) {
  info.name = summary.module_name;
  info.has_start_function = summary.start_function.has_value();
  info.has_function_names = summary.has_names;
  info.has_debug_info = summary.has_dwarf;
  info.target_features = summary.target_features;
  for (const wasm::Producer& producer : summary.producers) {
    info.producers.push_back({producer.field, producer.name, producer.version});
  }
  for (auto i = std::to_underlying(wasm::Proposal::kMvp) + 1;
       i <= std::to_underlying(wasm::kLastProposal); ++i) {
    const auto proposal = static_cast<wasm::Proposal>(i);
    if (summary.findings.used.has(proposal)) info.features.emplace_back(proposal_name(proposal));
  }
}

/// Whether the export is a function that a run can begin with.
bool can_start(const wasm::ModuleSummary& summary, const wasm::Export& item) {
  if (item.kind != wasm::ExternKind::kFunction) return false;
  if (item.index >= summary.function_types.size()) return false;
  const auto type = summary.types.function(summary.function_types[item.index]);
  if (!type || !type->params.empty()) return false;
  if (type->results.empty()) return true;
  return item.name == "main" && type->results.size() == 1 && type->results[0] == wasm::kI32;
}

std::optional<std::string> entry_point(const wasm::ModuleSummary& summary) {
  for (const std::string_view name : {"_start", "main"}) {
    const auto found = std::ranges::find(summary.exports, name, &wasm::Export::name);
    if (found != summary.exports.end() && can_start(summary, *found)) return std::string(name);
  }
  return std::nullopt;
}

std::string no_entry_point(const wasm::ModuleSummary& summary) {
  std::string reason =
      "the module exports no function \"_start\" without parameters and results, and no \"main\" "
      "without parameters; ";
  if (summary.is_object_file) return reason + "it is an object file: link it to a program";
  return reason + "build a program (WASI command), not a library";
}

void refuse(ModuleInfo& info, RefusalInfo refusal) {
  if (info.refusals.size() < kMaxRefusals) info.refusals.push_back(std::move(refusal));
}

void add_refusals(const wasm::ModuleSummary& summary, ModuleInfo& info) {
  for (const wasm::Refusal& refusal : summary.findings.refusals) {
    refuse(info, {.kind = RefusalKind::kFeature,
                  .subject = std::string(proposal_name(refusal.proposal)),
                  .reason = refusal_sentence(refusal),
                  .offset = refusal.offset,
                  .function = refusal.function});
  }
  for (const wasm::AboveBound& above : check_bounds(summary)) {
    refuse(info, {.kind = RefusalKind::kBound,
                  .subject = std::string(above.what),
                  .reason = bound_sentence(above)});
  }
  for (const wasm::Import& import : summary.imports) {
    if (auto why = why_not_offered(summary, import)) {
      refuse(info, {.kind = RefusalKind::kImport,
                    .subject = wasm::shorten(import.module) + "." + wasm::shorten(import.name),
                    .reason = *std::move(why)});
    } else {
      info.wasi_functions.push_back(import.name);
    }
  }
  std::ranges::sort(info.wasi_functions);
  const auto repeated = std::ranges::unique(info.wasi_functions);
  info.wasi_functions.erase(repeated.begin(), repeated.end());
  if (!info.entry_point) {
    refuse(info, {.kind = RefusalKind::kEntryPoint, .reason = no_entry_point(summary)});
  }
}

SandboxError invalid(const wasm::ReadError& error) {
  return {ErrorCode::kModuleInvalid, fmt::format("not a valid WebAssembly module: {} (at byte {})",
                                                 error.message, error.offset)};
}

Result<ModuleInfo> inspect_binary(std::span<const std::byte> bytes) {
  const std::string_view hint = kind_hint(wasm::byte_kind(bytes));
  auto summary = wasm::read_module(bytes);
  if (!summary && !hint.empty()) {
    return std::unexpected(SandboxError{ErrorCode::kModuleInvalid, std::string(hint)});
  }
  if (!summary) return std::unexpected(invalid(summary.error()));
  const auto scanned = scan_bodies(bytes, *summary);
  ModuleInfo info = make_module_info(*summary);
  if (!scanned) {
    refuse(info, {.kind = RefusalKind::kMalformed,
                  .reason = invalid(scanned.error()).message,
                  .offset = scanned.error().offset});
  }
  return info;
}

}  // namespace

std::string_view item_kind_name(ItemKind kind) {
  switch (kind) {
    case ItemKind::kFunction:
      return "function";
    case ItemKind::kTable:
      return "table";
    case ItemKind::kMemory:
      return "memory";
    case ItemKind::kGlobal:
      return "global";
    case ItemKind::kTag:
      return "tag";
  }
  return "unknown";
}

std::string_view refusal_kind_name(RefusalKind kind) {
  switch (kind) {
    case RefusalKind::kFeature:
      return "feature";
    case RefusalKind::kImport:
      return "import";
    case RefusalKind::kEntryPoint:
      return "entry_point";
    case RefusalKind::kBound:
      return "bound";
    case RefusalKind::kMalformed:
      return "malformed";
  }
  return "unknown";
}

ModuleInfo make_module_info(const wasm::ModuleSummary& summary) {
  ModuleInfo info;
  info.size_bytes = summary.size_bytes;
  info.is_component = summary.is_component;
  if (summary.is_component) {
    refuse(info, {.kind = RefusalKind::kFeature,
                  .subject = std::string(proposal_name(wasm::Proposal::kComponentModel)),
                  .reason = std::string(kind_hint(wasm::ByteKind::kComponent))});
    return info;
  }
  add_items(summary, info);
  add_counts(summary, info);
  add_descriptions(summary, info);
  info.entry_point = entry_point(summary);
  add_refusals(summary, info);
  return info;
}

Result<ModuleInfo> inspect_bytes(std::span<const std::byte> bytes) {
  if (bytes.size() > kMaxModuleBytes) {
    return std::unexpected(
        SandboxError{ErrorCode::kModuleTooLarge,
                     fmt::format("the module has {} bytes, more than the {} that are loaded",
                                 bytes.size(), kMaxModuleBytes)});
  }
  return internal::or_no_memory([&]() -> Result<ModuleInfo> {
    if (wasm::byte_kind(bytes) != wasm::ByteKind::kText) return inspect_binary(bytes);
    const auto binary = internal::to_binary({bytes.begin(), bytes.end()});
    if (!binary) return std::unexpected(binary.error());
    return inspect_binary(*binary);
  });
}

}  // namespace mimobox
