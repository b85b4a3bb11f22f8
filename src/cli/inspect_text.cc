#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mimobox/module_info.h"
#include "mimobox/settings.h"

#include "cli/escape.h"
#include "cli/inspect.h"
#include "cli/needed_limits.h"
#include "cli/parse.h"

namespace mimobox::cli {
namespace {

using Row = std::vector<std::string>;

/// A column wider than this does not push the next one further to the right.
constexpr std::size_t kMaxColumnWidth = 40;

/// A heading and rows in columns; nothing when there is no row. Cells are escaped here.
void add_table(std::string& text, std::string_view heading, std::vector<Row> rows) {
  if (rows.empty()) return;
  std::vector<std::size_t> widths;
  for (Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] = escape_for_terminal(row[i]);
      widths[i] = std::max(widths[i], std::min(row[i].size(), kMaxColumnWidth));
    }
  }
  fmt::format_to(std::back_inserter(text), "\n{}:\n", heading);
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      fmt::format_to(std::back_inserter(line), "  {:<{}}", row[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
}

/// "1 page", "2 pages".
std::string counted(std::uint64_t count, std::string_view unit) {
  return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
}

std::string pages_text(const MemoryInfo& memory) {
  std::string text =
      fmt::format("{} of {}", counted(memory.min_pages, "page"), format_bytes(memory.page_bytes));
  if (memory.max_pages) text += fmt::format(", at most {}", *memory.max_pages);
  if (memory.shared) text += ", shared";
  if (memory.is_64_bit) text += ", 64-bit";
  if (memory.imported) text += ", imported";
  return text;
}

std::string elements_text(const TableInfo& table) {
  std::string text = counted(table.min_elements, "element");
  if (table.max_elements) text += fmt::format(", at most {}", *table.max_elements);
  if (table.imported) text += ", imported";
  return text;
}

std::string refusal_text(const RefusalInfo& refusal) {
  std::string text = "  " + escape_for_terminal(refusal.reason);
  if (refusal.offset && refusal.kind == RefusalKind::kFeature && *refusal.offset != 0) {
    text += fmt::format(" (at byte {:#x})", *refusal.offset);
  }
  return text + "\n";
}

std::string verdict_text(const ModuleInfo& info) {
  if (info.refusals.empty()) {
    std::string options;
    for (const NeededLimit& needed : needed_limits(info)) {
      options += fmt::format(" {} {}", needed.setting->option,
                             format_setting(needed.setting->unit, needed.value));
    }
    return fmt::format("would run{}{}, beginning with {}\n", options.empty() ? "" : " with",
                       options, escape_for_terminal(info.entry_point.value_or("")));
  }
  std::string text = "would be refused:\n";
  for (const RefusalInfo& refusal : info.refusals)
    text += refusal_text(refusal);
  return text;
}

/// Words after a heading, in lines of at most 80 characters.
void add_words(std::string& text, std::string_view heading, const std::vector<std::string>& words) {
  constexpr std::size_t kLine = 80;
  if (words.empty()) return;
  fmt::format_to(std::back_inserter(text), "\n{}:\n", heading);
  std::string line = " ";
  for (const std::string& word : words) {
    const std::string shown = escape_for_terminal(word);
    if (line.size() > 1 && line.size() + 1 + shown.size() > kLine) {
      text += line + "\n";
      line = " ";
    }
    line += " " + shown;
  }
  text += line + "\n";
}

std::string facts_text(const ModuleInfo& info) {
  std::string text =
      fmt::format("{}, {} with {} of code (largest {}), {}, {}\n", format_bytes(info.size_bytes),
                  counted(info.function_count, "function"), format_bytes(info.code_bytes),
                  format_bytes(info.largest_function_bytes), counted(info.global_count, "global"),
                  counted(info.data_segment_count, "data segment"));
  text += fmt::format("function names: {}, debug info: {}, start function: {}\n",
                      info.has_function_names ? "yes" : "no", info.has_debug_info ? "yes" : "no",
                      info.has_start_function ? "yes" : "no");
  return text;
}

template <class Item, class ToRow>
std::vector<Row> rows_of(const std::vector<Item>& items, ToRow to_row) {
  std::vector<Row> rows;
  rows.reserve(items.size());
  for (const Item& item : items)
    rows.push_back(to_row(item));
  return rows;
}

Row row_of(const ImportInfo& import) {
  return {import.module, import.name, std::string(item_kind_name(import.kind)), import.type};
}

Row row_of(const ExportInfo& item) {
  return {item.name, std::string(item_kind_name(item.kind)), item.type};
}

Row row_of(const MemoryInfo& memory) {
  return {pages_text(memory)};
}

Row row_of(const TableInfo& table) {
  return {table.element_type, elements_text(table)};
}

Row row_of(const SectionInfo& section) {
  return {section.name, section.custom ? "custom" : "", fmt::format("{:#x}", section.offset),
          format_bytes(section.size_bytes)};
}

Row row_of(const ProducerInfo& producer) {
  return {producer.field, producer.name, producer.version};
}

void add_items(std::string& text, const ModuleInfo& info) {
  const auto to_row = [](const auto& item) { return row_of(item); };
  add_table(text, fmt::format("imports ({})", info.import_count), rows_of(info.imports, to_row));
  add_table(text, fmt::format("exports ({})", info.export_count), rows_of(info.exports, to_row));
  add_table(text, "memories", rows_of(info.memories, to_row));
  add_table(text, "tables", rows_of(info.tables, to_row));
  add_table(text, fmt::format("sections ({})", info.section_count), rows_of(info.sections, to_row));
  add_table(text, "produced by", rows_of(info.producers, to_row));
}

}  // namespace

std::string inspect_text(const ModuleInfo& info) {
  std::string text = verdict_text(info);
  if (info.is_component) return text;
  text += "\n" + facts_text(info);
  add_words(text, "WASI functions needed", info.wasi_functions);
  add_words(text, "features used", info.features);
  add_words(text, "target features", info.target_features);
  add_items(text, info);
  return text;
}

}  // namespace mimobox::cli
