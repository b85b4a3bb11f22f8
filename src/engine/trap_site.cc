#include "engine/trap_site.h"

#include <mimobox_engine.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "engine/code_ranges.h"
#include "engine/errors.h"
#include "engine/machine_context.h"

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

Result<std::vector<std::byte>> TrapSite::compile(const wasm_engine_t& engine) {
  wasm_byte_vec_t artifact;
  const ErrorPtr error(mimobox_compile(&engine, kModule, sizeof kModule, &artifact));
  if (error) return std::unexpected(SandboxError{ErrorCode::kModuleInvalid, error_text(*error)});
  const auto* begin = reinterpret_cast<const std::byte*>(artifact.data);
  std::vector<std::byte> bytes(begin, begin + artifact.size);
  wasm_byte_vec_delete(&artifact);
  return bytes;
}

Result<TrapSite> TrapSite::load(wasm_engine_t& engine, std::span<const std::byte> artifact) {
  TrapSite site;
  const ErrorPtr error(
      wasmtime_module_deserialize(&engine, reinterpret_cast<const std::uint8_t*>(artifact.data()),
                                  artifact.size(), &site.module_));
  if (error) return std::unexpected(SandboxError{ErrorCode::kInternal, error_text(*error)});
  site.address_ = find_trap(*site.module_);
  if (site.address_ == 0) {
    return std::unexpected(
        SandboxError{ErrorCode::kInternal,
                     "the engine compiles `unreachable` to an instruction that is unknown"});
  }
  return site;
}

TrapSite::~TrapSite() {
  if (module_ != nullptr) wasmtime_module_delete(module_);
}

}  // namespace mimobox::engine
