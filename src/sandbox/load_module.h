#ifndef MIMOBOX_SANDBOX_LOAD_MODULE_H_
#define MIMOBOX_SANDBOX_LOAD_MODULE_H_

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "mimobox/error.h"

#include "base/read_file.h"
#include "sandbox/module_impl.h"
#include "sandbox/runtime_impl.h"

namespace mimobox::internal {

/// The module in a file, for which the caller's time counts from `begun` on. One that is known (by
/// the file's fingerprint: to this process, or to the disk cache) is not read. Errors: those of
/// `Runtime::load()`.
[[nodiscard]] Result<LoadedModule> load_file(RuntimeImpl& runtime, const std::string& path,
                                             std::chrono::steady_clock::time_point begun);

/// Why the file of a module could not be read.
[[nodiscard]] SandboxError unreadable(const std::string& path, const base::ReadFileError& error);

/// The module that these bytes are, checked unless it is known. Errors: those of
/// `Runtime::load_bytes()`.
[[nodiscard]] Result<LoadedModule> load_bytes(RuntimeImpl& runtime,
                                              std::span<const std::byte> bytes, std::string name);

/// The module of a file that was compiled ahead. Errors: those of `Runtime::load_precompiled()`.
[[nodiscard]] Result<LoadedModule> load_precompiled_file(RuntimeImpl& runtime,
                                                         const std::filesystem::path& path);

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_LOAD_MODULE_H_
