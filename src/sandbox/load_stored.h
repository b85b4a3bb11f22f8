#ifndef MIMOBOX_SANDBOX_LOAD_STORED_H_
#define MIMOBOX_SANDBOX_LOAD_STORED_H_

#include <cstdint>
#include <memory>

#include "mimobox/error.h"

#include "cache/code_store.h"
#include "engine/code.h"
#include "sandbox/runtime_impl.h"

namespace mimobox::internal {

/// Code that was mapped.
struct LoadedCode {
  std::shared_ptr<const engine::Code> code;  ///< null when there is none
  std::uint64_t bytes = 0;                   ///< of its artifact
};

/// Maps code that is open already. Errors as `RuntimeImpl::load_code()`.
[[nodiscard]] Result<LoadedCode> load_stored(RuntimeImpl& runtime, const engine::EngineKey& key,
                                             cache::StoredCode stored);

/// The module's code from disk. What the engine does not take, though its record fits, is deleted
/// and as good as none. Errors: those of the module itself (`kUnsupportedImport`, `kNoEntryPoint`).
[[nodiscard]] Result<LoadedCode> load_stored(RuntimeImpl& runtime, const engine::EngineKey& key,
                                             const cache::CodeStore& store,
                                             const cache::Digest& module);

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_LOAD_STORED_H_
