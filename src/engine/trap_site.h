#ifndef MIMOBOX_ENGINE_TRAP_SITE_H_
#define MIMOBOX_ENGINE_TRAP_SITE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "mimobox/error.h"

struct wasm_engine_t;
struct wasmtime_module;

namespace mimobox::engine {

/// A trapping instruction that the engine knows, in a module that has nothing else, of an engine
/// that has nothing else. Every thread of the process may be sent there, whatever its guest's
/// engine: the trap is looked up by its address alone, and a backtrace leaves out frames of modules
/// that the guest's store does not know.
class TrapSite {
 public:
  /// From an artifact of `artifact()`, or compiled when that is empty. Errors: `kInternal`, also
  /// when the instruction is not found; `kResourceExhausted`.
  [[nodiscard]] static Result<std::shared_ptr<const TrapSite>> make(
      std::span<const std::byte> artifact = {});
  TrapSite(const TrapSite&) = delete;
  TrapSite& operator=(const TrapSite&) = delete;
  ~TrapSite();

  [[nodiscard]] std::uintptr_t address() const { return address_; }

  /// The module's compiled form: native code for this machine and build of the engine.
  [[nodiscard]] Result<std::vector<std::byte>> artifact() const;

 private:
  TrapSite() = default;
  wasm_engine_t* engine_ = nullptr;
  wasmtime_module* module_ = nullptr;
  std::uintptr_t address_ = 0;
};

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_TRAP_SITE_H_
