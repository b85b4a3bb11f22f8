#ifndef MIMOBOX_SANDBOX_MODULE_CHECK_H_
#define MIMOBOX_SANDBOX_MODULE_CHECK_H_

#include <cstddef>
#include <span>
#include <vector>

#include "mimobox/config.h"
#include "mimobox/error.h"

#include "engine/engine.h"

namespace mimobox::internal {

/// The module as binary: text is converted, anything else stays as it is. Errors: `kModuleInvalid`,
/// `kModuleTooLarge`.
[[nodiscard]] Result<std::vector<std::byte>> to_binary(std::vector<std::byte> bytes);

/// The same, by the helper where the configuration has one. Errors: those of `ask_helper()` too.
[[nodiscard]] Result<std::vector<std::byte>> to_binary(const RuntimeConfig& config,
                                                       const engine::Engine& engine,
                                                       std::vector<std::byte> bytes);

/// Whether the engine may compile these bytes: our own reader looks at bounds and at proposals that
/// are switched off, which it names, and then the engine validates. Errors: `kModuleInvalid`,
/// `kModuleTooLarge`, `kUnsupportedFeature`, `kUnsupportedImport`.
[[nodiscard]] Result<void> check_module(const engine::Engine& engine,
                                        std::span<const std::byte> bytes);

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_MODULE_CHECK_H_
