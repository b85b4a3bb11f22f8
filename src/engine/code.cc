#include "engine/code.h"

#include <fcntl.h>
#include <mimobox_engine.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>

#include "engine/errors.h"

namespace mimobox::engine {
namespace {

struct ModuleDelete {
  void operator()(wasmtime_module_t* module) const { wasmtime_module_delete(module); }
};
using ModulePtr = std::unique_ptr<wasmtime_module_t, ModuleDelete>;

/// Copies and frees what the engine gave.
std::vector<std::byte> take_bytes(wasm_byte_vec_t& from) {
  const auto* begin = reinterpret_cast<const std::byte*>(from.data);
  std::vector<std::byte> bytes(begin, begin + from.size);
  wasm_byte_vec_delete(&from);
  return bytes;
}

/// The descriptor is consumed.
Result<ModulePtr> map_file(const Engine& engine, int file) {
  wasmtime_module_t* module = nullptr;
  const ErrorPtr error(mimobox_module_map(engine.raw(), file, &module));
  if (error) return std::unexpected(SandboxError{ErrorCode::kInternal, error_text(*error)});
  return ModulePtr(module);
}

Result<ModulePtr> map_bytes(const Engine& engine, std::span<const std::byte> bytes) {
  wasmtime_module_t* module = nullptr;
  const ErrorPtr error(wasmtime_module_deserialize(
      engine.raw(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), &module));
  if (error) return std::unexpected(SandboxError{ErrorCode::kInternal, error_text(*error)});
  return ModulePtr(module);
}

/// What is called before `main` when a module exports it (the ABI of WASI reactors).
constexpr std::string_view kInitialize = "_initialize";
/// The memory that host functions work on.
constexpr std::string_view kMemory = "memory";

std::string_view view(const wasm_name_t* name) {
  return {name->data, name->size};
}

/// Names the first import that no host function answers; the engine checks the types afterwards.
Result<std::vector<const base::HostFunction*>> find_imports(const wasmtime_module_t& module,
                                                            const HostModule& host) {
  wasm_importtype_vec_t imports;
  wasmtime_module_imports(&module, &imports);
  const std::unique_ptr<wasm_importtype_vec_t, decltype(&wasm_importtype_vec_delete)> owner(
      &imports, wasm_importtype_vec_delete);
  Result<std::vector<const base::HostFunction*>> result;
  for (std::size_t i = 0; i < imports.size && result; ++i) {
    const std::string_view from = view(wasm_importtype_module(imports.data[i]));
    const std::string_view name = view(wasm_importtype_name(imports.data[i]));
    if (from == host.name) {
      const auto found = std::ranges::find(host.functions, name, &base::HostFunction::name);
      if (found != host.functions.end()) {
        result->push_back(&*found);
        continue;
      }
    }
    std::string message = "the module imports \"" + std::string(name) + "\" from \"" +
                          std::string(from) + "\", which no sandbox offers";
    if (from == "wasi_unstable") message += "; build it for wasm32-wasip1 (WASI preview 1)";
    result = std::unexpected(SandboxError{ErrorCode::kUnsupportedImport, std::move(message)});
  }
  return result;
}

/// How a function export can be called, if it can be called by us at all.
enum class Shape : std::uint8_t { kOther, kNothing, kReturnsI32 };

Shape shape_of(const wasm_exporttype_t& item) {
  const wasm_functype_t* type = wasm_externtype_as_functype_const(wasm_exporttype_type(&item));
  if (type == nullptr || wasm_functype_params(type)->size != 0) return Shape::kOther;
  const wasm_valtype_vec_t& results = *wasm_functype_results(type);
  if (results.size == 0) return Shape::kNothing;
  const bool one_i32 = results.size == 1 && wasm_valtype_kind(results.data[0]) == WASM_I32;
  return one_i32 ? Shape::kReturnsI32 : Shape::kOther;
}

/// The export of that name, null when there is none.
const wasm_exporttype_t* find_export(const wasm_exporttype_vec_t& exports, std::string_view name) {
  const std::span items(exports.data, exports.size);
  const auto found = std::ranges::find_if(
      items, [&](const auto* item) { return view(wasm_exporttype_name(item)) == name; });
  return found == items.end() ? nullptr : *found;
}

std::optional<EntryPoint> choose_entry_point(const wasm_exporttype_vec_t& exports) {
  const auto* const start = find_export(exports, "_start");
  if (start != nullptr && shape_of(*start) == Shape::kNothing) return EntryPoint::kStart;
  const auto* const main = find_export(exports, "main");
  if (main == nullptr || shape_of(*main) == Shape::kOther) return std::nullopt;
  return shape_of(*main) == Shape::kNothing ? EntryPoint::kMain : EntryPoint::kMainCode;
}

/// The export that `mimobox_compile()` made of a start function, and what its name tells.
std::optional<std::string> find_start(const wasm_exporttype_vec_t& exports,
                                      std::int64_t* code_moved) {
  constexpr std::string_view kPrefix = MIMOBOX_START_EXPORT;
  for (const wasm_exporttype_t* item : std::span(exports.data, exports.size)) {
    const std::string_view name = view(wasm_exporttype_name(item));
    if (!name.starts_with(kPrefix) || shape_of(*item) != Shape::kNothing) continue;
    std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), *code_moved);
    return std::string(name);
  }
  return std::nullopt;
}

/// The name of the export behind an entry point.
std::string_view entry_point_name(EntryPoint entry) {
  switch (entry) {
    case EntryPoint::kStart:
      return "_start";
    case EntryPoint::kMain:
    case EntryPoint::kMainCode:
      return "main";
  }
  return "_start";
}

}  // namespace

Result<std::vector<std::byte>> compile(const Engine& engine, std::span<const std::byte> bytes) {
  if (auto started = start_compile_threads(); !started) return std::unexpected(started.error());
  const auto compiler = engine.compiler();
  if (!compiler) return std::unexpected(compiler.error());
  wasm_byte_vec_t artifact;
  const ErrorPtr error(mimobox_compile(
      *compiler, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), &artifact));
  if (error) return std::unexpected(SandboxError{ErrorCode::kModuleInvalid, error_text(*error)});
  return take_bytes(artifact);
}

std::optional<std::vector<CodeRange>> find_ranges(const Engine& engine,
                                                  std::span<const std::byte> artifact) {
  if (engine.key().code.interrupt == InterruptWay::kEpoch) return std::vector<CodeRange>();
  auto module = map_bytes(engine, artifact);
  if (!module) return std::nullopt;
  const auto ranges = CodeRanges::of(**module);
  if (!ranges) return std::nullopt;
  return std::vector(ranges->all().begin(), ranges->all().end());
}

Result<std::shared_ptr<const Code>> Code::load(std::shared_ptr<Engine> engine, Artifact artifact,
                                               std::optional<std::vector<CodeRange>> ranges) {
  const int file = artifact.release_file().release();
  auto module = file >= 0 ? map_file(*engine, file) : map_bytes(*engine, artifact.bytes());
  if (!module) return std::unexpected(std::move(module).error());
  auto made = std::unique_ptr<Code>(new Code(std::move(engine), module->get(), file));
  static_cast<void>(module->release());  // the code's own now
  const std::shared_ptr<Code> code(std::move(made));
  if (auto linked = code->link(); !linked) return std::unexpected(std::move(linked).error());
  if (auto found = code->find_bodies(std::move(ranges)); !found) {
    return std::unexpected(std::move(found).error());
  }
  return code;
}

Code::~Code() {
  if (pre_ != nullptr) wasmtime_instance_pre_delete(pre_);
  wasmtime_module_delete(module_);
}

Result<void> Code::find_bodies(std::optional<std::vector<CodeRange>> ranges) {
  memory_offset_ = mimobox_module_memory_offset(module_);
  text_ = reinterpret_cast<std::uintptr_t>(mimobox_module_text(module_, &text_bytes_));
  if (engine_->key().code.interrupt == InterruptWay::kEpoch) return {};
  if (!ranges) {
    ranges_ = CodeRanges::of(*module_);
    return {};
  }
  ranges_ = CodeRanges::checked(*std::move(ranges), *module_);
  if (ranges_) return {};
  return std::unexpected(SandboxError{
      ErrorCode::kInternal, "the function ranges kept with the compiled module are not its own"});
}

std::optional<Frame> Code::frame_at(std::uintptr_t pc) const {
  struct Search {
    std::size_t offset;
    std::optional<Frame> found;
  } search{.offset = pc - text_, .found = std::nullopt};
  mimobox_module_bodies(
      module_,
      [](void* context, const mimobox_body_t* body) noexcept {
        auto& wanted = *static_cast<Search*>(context);
        if (wanted.offset - body->offset >= body->size) return true;
        try {
          wanted.found = Frame{.function = bounded_text(body->name), .function_index = body->index};
        } catch (const std::bad_alloc&) {  // then it has no name to tell
        }
        return false;
      },
      &search);
  return search.found;
}

bool Code::interruptible() const {
  switch (engine_->key().code.interrupt) {
    case InterruptWay::kEpoch:
      return true;
    case InterruptWay::kSignal:
      return ranges_.has_value() && engine_->trap_site() != 0;
  }
  return false;
}

std::span<const CodeRange> Code::ranges() const {
  return ranges_ ? ranges_->all() : std::span<const CodeRange>();
}

Result<void> Code::link() {
  const auto imports = find_imports(*module_, engine_->host());
  if (!imports) return std::unexpected(imports.error());
  tells_cpu_time_ = std::ranges::any_of(
      *imports, [](const base::HostFunction* function) { return function->tells_cpu_time; });
  if (auto found = find_exports(); !found) return found;
  table_count_ = mimobox_module_table_count(module_);
  auto linked = engine_->link(*module_, *imports);
  if (!linked) return std::unexpected(std::move(linked).error());
  pre_ = *linked;
  return {};
}

void Code::ExportDelete::operator()(mimobox_export* exported) const {
  mimobox_export_delete(exported);
}

Code::ExportPtr Code::find_function(std::string_view name) const {
  return ExportPtr(mimobox_export_find(module_, name.data(), name.size()));
}

Result<void> Code::find_exports() {
  wasm_exporttype_vec_t exports;
  wasmtime_module_exports(module_, &exports);
  const auto entry = choose_entry_point(exports);
  const auto* const initialize = find_export(exports, kInitialize);
  if (entry && *entry != EntryPoint::kStart && initialize != nullptr &&
      shape_of(*initialize) == Shape::kNothing) {
    initialize_ = find_function(kInitialize);
  }
  if (const auto start = find_start(exports, &code_moved_)) start_ = find_function(*start);
  const auto* const memory = find_export(exports, kMemory);
  lends_memory_ =
      memory != nullptr && wasm_externtype_kind(wasm_exporttype_type(memory)) == WASM_EXTERN_MEMORY;
  wasm_exporttype_vec_delete(&exports);
  if (entry) {
    entry_ = *entry;
    entry_function_ = find_function(entry_point_name(*entry));
    return {};
  }
  return std::unexpected(SandboxError{
      ErrorCode::kNoEntryPoint,
      "the module exports neither a function \"_start\" without parameters and results "
      "nor a function \"main\" without parameters that returns nothing or an i32; build "
      "a program (WASI command), not a library"});
}

Result<Artifact> Code::artifact() const {
  if (file_ >= 0) {
    base::UniqueFd again(::fcntl(file_, F_DUPFD_CLOEXEC, 0));
    if (again.valid()) return Artifact::in_file(std::move(again));
    return std::unexpected(SandboxError{ErrorCode::kResourceExhausted,
                                        "no descriptor left to map the compiled module", errno});
  }
  wasm_byte_vec_t bytes;
  const ErrorPtr error(wasmtime_module_serialize(module_, &bytes));
  if (error) return std::unexpected(SandboxError{ErrorCode::kInternal, error_text(*error)});
  return Artifact::in_memory(take_bytes(bytes));
}

}  // namespace mimobox::engine
