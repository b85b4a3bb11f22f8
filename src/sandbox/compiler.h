#ifndef MIMOBOX_SANDBOX_COMPILER_H_
#define MIMOBOX_SANDBOX_COMPILER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "mimobox/config.h"
#include "mimobox/error.h"

#include "base/sha256.h"
#include "cache/code_store.h"
#include "engine/engine.h"
#include "sandbox/load_stored.h"
#include "sandbox/runtime_impl.h"

namespace mimobox::internal {

/// Cranelift recurses over what a module nests; the engine's own threads have 2 MiB.
inline constexpr std::size_t kCompilerStackBytes = 16U << 20;

/// Compiles a binary module, in the helper where there is one, which is killed when `stop` is
/// requested. Blocks; on a thread with `kCompilerStackBytes`. Errors: `kModuleInvalid` and those of
/// `ask_helper()`.
[[nodiscard]] Result<std::vector<std::byte>> compile_module(const RuntimeConfig& config,
                                                            const engine::Engine& engine,
                                                            std::span<const std::byte> module,
                                                            const std::stop_token& stop);

/// Puts an artifact into the store, if there is one and it takes it, and maps it from there; else
/// from memory.
[[nodiscard]] Result<LoadedCode> publish_and_load(
    RuntimeImpl& runtime, const engine::EngineKey& key, const cache::CodeStore* store,
    const base::Sha256& digest, std::uint64_t module_bytes, std::vector<std::byte> artifact);

/// Calls `on_compile`; what it throws is dropped.
void report(const RuntimeConfig& config, const CompileProgress& progress) noexcept;

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_COMPILER_H_
