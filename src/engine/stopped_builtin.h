#ifndef MIMOBOX_ENGINE_STOPPED_BUILTIN_H_
#define MIMOBOX_ENGINE_STOPPED_BUILTIN_H_

/// What stands in for each of the engine's functions that a guest's code calls, once the guest is
/// being stopped (`Activation::trapping_builtins`): it writes down that the guest called one, and
/// goes on at the trap. So a trap that came before, of the guest's own, is never taken for ours.
///
/// Called by compiled code with whatever arguments, and with the frame pointer that the engine's
/// unwinding begins at, which it leaves as it is.
extern "C" [[noreturn, gnu::visibility("hidden")]] void mimobox_stopped_builtin() noexcept;

#endif  // MIMOBOX_ENGINE_STOPPED_BUILTIN_H_
