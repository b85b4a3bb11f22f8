#ifndef MIMOBOX_ENGINE_DIVERT_H_
#define MIMOBOX_ENGINE_DIVERT_H_

namespace mimobox::engine {

/// What an interrupt does with the thread that it reached: if that is in the body of a function of
/// a guest that is being stopped, and its frames can be walked, it goes on at a trap. Anywhere else
/// inside such a guest it sees to it that the next function of the engine's own that the guest's
/// code calls is a trap. `context` is the signal handler's third argument. Async-signal-safe.
///
/// Whatever else the thread was doing, it goes on with that; whoever sent the interrupt tries
/// again. That makes it harmless at any time, whoever sent the signal.
void divert_guest(void* context) noexcept;

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_DIVERT_H_
