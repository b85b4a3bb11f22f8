#ifndef MIMOBOX_MODULE_INFO_H_
#define MIMOBOX_MODULE_INFO_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mimobox/error.h"

namespace mimobox {

// What a module says about itself. All names are bytes that the module chose: they need not be
// UTF-8 and may hold control characters; escape them before they reach a terminal.

/// What may be imported or exported.
enum class ItemKind : std::uint8_t { kFunction, kTable, kMemory, kGlobal, kTag };

/// The kind's name as programs see it ("function"). A static string.
[[nodiscard]] std::string_view item_kind_name(ItemKind kind);

struct ImportInfo {
  std::string module;
  std::string name;
  ItemKind kind = ItemKind::kFunction;
  /// In words: "(i32, i32) -> i32", "mutable i32", "memory, 2 pages". Long ones are cut.
  std::string type;

  friend bool operator==(const ImportInfo&, const ImportInfo&) = default;
};

struct ExportInfo {
  std::string name;
  ItemKind kind = ItemKind::kFunction;
  /// Its number among all items of its kind, imports first.
  std::uint32_t index = 0;
  std::string type;

  friend bool operator==(const ExportInfo&, const ExportInfo&) = default;
};

struct MemoryInfo {
  std::uint64_t min_pages = 0;
  std::optional<std::uint64_t> max_pages = {};
  /// Bytes of a page: 65536 unless the module uses custom page sizes.
  std::uint64_t page_bytes = 65536;
  bool shared = false;
  bool is_64_bit = false;
  bool imported = false;

  friend bool operator==(const MemoryInfo&, const MemoryInfo&) = default;
};

struct TableInfo {
  std::string element_type;  ///< "funcref"
  std::uint64_t min_elements = 0;
  std::optional<std::uint64_t> max_elements = {};
  bool imported = false;

  friend bool operator==(const TableInfo&, const TableInfo&) = default;
};

struct SectionInfo {
  /// The specification's word ("code"); for a custom section the name that it has.
  std::string name;
  bool custom = false;
  std::uint64_t offset = 0;      ///< of the contents, from the module's first byte
  std::uint64_t size_bytes = 0;  ///< of the contents

  friend bool operator==(const SectionInfo&, const SectionInfo&) = default;
};

/// What a toolchain wrote about itself: "language", "Rust", "1.80".
struct ProducerInfo {
  std::string field;
  std::string name;
  std::string version;

  friend bool operator==(const ProducerInfo&, const ProducerInfo&) = default;
};

enum class RefusalKind : std::uint8_t {
  kFeature,     ///< a WebAssembly proposal that no sandbox offers
  kImport,      ///< an import that no sandbox offers, or with another type
  kEntryPoint,  ///< nothing to start with
  kBound,       ///< more of something than is accepted
  kMalformed,   ///< instructions that cannot be decoded
};

/// The kind's name as programs see it ("feature"). A static string.
[[nodiscard]] std::string_view refusal_kind_name(RefusalKind kind);

/// Why no sandbox would run the module.
struct RefusalInfo {
  RefusalKind kind = RefusalKind::kFeature;
  /// What is refused, for programs: the proposal ("threads"), the import ("env.memory"), the bound
  /// ("functions"); empty for the other kinds.
  std::string subject = {};
  /// One sentence: "the module uses threads (shared memory in import env.memory), which no sandbox
  /// offers".
  std::string reason = {};
  /// Where in the module it shows, in bytes, if that is known.
  std::optional<std::uint64_t> offset = {};
  /// The function that it shows in, if it is in one.
  std::optional<std::uint32_t> function = {};

  friend bool operator==(const RefusalInfo&, const RefusalInfo&) = default;
};

/// What is in a module. Values copy and compare. Lists are bounded (100,000 imports and exports,
/// 10,000 sections, 100 refusals); the counts are exact.
struct ModuleInfo {
  std::uint64_t size_bytes = 0;
  /// A component, not a module: nothing but `size_bytes` and `refusals` is set.
  bool is_component = false;
  std::string name;  ///< as the module's name section has it, often empty

  std::vector<ImportInfo> imports;
  std::vector<ExportInfo> exports;
  std::vector<MemoryInfo> memories;
  std::vector<TableInfo> tables;
  std::vector<SectionInfo> sections;

  std::uint64_t import_count = 0;
  std::uint64_t export_count = 0;
  std::uint64_t section_count = 0;
  std::uint64_t type_count = 0;
  std::uint64_t function_count = 0;  ///< with a body
  std::uint64_t global_count = 0;
  std::uint64_t element_segment_count = 0;
  std::uint64_t data_segment_count = 0;
  std::uint64_t code_bytes = 0;
  std::uint64_t largest_function_bytes = 0;
  std::uint64_t most_locals = 0;  ///< of a function, parameters included

  /// The export that a run begins with: "_start", else a "main" without parameters that returns
  /// nothing or an i32.
  std::optional<std::string> entry_point = {};
  bool has_start_function = false;  ///< one that runs at instantiation, before the entry point
  bool has_function_names = false;
  bool has_debug_info = false;

  /// The WASI preview 1 functions that it imports and that are offered, by name, each once, sorted.
  std::vector<std::string> wasi_functions;
  /// The proposals that it uses, offered or not: "simd", "threads".
  std::vector<std::string> features;
  /// What the toolchain says that it used: "+simd128".
  std::vector<std::string> target_features;
  std::vector<ProducerInfo> producers;

  /// Why no sandbox would run it. Empty does not mean that it is valid: only loading it tells.
  std::vector<RefusalInfo> refusals;

  friend bool operator==(const ModuleInfo&, const ModuleInfo&) = default;
};

/// Reads what is in a module, in the binary or the text format, without compiling or validating it.
/// It succeeds for modules that no sandbox would run, and for components, and says why in
/// `ModuleInfo::refusals`. The bytes may be anything; time is linear in their number.
/// Errors: `kModuleInvalid` when they are no WebAssembly or are malformed, `kModuleTooLarge`.
[[nodiscard]] Result<ModuleInfo> inspect_bytes(std::span<const std::byte> bytes);

}  // namespace mimobox

#endif  // MIMOBOX_MODULE_INFO_H_
