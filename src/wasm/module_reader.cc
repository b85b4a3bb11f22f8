#include "wasm/module_reader.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wasm/byte_reader.h"
#include "wasm/custom_sections.h"
#include "wasm/instruction.h"
#include "wasm/module_kind.h"
#include "wasm/module_summary.h"
#include "wasm/proposals.h"
#include "wasm/type_reader.h"
#include "wasm/types.h"

namespace mimobox::wasm {
namespace {

constexpr std::uint64_t kHeaderBytes = 8;
constexpr std::uint8_t kCodeId = 10;

struct SectionKind {
  std::string_view name;
  /// Where it stands among the others; the specification fixes the order.
  unsigned rank = 0;
};

/// By section id.
constexpr std::array kSectionKinds = {
    SectionKind{"custom", 0},      SectionKind{"type", 1},   SectionKind{"import", 2},
    SectionKind{"function", 3},    SectionKind{"table", 4},  SectionKind{"memory", 5},
    SectionKind{"global", 7},      SectionKind{"export", 8}, SectionKind{"start", 9},
    SectionKind{"element", 10},    SectionKind{"code", 12},  SectionKind{"data", 13},
    SectionKind{"data count", 11}, SectionKind{"tag", 6},
};

template <class T>
void keep(std::vector<T>& list, std::size_t max, T item) {
  if (list.size() < max) list.push_back(std::move(item));
}

/// What an import asks for; the member of its kind is set.
struct ImportType {
  ExternKind kind = ExternKind::kFunction;
  std::uint64_t offset = 0;
  std::uint32_t function_type = 0;
  TableType table = {};
  MemoryType memory = {};
  GlobalType global = {};
};

class ModuleReader {
 public:
  ModuleReader(std::span<const std::byte> bytes, const ReadOptions& options, ModuleSummary& summary)
      : in_(bytes), options_(options), summary_(summary), log_(summary.findings) {}

  [[nodiscard]] std::expected<void, ReadError> read();

 private:
  void read_section();
  void read_contents(std::uint8_t id, ByteReader& in);

  void read_imports(ByteReader& in);
  void read_import_group(ByteReader& in, std::string_view module);
  [[nodiscard]] ImportType read_import_type(ByteReader& in);
  void add_import(const ImportType& type, std::string_view module, std::string_view name);

  void read_functions(ByteReader& in);
  void read_tables(ByteReader& in);
  void read_memories(ByteReader& in);
  void read_tags(ByteReader& in);
  void read_tag(ByteReader& in);
  void read_globals(ByteReader& in);
  void read_exports(ByteReader& in);
  void read_elements(ByteReader& in);
  void read_element_items(ByteReader& in, std::uint32_t flags);
  void read_code(ByteReader& in);
  void read_locals(ByteReader& in, std::uint32_t function);
  void read_data(ByteReader& in);

  void add_function(std::uint32_t type);
  void add_table(const TableType& type, std::uint64_t at);
  void add_memory(const MemoryType& type, std::uint64_t at);
  void add_global(const GlobalType& type);
  [[nodiscard]] std::uint64_t params_of(std::uint32_t function) const;

  ByteReader in_;
  const ReadOptions options_;
  ModuleSummary& summary_;
  FeatureLog log_;
  unsigned last_rank_ = 0;
  std::uint64_t bodies_ = 0;
};

std::expected<void, ReadError> ModuleReader::read() {
  in_.skip(kHeaderBytes);
  while (in_.ok() && !in_.at_end())
    read_section();
  if (in_.ok() && bodies_ != summary_.counts.defined_functions) {
    in_.fail("the function section and the code section disagree on how many functions there are");
  }
  if (!in_.ok()) return std::unexpected(in_.error());
  return {};
}

void ModuleReader::read_section() {
  const std::uint64_t at = in_.offset();
  const std::uint8_t id = in_.u8();
  const std::uint32_t size = in_.u32();
  if (!in_.ok()) return;
  if (id >= kSectionKinds.size()) return in_.fail_at("a section of an unknown kind", at);
  if (size > in_.left()) return in_.fail_at("a section is larger than the bytes that follow", at);
  const SectionKind& kind = kSectionKinds[id];
  if (id != 0 && kind.rank <= last_rank_) return in_.fail_at("a section out of order", at);
  if (id != 0) last_rank_ = kind.rank;

  Section section{.id = id, .name = std::string(kind.name), .offset = in_.offset(), .size = size};
  ByteReader contents = in_.take(size);
  if (id == 0) {
    const std::string_view name = contents.name();
    section.name = shorten(name);
    if (contents.ok()) read_custom_section(name, contents, options_.function_names, summary_);
  } else {
    read_contents(id, contents);
    if (contents.ok() && !contents.at_end()) contents.fail("a section has bytes behind its end");
  }
  in_.fail_as(contents);
  if (id == kCodeId) summary_.code = section;
  ++summary_.counts.sections;
  keep(summary_.sections, kMaxKeptSections, std::move(section));
}

void ModuleReader::read_contents(std::uint8_t id, ByteReader& in) {
  switch (id) {
    case 1:
      read_types(in, log_, summary_.types);
      summary_.counts.types = summary_.types.size();
      return;
    case 2:
      return read_imports(in);
    case 3:
      return read_functions(in);
    case 4:
      return read_tables(in);
    case 5:
      return read_memories(in);
    case 6:
      return read_globals(in);
    case 7:
      return read_exports(in);
    case 8:
      summary_.start_function = in.u32();
      return;
    case 9:
      return read_elements(in);
    case kCodeId:
      return read_code(in);
    case 11:
      return read_data(in);
    case 12:
      log_.enter("section", id);
      log_.note(Proposal::kBulkMemory, in.offset(), "a data count");
      in.u32();
      return;
    case 13:
      return read_tags(in);
    default:
      return;
  }
}

void ModuleReader::read_imports(ByteReader& in) {
  const std::uint32_t groups = in.count(4);
  for (std::uint32_t i = 0; i < groups && in.ok(); ++i) {
    const std::string_view module = in.name();
    const std::string_view name = in.name();
    log_.enter_import(module, name);
    const std::uint8_t form = in.peek();
    if (name.empty() && (form == 0x7F || form == 0x7E)) {
      read_import_group(in, module);
    } else {
      const ImportType type = read_import_type(in);
      if (in.ok()) add_import(type, module, name);
    }
  }
}

/// Several imports from one module, of types of their own (0x7f) or of one for all (0x7e).
void ModuleReader::read_import_group(ByteReader& in, std::string_view module) {
  log_.note(Proposal::kCompactImports, in.offset(), "a group");
  const bool one_type = in.u8() == 0x7E;
  ImportType type;
  if (one_type) type = read_import_type(in);
  const std::uint32_t items = in.count(1);
  for (std::uint32_t i = 0; i < items && in.ok(); ++i) {
    const std::string_view name = in.name();
    log_.enter_import(module, name);
    if (!one_type) type = read_import_type(in);
    if (in.ok()) add_import(type, module, name);
  }
}

ImportType ModuleReader::read_import_type(ByteReader& in) {
  ImportType type{.offset = in.offset()};
  const std::uint8_t kind = in.u8();
  switch (kind) {
    case 0x20:  // a function of exactly this type
      log_.note(Proposal::kCustomDescriptors, type.offset, "an exact type");
      type.function_type = in.u32();
      break;
    case 0:
      type.function_type = in.u32();
      break;
    case 1:
      type.kind = ExternKind::kTable;
      type.table = read_table_type(in, log_);
      break;
    case 2:
      type.kind = ExternKind::kMemory;
      type.memory = read_memory_type(in, log_);
      break;
    case 3:
      type.kind = ExternKind::kGlobal;
      type.global = read_global_type(in, log_);
      break;
    case 4:
      type.kind = ExternKind::kTag;
      read_tag(in);
      break;
    default:
      in.fail_at("an import of an unknown kind", type.offset);
  }
  return type;
}

void ModuleReader::add_import(const ImportType& type, std::string_view module,
                              std::string_view name) {
  Counts& counts = summary_.counts;
  std::uint64_t index = 0;
  switch (type.kind) {
    case ExternKind::kFunction:
      index = counts.functions;
      ++counts.imported_functions;
      add_function(type.function_type);
      break;
    case ExternKind::kTable:
      index = counts.tables;
      add_table(type.table, type.offset);
      break;
    case ExternKind::kMemory:
      index = counts.memories;
      add_memory(type.memory, type.offset);
      break;
    case ExternKind::kGlobal:
      index = counts.globals;
      if (type.global.is_mutable) {
        log_.note(Proposal::kMutableGlobals, type.offset, "a mutable global");
      }
      add_global(type.global);
      break;
    case ExternKind::kTag:
      index = counts.tags++;
      break;
  }
  ++counts.imports;
  if (summary_.imports.size() >= kMaxKeptImports) return;
  summary_.imports.push_back(
      {std::string(module), std::string(name), type.kind, static_cast<std::uint32_t>(index)});
}

void ModuleReader::add_function(std::uint32_t type) {
  ++summary_.counts.functions;
  keep(summary_.function_types, kMaxKeptFunctions, type);
}

void ModuleReader::add_table(const TableType& type, std::uint64_t at) {
  if (++summary_.counts.tables == 2) log_.note(Proposal::kReferenceTypes, at, "a second table");
  keep(summary_.tables, kMaxKeptTables, type);
}

void ModuleReader::add_memory(const MemoryType& type, std::uint64_t at) {
  if (++summary_.counts.memories == 2) log_.note(Proposal::kMultiMemory, at, "a second memory");
  keep(summary_.memories, kMaxKeptMemories, type);
}

void ModuleReader::add_global(const GlobalType& type) {
  ++summary_.counts.globals;
  keep(summary_.globals, kMaxKeptGlobals, type);
}

void ModuleReader::read_functions(ByteReader& in) {
  const std::uint32_t functions = in.count(1);
  summary_.counts.defined_functions = functions;
  for (std::uint32_t i = 0; i < functions && in.ok(); ++i)
    add_function(in.u32());
}

void ModuleReader::read_tables(ByteReader& in) {
  const std::uint32_t tables = in.count(3);
  for (std::uint32_t i = 0; i < tables && in.ok(); ++i) {
    const std::uint64_t at = in.offset();
    log_.enter("table", summary_.counts.tables);
    const bool initialized = in.peek() == 0x40;
    if (initialized) {
      log_.note(Proposal::kFunctionReferences, at, "an initial value");
      in.skip(1);
      if (in.u8() != 0) in.fail_at("not a table", at);
    }
    const TableType type = read_table_type(in, log_);
    if (initialized) skip_constant_expression(in, log_);
    if (in.ok()) add_table(type, at);
  }
}

void ModuleReader::read_memories(ByteReader& in) {
  const std::uint32_t memories = in.count(2);
  for (std::uint32_t i = 0; i < memories && in.ok(); ++i) {
    const std::uint64_t at = in.offset();
    log_.enter("memory", summary_.counts.memories);
    const MemoryType type = read_memory_type(in, log_);
    if (summary_.counts.memories != 0) log_.note(Proposal::kMultiMemory, at, "");
    if (in.ok()) add_memory(type, at);
  }
}

void ModuleReader::read_tag(ByteReader& in) {
  log_.note(Proposal::kExceptions, in.offset(), "a tag");
  if (in.u8() != 0) in.fail("a tag of an unknown kind");
  in.u32();
}

void ModuleReader::read_tags(ByteReader& in) {
  const std::uint32_t tags = in.count(2);
  for (std::uint32_t i = 0; i < tags && in.ok(); ++i) {
    log_.enter("tag", summary_.counts.tags++);
    log_.note(Proposal::kExceptions, in.offset(), "");
    read_tag(in);
  }
}

void ModuleReader::read_globals(ByteReader& in) {
  const std::uint32_t globals = in.count(3);
  for (std::uint32_t i = 0; i < globals && in.ok(); ++i) {
    log_.enter("global", summary_.counts.globals);
    const GlobalType type = read_global_type(in, log_);
    skip_constant_expression(in, log_);
    if (in.ok()) add_global(type);
  }
}

void ModuleReader::read_exports(ByteReader& in) {
  const std::uint32_t exports = in.count(3);
  for (std::uint32_t i = 0; i < exports && in.ok(); ++i) {
    const std::string_view name = in.name();
    const std::uint64_t at = in.offset();
    const std::uint8_t kind = in.u8();
    const std::uint32_t index = in.u32();
    if (kind > 4) return in.fail_at("an export of an unknown kind", at);
    if (!in.ok()) return;
    log_.enter("export", i);
    const auto extern_kind = static_cast<ExternKind>(kind);
    if (extern_kind == ExternKind::kTag) log_.note(Proposal::kExceptions, at, "a tag");
    if (extern_kind == ExternKind::kGlobal && index < summary_.globals.size() &&
        summary_.globals[index].is_mutable) {
      log_.note(Proposal::kMutableGlobals, at, "a mutable global");
    }
    ++summary_.counts.exports;
    if (summary_.exports.size() < kMaxKeptExports) {
      summary_.exports.push_back({std::string(name), extern_kind, index});
    }
  }
}

void ModuleReader::read_elements(ByteReader& in) {
  const std::uint32_t segments = in.count(2);
  summary_.counts.element_segments = segments;
  for (std::uint32_t i = 0; i < segments && in.ok(); ++i) {
    log_.enter("element segment", i);
    const std::uint64_t at = in.offset();
    const std::uint32_t flags = in.u32();
    if (flags > 7) return in.fail_at("an element segment of an unknown kind", at);
    if ((flags & 1U) != 0) {
      log_.note(Proposal::kBulkMemory, at, "a passive segment");
    } else {
      if ((flags & 2U) != 0 && in.u32() != 0) {
        log_.note(Proposal::kReferenceTypes, at, "a second table");
      }
      skip_constant_expression(in, log_);
    }
    read_element_items(in, flags);
  }
}

void ModuleReader::read_element_items(ByteReader& in, std::uint32_t flags) {
  const std::uint64_t at = in.offset();
  const bool expressions = (flags & 4U) != 0;
  if ((flags & 3U) != 0) {
    if (expressions) {
      (void)read_element_type(in, log_);
    } else if (in.u8() != 0) {
      in.fail_at("an element segment of an unknown kind", at);
    }
  }
  const std::uint32_t items = in.count(1);
  for (std::uint32_t i = 0; i < items && in.ok(); ++i) {
    if (expressions) {
      skip_constant_expression(in, log_);
    } else {
      in.u32();
    }
  }
}

void ModuleReader::read_code(ByteReader& in) {
  const std::uint32_t bodies = in.count(2);
  bodies_ = bodies;
  for (std::uint32_t i = 0; i < bodies && in.ok(); ++i) {
    const auto function = static_cast<std::uint32_t>(summary_.counts.imported_functions + i);
    const std::uint32_t size = in.u32();
    ByteReader body = in.take(size);
    if (!in.ok()) return;
    if (size > summary_.largest_body.value) summary_.largest_body = {size, function};
    read_locals(body, function);
    in.fail_as(body);
  }
}

std::uint64_t ModuleReader::params_of(std::uint32_t function) const {
  if (function >= summary_.function_types.size()) return 0;
  const auto type = summary_.types.function(summary_.function_types[function]);
  return type ? type->params.size() : 0;
}

void ModuleReader::read_locals(ByteReader& in, std::uint32_t function) {
  log_.enter_function(function);
  std::uint64_t locals = params_of(function);
  const std::uint32_t groups = in.count(2);
  for (std::uint32_t i = 0; i < groups && in.ok(); ++i) {
    locals += in.u32();
    (void)read_value_type(in, log_);
  }
  if (locals > summary_.most_locals.value) summary_.most_locals = {locals, function};
}

void ModuleReader::read_data(ByteReader& in) {
  const std::uint32_t segments = in.count(2);
  summary_.counts.data_segments = segments;
  for (std::uint32_t i = 0; i < segments && in.ok(); ++i) {
    log_.enter("data segment", i);
    const std::uint64_t at = in.offset();
    const std::uint32_t flags = in.u32();
    if (flags > 2) return in.fail_at("a data segment of an unknown kind", at);
    if (flags == 2 && in.u32() != 0) log_.note(Proposal::kMultiMemory, at, "a second memory");
    if (flags == 1) {
      log_.note(Proposal::kBulkMemory, at, "a passive segment");
    } else {
      skip_constant_expression(in, log_);
    }
    in.skip(in.u32());
  }
}

}  // namespace

std::expected<ModuleSummary, ReadError> read_module(std::span<const std::byte> bytes,
                                                    const ReadOptions& options) {
  ModuleSummary summary;
  summary.size_bytes = bytes.size();
  const ByteKind kind = byte_kind(bytes);
  if (kind == ByteKind::kComponent) {
    summary.is_component = true;
    summary.findings.used.add(Proposal::kComponentModel);
    summary.findings.refusals.push_back({Proposal::kComponentModel, "a component, not a module"});
    return summary;
  }
  if (kind != ByteKind::kModule) {
    return std::unexpected(ReadError{std::string(kind_hint(kind)), 0});
  }
  if (auto read = ModuleReader(bytes, options, summary).read(); !read) {
    return std::unexpected(std::move(read).error());
  }
  return summary;
}

}  // namespace mimobox::wasm
