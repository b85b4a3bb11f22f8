#include "wasm/custom_sections.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "wasm/byte_reader.h"
#include "wasm/module_summary.h"

namespace mimobox::wasm {
namespace {

constexpr std::size_t kMaxFunctionNameBytes = 16U << 20;
/// Fields of producers and target features are words; what is longer is cut.
constexpr std::size_t kMaxWordBytes = 256;

std::string word(std::string_view text) {
  return std::string(text.substr(0, kMaxWordBytes));
}

void read_function_names(ByteReader in, ModuleSummary& summary) {
  std::size_t kept_bytes = 0;
  const std::uint32_t names = in.count(2);
  for (std::uint32_t i = 0; i < names && summary.function_names.size() < kMaxKeptFunctionNames;
       ++i) {
    const std::uint32_t function = in.u32();
    const std::string_view name = in.name();
    kept_bytes += name.size();
    if (!in.ok() || kept_bytes > kMaxFunctionNameBytes) return;
    summary.function_names.push_back({function, std::string(name)});
  }
}

void read_names(ByteReader in, bool keep_function_names, ModuleSummary& summary) {
  summary.has_names = true;
  while (in.ok() && !in.at_end()) {
    const std::uint8_t id = in.u8();
    ByteReader part = in.take(in.u32());
    if (!in.ok()) return;
    if (id == 0) summary.module_name = word(part.name());
    if (id == 1 && keep_function_names && summary.function_names.empty()) {
      read_function_names(part, summary);
    }
  }
}

void read_producers(ByteReader in, ModuleSummary& summary) {
  const std::uint32_t fields = in.count(2);
  for (std::uint32_t f = 0; f < fields && in.ok(); ++f) {
    const std::string_view field = in.name();
    const std::uint32_t values = in.count(2);
    for (std::uint32_t v = 0; v < values; ++v) {
      const std::string_view name = in.name();
      const std::string_view version = in.name();
      if (!in.ok() || summary.producers.size() >= kMaxKeptProducers) return;
      summary.producers.push_back({word(field), word(name), word(version)});
    }
  }
}

void read_target_features(ByteReader in, ModuleSummary& summary) {
  const std::uint32_t features = in.count(2);
  for (std::uint32_t i = 0; i < features; ++i) {
    const auto prefix = static_cast<char>(in.u8());
    const std::string_view name = in.name();
    if (!in.ok() || summary.target_features.size() >= kMaxKeptTargetFeatures) return;
    summary.target_features.push_back(prefix + word(name));
  }
}

}  // namespace

void read_custom_section(std::string_view name, ByteReader in, bool keep_function_names,
                         ModuleSummary& summary) {
  if (name == "name") {
    read_names(in, keep_function_names, summary);
  } else if (name == "producers") {
    read_producers(in, summary);
  } else if (name == "target_features") {
    read_target_features(in, summary);
  } else if (name == ".debug_info") {
    summary.has_dwarf = true;
  } else if (name == "linking") {
    summary.is_object_file = true;
  }
}

}  // namespace mimobox::wasm
