#ifndef MIMOBOX_ENGINE_HOST_BINDING_H_
#define MIMOBOX_ENGINE_HOST_BINDING_H_

#include <wasmtime.h>

#include <memory>
#include <string_view>

#include "mimobox/error.h"

#include "base/host_call.h"
#include "engine/activation.h"

namespace mimobox::engine {

/// What host calls of one run share; the store's data points at it.
struct HostCallState {
  void* context = nullptr;           ///< goes to every host function
  Activation* activation = nullptr;  ///< of the run
  bool lends_memory = false;         ///< whether host functions may touch the guest's memory
  /// Why the guest was unwound by a host call or by the interrupt check; kReturn while it was not.
  base::HostCallOutcome ended_by = base::HostCallOutcome::kReturn;
};

struct FuncTypeDelete {
  void operator()(wasm_functype_t* type) const { wasm_functype_delete(type); }
};
using FuncTypePtr = std::unique_ptr<wasm_functype_t, FuncTypeDelete>;

/// The engine's type of a signature as `base::HostFunction` spells it; null when it is not one.
[[nodiscard]] FuncTypePtr make_function_type(std::string_view signature);

/// Defines `function` (static) in the linker. Error: `kInternal`.
[[nodiscard]] Result<void> define_host_function(wasmtime_linker_t& linker, std::string_view module,
                                                const base::HostFunction& function);

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_HOST_BINDING_H_
