#include "engine/new_engine.h"

#include <mimobox_engine.h>

#include <string>
#include <utility>

#include "engine/fault_handlers.h"

namespace mimobox::engine {

Result<wasm_engine_t*> new_engine(wasm_config_t* config, EngineUse use) {
  char* text = nullptr;
  wasm_engine_t* const engine = mimobox_engine_new(config, use == EngineUse::kCompile, &text);
  if (engine != nullptr) {
    note_fault_handlers();
    return engine;
  }
  SandboxError error{ErrorCode::kResourceExhausted,
                     std::string("the engine cannot start on this machine: ") +
                         (text != nullptr ? text : "no reason given")};
  mimobox_string_delete(text);
  return std::unexpected(std::move(error));
}

}  // namespace mimobox::engine
