#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "mimobox/module_info.h"

#include "cli/inspect.h"
#include "cli/needed_limits.h"

namespace mimobox::cli {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json json_of(const RefusalInfo& refusal) {
  return {{"kind", refusal_kind_name(refusal.kind)},
          {"subject", refusal.subject},
          {"reason", refusal.reason},
          {"offset", or_null(refusal.offset)},
          {"function", or_null(refusal.function)}};
}

Json json_of(const ImportInfo& import) {
  return {{"module", import.module},
          {"name", import.name},
          {"kind", item_kind_name(import.kind)},
          {"type", import.type}};
}

Json json_of(const ExportInfo& item) {
  return {{"name", item.name},
          {"kind", item_kind_name(item.kind)},
          {"index", item.index},
          {"type", item.type}};
}

Json json_of(const MemoryInfo& memory) {
  return {{"min_pages", memory.min_pages},   {"max_pages", or_null(memory.max_pages)},
          {"page_bytes", memory.page_bytes}, {"shared", memory.shared},
          {"is_64_bit", memory.is_64_bit},   {"imported", memory.imported}};
}

Json json_of(const TableInfo& table) {
  return {{"element_type", table.element_type},
          {"min_elements", table.min_elements},
          {"max_elements", or_null(table.max_elements)},
          {"imported", table.imported}};
}

Json json_of(const SectionInfo& section) {
  return {{"name", section.name},
          {"custom", section.custom},
          {"offset", section.offset},
          {"size_bytes", section.size_bytes}};
}

Json json_of(const ProducerInfo& producer) {
  return {{"field", producer.field}, {"name", producer.name}, {"version", producer.version}};
}

template <class List>
Json array_of(const List& list) {
  Json array = Json::array();
  for (const auto& item : list)
    array.push_back(json_of(item));
  return array;
}

Json counts_of(const ModuleInfo& info) {
  return {{"imports", info.import_count},
          {"exports", info.export_count},
          {"sections", info.section_count},
          {"types", info.type_count},
          {"functions", info.function_count},
          {"globals", info.global_count},
          {"element_segments", info.element_segment_count},
          {"data_segments", info.data_segment_count}};
}

}  // namespace

std::string inspect_json(const ModuleInfo& info) {
  Json json;
  json["size_bytes"] = info.size_bytes;
  json["is_component"] = info.is_component;
  json["name"] = info.name;
  json["would_run"] = info.refusals.empty();
  json["needed_limits"] = Json::object();
  for (const NeededLimit& needed : needed_limits(info))
    json["needed_limits"][std::string(needed.setting->field)] = needed.value;
  json["refusals"] = array_of(info.refusals);
  json["entry_point"] = or_null(info.entry_point);
  json["wasi_functions"] = info.wasi_functions;
  json["imports"] = array_of(info.imports);
  json["exports"] = array_of(info.exports);
  json["memories"] = array_of(info.memories);
  json["tables"] = array_of(info.tables);
  json["sections"] = array_of(info.sections);
  json["features"] = info.features;
  json["target_features"] = info.target_features;
  json["producers"] = array_of(info.producers);
  json["counts"] = counts_of(info);
  json["code_bytes"] = info.code_bytes;
  json["largest_function_bytes"] = info.largest_function_bytes;
  json["most_locals"] = info.most_locals;
  json["has_start_function"] = info.has_start_function;
  json["has_function_names"] = info.has_function_names;
  json["has_debug_info"] = info.has_debug_info;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace mimobox::cli
