#ifndef MIMOBOX_ENGINE_ERRORS_H_
#define MIMOBOX_ENGINE_ERRORS_H_

#include <mimobox_engine.h>

#include <memory>
#include <string>

#include "mimobox/result.h"

namespace mimobox::engine {

struct ErrorDelete {
  void operator()(wasmtime_error_t* error) const { wasmtime_error_delete(error); }
};
using ErrorPtr = std::unique_ptr<wasmtime_error_t, ErrorDelete>;

struct TrapDelete {
  void operator()(wasm_trap_t* trap) const { wasm_trap_delete(trap); }
};
using TrapPtr = std::unique_ptr<wasm_trap_t, TrapDelete>;

/// The error's text on one line. It may quote the module: guest text.
[[nodiscard]] std::string error_text(const wasmtime_error_t& error);

/// A text of the engine's about the guest, cut to a bounded length; empty for none.
[[nodiscard]] std::string bounded_text(const mimobox_text_t& text);

/// Whether the guest's fuel was used up.
[[nodiscard]] bool is_out_of_fuel(const wasm_trap_t& trap);

/// A trap in our words; the engine's own text carries its whole error chain.
[[nodiscard]] Trap describe_trap(const wasm_trap_t& trap);

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_ERRORS_H_
