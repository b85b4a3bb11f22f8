#ifndef MIMOBOX_ENGINE_ENGINE_H_
#define MIMOBOX_ENGINE_ENGINE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mimobox/error.h"

#include "base/host_call.h"
#include "engine/engine_key.h"
#include "engine/slot_sweeper.h"
#include "engine/trap_site.h"

struct wasm_engine_t;
struct wasmtime_instance_pre;
struct wasmtime_linker;
struct wasmtime_module;

namespace mimobox::engine {

/// The host functions that every guest of an engine may import, all from one module.
struct HostModule {
  std::string_view name;                          ///< static
  std::span<const base::HostFunction> functions;  ///< static
};

/// The largest tables that a pool's slot has room for; larger ones are made on demand.
inline constexpr std::uint64_t kPoolTableElements = 1U << 20;

/// What a pool's slot keeps resident of its last guest's memory, reset by writing instead of giving
/// the pages back: docs/rationale.md has the measurement.
inline constexpr std::uint64_t kKeptMemoryBytes = 1U << 20;

/// One configured engine with its host functions. Any number of threads may use it.
class Engine {
 public:
  /// Error: `kResourceExhausted` when the engine refuses its configuration on this machine. With
  /// `InterruptWay::kSignal` and no `trap_site` it compiles, and its code is not `interruptible()`.
  /// Without a `sweeper` the slots of its pool keep what they have.
  [[nodiscard]] static Result<std::shared_ptr<Engine>> create(
      const EngineKey& key, const HostModule& host,
      std::shared_ptr<const TrapSite> trap_site = nullptr,
      std::shared_ptr<SlotSweeper> sweeper = nullptr);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  [[nodiscard]] const EngineKey& key() const { return key_; }
  [[nodiscard]] const HostModule& host() const { return host_; }

  /// Whether `bytes` are a module that this engine takes: `kModuleInvalid` if not. Error
  /// `kResourceExhausted` when the host gives no threads.
  [[nodiscard]] Result<void> validate(std::span<const std::byte> bytes) const;

  /// Everything that code depends on beside the module (the engine's version, the target, the CPU's
  /// features, settings), as bytes: engines with the same ones take each other's artifacts.
  [[nodiscard]] std::vector<std::byte> settings() const;

  /// Makes every store of this engine look at its own stop word soon. Any thread.
  void bump_epoch() noexcept;

  /// Where an interrupted guest is sent; 0 when the engine's way is not `InterruptWay::kSignal`.
  /// Async-signal-safe.
  [[nodiscard]] std::uintptr_t trap_site() const noexcept {
    return trap_site_ ? trap_site_->address() : 0;
  }

  /// A table like `original`, an instance's of the engine's own functions, that leads to the trap.
  /// Made at the first call: it is the same for all instances.
  [[nodiscard]] const void* const* trapping_builtins(const void* const* original);

  /// A run on this engine begins, or has ended.
  void note_use() noexcept {
    if (slots_) slots_->note_use();
  }

  [[nodiscard]] wasm_engine_t* raw() const { return engine_; }
  /// What compiles for it: an engine of the same settings that has a compiler. Made at the first
  /// call, since a process that finds all its code in the cache needs none. Any thread. Error
  /// `kResourceExhausted` as `create()`.
  [[nodiscard]] Result<const wasm_engine_t*> compiler() const;
  /// Links a module, which imports these host functions of `host()`. Each is defined when the first
  /// module needs it: defining all takes as long as loading some small modules. The caller deletes
  /// the result. Any thread. Errors: `kUnsupportedImport` when a type is not the function's,
  /// `kInternal` when a function's signature is not one.
  [[nodiscard]] Result<wasmtime_instance_pre*> link(
      const wasmtime_module& module, std::span<const base::HostFunction* const> imports);

 private:
  Engine(const EngineKey& key, const HostModule& host) : key_(key), host_(host) {}

  EngineKey key_;
  HostModule host_;
  wasm_engine_t* engine_ = nullptr;
  std::mutex linker_mutex_;
  wasmtime_linker* linker_ = nullptr;
  std::set<const base::HostFunction*> defined_;  ///< in the linker
  mutable std::mutex compiler_mutex_;
  mutable wasm_engine_t* compiler_ = nullptr;
  std::shared_ptr<const TrapSite> trap_site_;
  std::mutex builtins_mutex_;
  std::vector<const void*> trapping_builtins_;              ///< under that lock
  std::atomic<const void* const*> made_builtins_{nullptr};  ///< once they are made
  std::optional<PooledSlots> slots_;
};

/// Starts the threads that validating and compiling use, once per process. Nothing else needs them
/// but the first sweep of a pool that was idle (slot_sweeper.h): until then a program that only
/// runs what was compiled before has none. Error: `kResourceExhausted`.
[[nodiscard]] Result<void> start_compile_threads();

/// A module in the text format as binary. Error: `kModuleInvalid` with line and column.
[[nodiscard]] Result<std::vector<std::byte>> text_to_binary(std::string_view text);

/// "wasmtime 48.0.8"
[[nodiscard]] std::string engine_version();
/// Names the build of the engine: another one, another name.
[[nodiscard]] std::string engine_build();
/// The engine's build features and the proposals that guests may use.
[[nodiscard]] std::vector<std::string> build_features();
[[nodiscard]] std::vector<std::string> enabled_proposals();

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_ENGINE_H_
