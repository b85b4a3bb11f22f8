#ifndef MIMOBOX_ENGINE_FAULT_HANDLERS_H_
#define MIMOBOX_ENGINE_FAULT_HANDLERS_H_

#include <optional>

namespace mimobox::engine {

/// Writes down which handlers of `kFaultSignals` the engine has just installed. Only the first call
/// of the process does: the engine installs them once.
void note_fault_handlers() noexcept;

/// A signal whose handler is no longer the engine's own; nullopt while all are, or before the
/// engine has started. Without its handlers a trap of a guest ends the process, unless whoever
/// replaced them calls them.
[[nodiscard]] std::optional<int> replaced_fault_handler() noexcept;

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_FAULT_HANDLERS_H_
