#include "engine/trap_site.h"

#include <mimobox_engine.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "engine/code_ranges.h"
#include "engine/errors.h"
#include "engine/machine_context.h"
#include "engine/new_engine.h"

namespace mimobox::engine {
namespace {

/// (module (func unreachable))
constexpr std::uint8_t kModule[] = {0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01,
                                    0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00,
                                    0x0a, 0x05, 0x01, 0x03, 0x00, 0x00, 0x0b};

/// Where `unreachable` stands in the module's only function; 0 when it cannot be told.
std::uintptr_t find_trap(const wasmtime_module& module) {
  const auto ranges = CodeRanges::of(module);
  if (!ranges || ranges->all().size() != 1) return 0;
  std::size_t text_bytes = 0;
  const std::uint8_t* const text = mimobox_module_text(&module, &text_bytes);
  const std::span body(text + ranges->all()[0].begin, text + ranges->all()[0].end);
  const auto first = std::search(body.begin(), body.end(), std::begin(kTrapInstruction),
                                 std::end(kTrapInstruction));
  if (first == body.end()) return 0;
  return reinterpret_cast<std::uintptr_t>(&*first);
}

}  // namespace

Result<std::shared_ptr<const TrapSite>> TrapSite::make(std::span<const std::byte> artifact) {
  wasm_config_t* const config = wasm_config_new();
  wasmtime_config_gc_support_set(config, false);
  wasmtime_config_parallel_compilation_set(config, false);
  auto site = std::shared_ptr<TrapSite>(new TrapSite());
  auto engine = new_engine(config, artifact.empty() ? EngineUse::kCompile : EngineUse::kRun);
  if (!engine) return std::unexpected(std::move(engine).error());
  site->engine_ = *engine;
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(artifact.data());
  const ErrorPtr error(
      artifact.empty()
          ? wasmtime_module_new(site->engine_, kModule, sizeof kModule, &site->module_)
          : wasmtime_module_deserialize(site->engine_, bytes, artifact.size(), &site->module_));
  if (error) return std::unexpected(SandboxError{ErrorCode::kInternal, error_text(*error)});
  site->address_ = find_trap(*site->module_);
  if (site->address_ == 0) {
    return std::unexpected(SandboxError{ErrorCode::kInternal,
                                        "no trap was found where the engine should have put one"});
  }
  return site;
}

Result<std::vector<std::byte>> TrapSite::artifact() const {
  wasm_byte_vec_t bytes;
  const ErrorPtr error(wasmtime_module_serialize(module_, &bytes));
  if (error) return std::unexpected(SandboxError{ErrorCode::kInternal, error_text(*error)});
  const auto* begin = reinterpret_cast<const std::byte*>(bytes.data);
  std::vector<std::byte> copy(begin, begin + bytes.size);
  wasm_byte_vec_delete(&bytes);
  return copy;
}

TrapSite::~TrapSite() {
  if (module_ != nullptr) wasmtime_module_delete(module_);
  if (engine_ != nullptr) wasm_engine_delete(engine_);
}

}  // namespace mimobox::engine
