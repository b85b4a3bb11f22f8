#include "wasm/types.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mimobox::wasm {
namespace {

std::string_view heap_name(std::uint8_t code) {
  switch (code) {
    case 0x70:
      return "func";
    case 0x6F:
      return "extern";
    case 0x6E:
      return "any";
    case 0x6D:
      return "eq";
    case 0x6C:
      return "i31";
    case 0x6B:
      return "struct";
    case 0x6A:
      return "array";
    case 0x69:
      return "exn";
    case 0x68:
      return "cont";
    case 0x75:
      return "nocont";
    case 0x74:
      return "noexn";
    case 0x73:
      return "nofunc";
    case 0x72:
      return "noextern";
    case 0x71:
      return "none";
    default:
      return "";
  }
}

std::string bounds_text(const Bounded& bounds, std::string_view unit) {
  std::string text = std::to_string(bounds.min) + " " + std::string(unit);
  if (bounds.min != 1) text += "s";
  if (bounds.max) text += ", at most " + std::to_string(*bounds.max);
  if (bounds.shared) text += ", shared";
  return text;
}

void append_values(std::string& text, std::span<const ValueType> values) {
  constexpr std::size_t kMaxShown = 16;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i != 0) text += ", ";
    if (i == kMaxShown) {
      text += "... " + std::to_string(values.size() - i) + " more";
      return;
    }
    text += to_text(values[i]);
  }
}

}  // namespace

std::string to_text(const ValueType& type) {
  switch (type.code) {
    case 0x7F:
      return "i32";
    case 0x7E:
      return "i64";
    case 0x7D:
      return "f32";
    case 0x7C:
      return "f64";
    case 0x7B:
      return "v128";
    case 0x78:
      return "i8";
    case 0x77:
      return "i16";
    case 0x63:
    case 0x64: {
      const std::string heap =
          type.heap == 0 ? std::to_string(type.index) : std::string(heap_name(type.heap));
      return (type.code == 0x63 ? "(ref null " : "(ref ") + heap + ")";
    }
    default:
      return std::string(heap_name(type.code)) + "ref";
  }
}

std::string to_text(const MemoryType& type) {
  std::string text = type.pages.is_64 ? "64-bit memory, " : "memory, ";
  text += bounds_text(type.pages, "page");
  if (type.page_size_log2 != 16) {
    text += " of 2^" + std::to_string(type.page_size_log2) + " bytes";
  }
  return text;
}

std::string to_text(const TableType& type) {
  return (type.elements.is_64 ? "64-bit " : "") + to_text(type.element) + " table, " +
         bounds_text(type.elements, "element");
}

std::string to_text(const GlobalType& type) {
  return (type.is_mutable ? "mutable " : "") + to_text(type.value);
}

std::string to_text(const FunctionType& type) {
  std::string text = "(";
  append_values(text, type.params);
  text += ") -> ";
  if (type.results.size() != 1) text += "(";
  append_values(text, type.results);
  if (type.results.size() != 1) text += ")";
  return text;
}

std::optional<FunctionType> TypeList::function(std::uint32_t index) const {
  if (index >= entries_.size() || !entries_[index].is_function) return std::nullopt;
  const Entry& entry = entries_[index];
  const std::span<const ValueType> values(values_);
  return FunctionType{.params = values.subspan(entry.first, entry.params),
                      .results = values.subspan(entry.first + entry.params, entry.results)};
}

std::string TypeList::function_text(std::uint32_t index) const {
  const auto type = function(index);
  return type ? to_text(*type) : "type " + std::to_string(index);
}

void TypeList::add_value(ValueType value) {
  if (values_.size() >= kMaxKeptValues) full_ = true;
  if (!full_) values_.push_back(value);
}

void TypeList::end_function(std::uint32_t params) {
  end(params, true);
}

void TypeList::end_other() {
  values_.resize(begun_at_);
  end(0, false);
}

void TypeList::end(std::uint32_t params, bool is_function) {
  ++size_;
  if (entries_.size() >= kMaxKeptTypes) full_ = true;
  if (full_) {
    values_.resize(begun_at_);
    return;
  }
  const auto values = static_cast<std::uint32_t>(values_.size() - begun_at_);
  entries_.push_back({.first = static_cast<std::uint32_t>(begun_at_),
                      .params = params,
                      .results = values - params,
                      .is_function = is_function});
  begun_at_ = values_.size();
}

}  // namespace mimobox::wasm
