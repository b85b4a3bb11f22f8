#ifndef MIMOBOX_WASM_MODULE_SUMMARY_H_
#define MIMOBOX_WASM_MODULE_SUMMARY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wasm/proposals.h"
#include "wasm/types.h"

namespace mimobox::wasm {

/// What may be imported or exported; the numbers are the binary's.
enum class ExternKind : std::uint8_t { kFunction, kTable, kMemory, kGlobal, kTag };

struct Import {
  std::string module;
  std::string name;
  ExternKind kind = ExternKind::kFunction;
  /// Its number among all items of its kind, imports first.
  std::uint32_t index = 0;

  friend bool operator==(const Import&, const Import&) = default;
};

struct Export {
  std::string name;
  ExternKind kind = ExternKind::kFunction;
  std::uint32_t index = 0;

  friend bool operator==(const Export&, const Export&) = default;
};

struct Section {
  std::uint8_t id = 0;
  std::string name;          ///< of a custom section; the specification's word for the others
  std::uint64_t offset = 0;  ///< of the contents, behind id and size
  std::uint64_t size = 0;    ///< of the contents

  friend bool operator==(const Section&, const Section&) = default;
};

/// A line of the producers section: "language", "C11", "".
struct Producer {
  std::string field;
  std::string name;
  std::string version;

  friend bool operator==(const Producer&, const Producer&) = default;
};

struct FunctionName {
  std::uint32_t function = 0;
  std::string name;

  friend bool operator==(const FunctionName&, const FunctionName&) = default;
};

/// How many there are, exactly, whatever of them is kept. Imports are counted with the items of
/// their kind; `defined_functions` are those with a body.
struct Counts {
  std::uint64_t sections = 0;
  std::uint64_t types = 0;
  std::uint64_t imports = 0;
  std::uint64_t functions = 0;
  std::uint64_t imported_functions = 0;
  std::uint64_t defined_functions = 0;
  std::uint64_t tables = 0;
  std::uint64_t memories = 0;
  std::uint64_t globals = 0;
  std::uint64_t tags = 0;
  std::uint64_t exports = 0;
  std::uint64_t element_segments = 0;
  std::uint64_t data_segments = 0;

  friend bool operator==(const Counts&, const Counts&) = default;
};

/// The largest of something, and the function that has it (its number includes the imports).
struct Largest {
  std::uint64_t value = 0;
  std::uint32_t function = 0;

  friend bool operator==(const Largest&, const Largest&) = default;
};

// What a summary keeps at most; what is above is counted only. No module within `Bounds` has more.
inline constexpr std::size_t kMaxKeptSections = 10'000;
inline constexpr std::size_t kMaxKeptImports = 100'000;
inline constexpr std::size_t kMaxKeptExports = 100'000;
inline constexpr std::size_t kMaxKeptFunctions = 1'000'000;
inline constexpr std::size_t kMaxKeptTables = 1'000;
inline constexpr std::size_t kMaxKeptMemories = 1'000;
inline constexpr std::size_t kMaxKeptGlobals = 1'000'000;
inline constexpr std::size_t kMaxKeptProducers = 100;
inline constexpr std::size_t kMaxKeptTargetFeatures = 200;
inline constexpr std::size_t kMaxKeptFunctionNames = 1'000'000;

/// What a module says about itself. It owns all of it; names are bytes that the module chose, valid
/// UTF-8 only if the engine has validated the module.
struct ModuleSummary {
  /// A component: only `size_bytes` and `findings` tell something then.
  bool is_component = false;
  std::uint64_t size_bytes = 0;

  Counts counts;
  std::vector<Section> sections;
  TypeList types;
  std::vector<Import> imports;
  std::vector<Export> exports;
  std::vector<std::uint32_t> function_types;  ///< by function, imports first, as in the next three
  std::vector<TableType> tables;
  std::vector<MemoryType> memories;
  std::vector<GlobalType> globals;
  std::optional<std::uint32_t> start_function;

  std::optional<Section> code;  ///< the code section
  Largest largest_body;         ///< in bytes
  Largest most_locals;          ///< parameters included, as the engine counts

  // Custom sections. What is malformed in one is left out, as the specification wants.
  bool has_names = false;
  bool has_dwarf = false;
  bool is_object_file = false;  ///< it has a "linking" section: it was compiled and not linked
  std::string module_name;
  std::vector<FunctionName> function_names;  ///< only when asked for
  std::vector<Producer> producers;
  std::vector<std::string> target_features;  ///< as the toolchain writes them: "+simd128"

  /// What sections show; with `scan_bodies()` also what instructions do.
  Findings findings;
};

}  // namespace mimobox::wasm

#endif  // MIMOBOX_WASM_MODULE_SUMMARY_H_
