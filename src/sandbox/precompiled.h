#ifndef MIMOBOX_SANDBOX_PRECOMPILED_H_
#define MIMOBOX_SANDBOX_PRECOMPILED_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "mimobox/error.h"

#include "engine/engine_key.h"
#include "sandbox/module_contents.h"
#include "sandbox/runtime_impl.h"

namespace mimobox::internal {

/// The module's code for this key, with a record behind it as in the disk cache. Errors: those of
/// `CompileJob::wait()`.
[[nodiscard]] Result<std::vector<std::byte>> precompile(const std::shared_ptr<RuntimeImpl>& runtime,
                                                        ModuleContents& module,
                                                        const engine::EngineKey& key);

/// The code in such a file, copied into memory (its owner may write to the file later), read and
/// checked in full.
[[nodiscard]] Result<std::shared_ptr<ModuleContents>> load_precompiled(RuntimeImpl& runtime,
                                                                       const std::string& path);

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_PRECOMPILED_H_
