#ifndef MIMOBOX_SANDBOX_HELPER_CLIENT_H_
#define MIMOBOX_SANDBOX_HELPER_CLIENT_H_

#include <cstddef>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

#include "mimobox/config.h"
#include "mimobox/error.h"

#include "engine/engine.h"
#include "sandbox/helper_protocol.h"

namespace mimobox::internal {

/// argv[1] of a helper.
inline constexpr std::string_view kHelperWord = "--mimobox-compile-helper";

/// Lets the helper of this configuration do one task, for at most its `compile_timeout`; it is
/// killed then, and when `stop` is requested. Blocks. Errors: those of the task, `kCompileTimeout`,
/// `kResourceExhausted` when the helper ended early or cannot be started, `kInvalidConfig` when it
/// is none, or one of another version.
[[nodiscard]] Result<std::vector<std::byte>> ask_helper(const RuntimeConfig& config,
                                                        HelperTask task,
                                                        const engine::Engine& engine,
                                                        std::span<const std::byte> module,
                                                        const std::stop_token& stop);

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_HELPER_CLIENT_H_
