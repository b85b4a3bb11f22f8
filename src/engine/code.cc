#include "engine/code.h"

#include <wasmtime.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "engine/errors.h"

namespace mimobox::engine {
namespace {

std::string_view view(const wasm_name_t* name) { return {name->data, name->size}; }

/// Names the first import that no host function answers; the engine checks the types afterwards.
Result<void> check_imports(const wasmtime_module_t& module, const HostModule& host) {
  wasm_importtype_vec_t imports;
  wasmtime_module_imports(&module, &imports);
  Result<void> result;
  for (std::size_t i = 0; i < imports.size && result; ++i) {
    const std::string_view from = view(wasm_importtype_module(imports.data[i]));
    const std::string_view name = view(wasm_importtype_name(imports.data[i]));
    const bool known =
        from == host.name && std::ranges::any_of(host.functions, [&](const base::HostFunction& f) {
          return f.name == name;
        });
    if (known) continue;
    std::string message = "the module imports \"" + std::string(name) + "\" from \"" +
                          std::string(from) + "\", which no sandbox offers";
    if (from == "wasi_unstable") message += "; build it for wasm32-wasip1 (WASI preview 1)";
    result = std::unexpected(SandboxError{ErrorCode::kUnsupportedImport, std::move(message)});
  }
  wasm_importtype_vec_delete(&imports);
  return result;
}

bool is_entry_point(const wasm_exporttype_t* item) {
  if (view(wasm_exporttype_name(item)) != kEntryPoint) return false;
  const wasm_functype_t* type = wasm_externtype_as_functype_const(wasm_exporttype_type(item));
  return type != nullptr && wasm_functype_params(type)->size == 0 &&
         wasm_functype_results(type)->size == 0;
}

Result<void> check_entry_point(const wasmtime_module_t& module) {
  wasm_exporttype_vec_t exports;
  wasmtime_module_exports(&module, &exports);
  const bool found = std::any_of(exports.data, exports.data + exports.size, is_entry_point);
  wasm_exporttype_vec_delete(&exports);
  if (found) return {};
  return std::unexpected(
      SandboxError{ErrorCode::kNoEntryPoint,
                   "the module exports no function \"_start\" without parameters and results; "
                   "build a program (WASI command), not a library"});
}

}  // namespace

Result<std::shared_ptr<const Code>> Code::compile(std::shared_ptr<Engine> engine,
                                                  std::span<const std::byte> bytes) {
  wasmtime_module_t* module = nullptr;
  const ErrorPtr error(wasmtime_module_new(
      engine->raw(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), &module));
  if (error) {
    return std::unexpected(SandboxError{ErrorCode::kModuleInvalid, error_text(*error)});
  }
  const auto code = std::shared_ptr<Code>(new Code(std::move(engine), module));
  if (auto linked = code->link(); !linked) return std::unexpected(std::move(linked).error());
  return code;
}

Result<std::shared_ptr<const Code>> Code::load_artifact(std::shared_ptr<Engine> engine,
                                                        std::span<const std::byte> artifact) {
  wasmtime_module_t* module = nullptr;
  const ErrorPtr error(wasmtime_module_deserialize(
      engine->raw(), reinterpret_cast<const std::uint8_t*>(artifact.data()), artifact.size(),
      &module));
  if (error) return std::unexpected(SandboxError{ErrorCode::kInternal, error_text(*error)});
  const auto code = std::shared_ptr<Code>(new Code(std::move(engine), module));
  if (auto linked = code->link(); !linked) return std::unexpected(std::move(linked).error());
  return code;
}

Code::~Code() {
  if (pre_ != nullptr) wasmtime_instance_pre_delete(pre_);
  wasmtime_module_delete(module_);
}

Result<void> Code::link() {
  if (auto imports = check_imports(*module_, engine_->host()); !imports) return imports;
  if (auto entry = check_entry_point(*module_); !entry) return entry;
  const ErrorPtr error(wasmtime_linker_instantiate_pre(engine_->linker(), module_, &pre_));
  if (error) {
    return std::unexpected(SandboxError{ErrorCode::kUnsupportedImport, error_text(*error)});
  }
  return {};
}

Result<std::vector<std::byte>> Code::artifact() const {
  wasm_byte_vec_t bytes;
  const ErrorPtr error(wasmtime_module_serialize(module_, &bytes));
  if (error) return std::unexpected(SandboxError{ErrorCode::kInternal, error_text(*error)});
  const auto* begin = reinterpret_cast<const std::byte*>(bytes.data);
  std::vector<std::byte> artifact(begin, begin + bytes.size);
  wasm_byte_vec_delete(&bytes);
  return artifact;
}

}  // namespace mimobox::engine
