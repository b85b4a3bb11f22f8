#ifndef MIMOBOX_ENGINE_TRAP_SITE_H_
#define MIMOBOX_ENGINE_TRAP_SITE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "mimobox/error.h"

struct wasm_engine_t;
struct wasmtime_module;

namespace mimobox::engine {

/// A trapping instruction that the engine knows, in a module that has nothing else. Every thread of
/// the process may be sent there: the engine looks a trap up by its address alone, and leaves
/// frames of modules that a store does not know out of its backtrace.
class TrapSite {
 public:
  /// Compiles that module. Error: `kModuleInvalid`.
  [[nodiscard]] static Result<std::vector<std::byte>> compile(const wasm_engine_t& engine);

  /// Loads what `compile()` made on an engine with the same `CodeKey`. Errors: `kInternal`, also
  /// when there is no such instruction.
  [[nodiscard]] static Result<TrapSite> load(wasm_engine_t& engine,
                                             std::span<const std::byte> artifact);

  TrapSite() = default;
  TrapSite(TrapSite&& other) noexcept
      : module_(std::exchange(other.module_, nullptr)),
        address_(std::exchange(other.address_, 0)) {}
  TrapSite& operator=(TrapSite&& other) noexcept {
    std::swap(module_, other.module_);
    std::swap(address_, other.address_);
    return *this;
  }
  TrapSite(const TrapSite&) = delete;
  TrapSite& operator=(const TrapSite&) = delete;
  ~TrapSite();

  /// 0 when there is none.
  [[nodiscard]] std::uintptr_t address() const { return address_; }

 private:
  wasmtime_module* module_ = nullptr;
  std::uintptr_t address_ = 0;
};

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_TRAP_SITE_H_
