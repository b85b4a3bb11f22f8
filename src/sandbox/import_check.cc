#include "sandbox/import_check.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/host_call.h"
#include "wasi/host.h"
#include "wasm/module_summary.h"
#include "wasm/proposals.h"
#include "wasm/types.h"

namespace mimobox {
namespace {

const base::HostFunction* find_function(std::string_view name) {
  const auto functions = wasi::functions();
  const auto found = std::ranges::find(functions, name, &base::HostFunction::name);
  return found == functions.end() ? nullptr : &*found;
}

bool same_values(std::span<const wasm::ValueType> values, std::string_view letters) {
  return std::ranges::equal(values, letters, [](const wasm::ValueType& value, char letter) {
    return value == (letter == 'i' ? wasm::kI32 : wasm::kI64);
  });
}

/// Whether a type of the module is what a signature of ours ("iI:i") says.
bool same_type(const wasm::FunctionType& type, std::string_view signature) {
  const std::size_t colon = signature.find(':');
  return same_values(type.params, signature.substr(0, colon)) &&
         same_values(type.results, signature.substr(colon + 1));
}

std::string text_of(std::string_view signature) {
  std::string text = "(";
  for (const char letter : signature) {
    if (letter == ':') {
      text += ") -> ";
    } else {
      if (!text.ends_with('(') && !text.ends_with(' ')) text += ", ";
      text += letter == 'i' ? "i32" : "i64";
    }
  }
  return signature.ends_with(':') ? text + "()" : text;
}

template <class T>
const T* at(const std::vector<T>& list, std::uint32_t index) {
  return index < list.size() ? &list[index] : nullptr;
}

template <class T>
std::string text_at(const std::vector<T>& list, std::uint32_t index, std::string_view otherwise) {
  const T* const item = at(list, index);
  return item != nullptr ? to_text(*item) : std::string(otherwise);
}

std::optional<wasm::FunctionType> function_type(const wasm::ModuleSummary& summary,
                                                std::uint32_t function) {
  const auto* const type = at(summary.function_types, function);
  return type != nullptr ? summary.types.function(*type) : std::nullopt;
}

}  // namespace

std::string item_type(const wasm::ModuleSummary& summary, wasm::ExternKind kind,
                      std::uint32_t index) {
  switch (kind) {
    case wasm::ExternKind::kFunction: {
      const auto type = function_type(summary, index);
      return type ? to_text(*type) : "function";
    }
    case wasm::ExternKind::kTable:
      return text_at(summary.tables, index, "table");
    case wasm::ExternKind::kMemory:
      return text_at(summary.memories, index, "memory");
    case wasm::ExternKind::kGlobal:
      return text_at(summary.globals, index, "global");
    case wasm::ExternKind::kTag:
      return "tag";
  }
  return "";
}

std::optional<std::string> why_not_offered(const wasm::ModuleSummary& summary,
                                           const wasm::Import& import) {
  const std::string name = wasm::shorten(import.name);
  const std::string from = wasm::shorten(import.module);
  const auto* const function =
      import.module == wasi::kModuleName && import.kind == wasm::ExternKind::kFunction
          ? find_function(import.name)
          : nullptr;
  if (function == nullptr) {
    return fmt::format(
        "the module imports \"{}\" from \"{}\", which no sandbox offers{}", name, from,
        import.module == "wasi_unstable" ? "; build it for wasm32-wasip1 (WASI preview 1)" : "");
  }
  const auto type = function_type(summary, import.index);
  if (type && same_type(*type, function->signature)) return std::nullopt;
  return fmt::format("the module imports \"{}\" as {}; what WASI preview 1 has is {}", name,
                     item_type(summary, import.kind, import.index), text_of(function->signature));
}

}  // namespace mimobox
