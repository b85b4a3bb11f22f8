#ifndef MIMOBOX_ENGINE_NEW_ENGINE_H_
#define MIMOBOX_ENGINE_NEW_ENGINE_H_

#include <cstdint>

#include "mimobox/error.h"

struct wasm_config_t;
struct wasm_engine_t;

namespace mimobox::engine {

/// What an engine is for.
enum class EngineUse : std::uint8_t {
  kRun,  ///< loads and runs what was compiled before: no compiler, whose settings take longer to
         ///< make than all the rest
  kCompile,  ///< compiles too
};

/// Makes an engine of `config`, which is consumed; the caller deletes it. The first one of the
/// process installs the engine's fault handlers, which are noted (engine/fault_handlers.h). Error:
/// `kResourceExhausted` when the engine refuses its configuration on this machine.
[[nodiscard]] Result<wasm_engine_t*> new_engine(wasm_config_t* config, EngineUse use);

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_NEW_ENGINE_H_
