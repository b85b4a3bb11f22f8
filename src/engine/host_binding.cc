#include "engine/host_binding.h"

#include <mimobox_engine.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "engine/errors.h"

namespace mimobox::engine {
namespace {

static_assert(sizeof(base::RawValue) == sizeof(wasmtime_val_raw_t));
static_assert(alignof(base::RawValue) <= alignof(wasmtime_val_raw_t));

/// The guest's memory as it is now; empty when it lends none.
std::span<std::byte> memory_of(const HostCallState& state) noexcept {
  const mimobox_memory_t* const memory = state.activation->memory;
  if (memory == nullptr || !state.lends_memory) return {};
  return {reinterpret_cast<std::byte*>(memory->base), memory->size};
}

/// Called by the engine for every host call of a guest.
wasm_trap_t* on_host_call(void* env, wasmtime_caller_t* caller, wasmtime_val_raw_t* values,
                          std::size_t /*count*/) noexcept {
  const auto& function = *static_cast<const base::HostFunction*>(env);
  auto& state =
      *static_cast<HostCallState*>(wasmtime_context_get_data(wasmtime_caller_context(caller)));
  base::HostCallOutcome outcome = base::HostCallOutcome::kStop;
  {
    const HostCallScope in_host(*state.activation);
    if (!in_host.stopped()) {
      outcome =
          function.call(state.context, memory_of(state), reinterpret_cast<base::RawValue*>(values));
      if (outcome == base::HostCallOutcome::kReturn && in_host.stopped()) {
        outcome = base::HostCallOutcome::kStop;
      }
    }
  }
  if (outcome == base::HostCallOutcome::kReturn) return nullptr;
  state.ended_by = outcome;
  // One with a code is what the engine tells the guest's place of.
  return wasmtime_trap_new_code(WASMTIME_TRAP_CODE_INTERRUPT);
}

bool append_types(std::string_view letters, wasm_valtype_vec_t* out) {
  std::vector<wasm_valtype_t*> types;
  types.reserve(letters.size());
  for (const char letter : letters) {
    if (letter != 'i' && letter != 'I') {
      for (wasm_valtype_t* type : types)
        wasm_valtype_delete(type);
      return false;
    }
    types.push_back(wasm_valtype_new(letter == 'i' ? WASM_I32 : WASM_I64));
  }
  if (types.empty()) {
    wasm_valtype_vec_new_empty(out);
  } else {
    wasm_valtype_vec_new(out, types.size(), types.data());
  }
  return true;
}

}  // namespace

FuncTypePtr make_function_type(std::string_view signature) {
  const auto colon = signature.find(':');
  if (colon == std::string_view::npos) return nullptr;
  wasm_valtype_vec_t parameters;
  wasm_valtype_vec_t results;
  if (!append_types(signature.substr(0, colon), &parameters)) return nullptr;
  if (!append_types(signature.substr(colon + 1), &results)) {
    wasm_valtype_vec_delete(&parameters);
    return nullptr;
  }
  return FuncTypePtr(wasm_functype_new(&parameters, &results));
}

Result<void> define_host_function(wasmtime_linker_t& linker, std::string_view module,
                                  const base::HostFunction& function) {
  const std::string name = std::string(module) + "." + std::string(function.name);
  const FuncTypePtr type = make_function_type(function.signature);
  if (!type) {
    return std::unexpected(
        SandboxError{ErrorCode::kInternal, "host function " + name + " has no valid signature"});
  }
  const ErrorPtr error(wasmtime_linker_define_func_unchecked(
      &linker, module.data(), module.size(), function.name.data(), function.name.size(), type.get(),
      on_host_call, const_cast<base::HostFunction*>(&function), nullptr));
  if (error) {
    return std::unexpected(SandboxError{ErrorCode::kInternal, name + ": " + error_text(*error)});
  }
  return {};
}

}  // namespace mimobox::engine
