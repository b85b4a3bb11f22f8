#ifndef MIMOBOX_SANDBOX_LOAD_MODULE_H_
#define MIMOBOX_SANDBOX_LOAD_MODULE_H_

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "mimobox/error.h"
#include "mimobox/module.h"

#include "base/read_file.h"
#include "sandbox/runtime_impl.h"

namespace mimobox::internal {

/// The module in a file. One that is known (by the file's fingerprint: to this process, or to the
/// disk cache) is not read. Errors: those of `Runtime::load()`.
[[nodiscard]] Result<Module> load_file(const std::shared_ptr<RuntimeImpl>& runtime,
                                       const std::string& path);

/// Why the file of a module could not be read.
[[nodiscard]] SandboxError unreadable(const std::string& path, const base::ReadFileError& error);

/// The module that these bytes are, checked unless it is known. Errors: those of
/// `Runtime::load_bytes()`.
[[nodiscard]] Result<Module> load_bytes(const std::shared_ptr<RuntimeImpl>& runtime,
                                        std::span<const std::byte> bytes, std::string name);

/// The module of a file that was compiled ahead. Errors: those of `Runtime::load_precompiled()`.
[[nodiscard]] Result<Module> load_precompiled_file(const std::shared_ptr<RuntimeImpl>& runtime,
                                                   const std::filesystem::path& path);

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_LOAD_MODULE_H_
