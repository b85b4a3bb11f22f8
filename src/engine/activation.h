#ifndef MIMOBOX_ENGINE_ACTIVATION_H_
#define MIMOBOX_ENGINE_ACTIVATION_H_

#include <atomic>
#include <cstdint>

#include "base/stop_signal.h"

struct mimobox_memory;
struct wasmtime_context;
struct wasmtime_func;

namespace mimobox::engine {

class Code;

/// One run's guest on its thread, as the signal handler, the engine's bulk memory functions and the
/// watchdog see it. What is not atomic is written and read by the run's thread alone, its signal
/// handler included.
struct Activation {
  explicit Activation(const base::StopSignal& signal) : stop(signal) {}
  Activation(const Activation&) = delete;
  Activation& operator=(const Activation&) = delete;

  const base::StopSignal& stop;
  /// Null before the instance is known and after the guest's last instruction.
  const Code* code = nullptr;
  /// Where the engine wrote the frame by which it entered the guest.
  const std::uintptr_t* entry_frame = nullptr;
  /// The guest's linear memory; null when it has none.
  const mimobox_memory* memory = nullptr;
  /// The instance's own word for the table of the engine's functions that its code calls, and the
  /// table that takes that one's place once the guest is to be stopped; null for epochs.
  const void* const** builtins = nullptr;
  const void* const* trapping_builtins = nullptr;
  /// Of a run further out on this thread, one of whose callbacks runs this guest.
  Activation* outer = nullptr;

  /// The thread is inside the guest: in its code, or in the engine on its behalf; not in a host
  /// function of ours. The only time at which an interrupt is sent.
  std::atomic<bool> in_guest{false};
  /// An interrupt was sent and has not arrived.
  std::atomic<bool> underway{false};

  /// Where the guest was when the handler moved it to the trap; 0: it was not. Kept as it is once
  /// it is set.
  std::atomic<std::uintptr_t> diverted_from{0};
  /// The guest called one of `trapping_builtins`, which the handler had put in place.
  bool builtin_trapped = false;
  /// A bulk operation of the guest ended early: what it left is not what the guest asked for.
  bool bulk_cut = false;

  /// Interrupts that reached the thread inside this guest once it was to be stopped.
  std::uint32_t arrivals = 0;

  /// Whether the guest's end, whatever it looks like, is the interrupt's doing. A trap that came
  /// first is not, though the interrupt met the thread while the engine was busy with it.
  [[nodiscard]] bool interrupted() const noexcept {
    return bulk_cut || builtin_trapped || diverted_from.load(std::memory_order_relaxed) != 0;
  }

  /// Waits until an interrupt that was sent has arrived, so that none meets the code behind this
  /// call. One look at a flag when none was.
  void settle() const noexcept;
};

/// The innermost activation of the calling thread; null when there is none. Async-signal-safe, in a
/// library that was loaded later too.
[[nodiscard]] Activation* current_activation() noexcept;

/// Makes an activation the thread's innermost one for a scope.
class ActivationScope {
 public:
  explicit ActivationScope(Activation& activation) noexcept;
  ActivationScope(const ActivationScope&) = delete;
  ActivationScope& operator=(const ActivationScope&) = delete;
  ~ActivationScope();

 private:
  Activation& activation_;
};

/// Holds "the thread is inside the guest" for one call of a function of the guest's instance.
/// Nothing of the guest is dropped before the scope ends.
class GuestCallScope {
 public:
  /// May throw std::bad_alloc at an engine's first guest.
  GuestCallScope(Activation& activation, const Code& code, wasmtime_context* context,
                 const wasmtime_func& function);
  GuestCallScope(const GuestCallScope&) = delete;
  GuestCallScope& operator=(const GuestCallScope&) = delete;
  ~GuestCallScope();

 private:
  Activation& activation_;
};

/// Holds "the thread is in a host function" for one call from the guest.
class HostCallScope {
 public:
  explicit HostCallScope(Activation& activation) noexcept : activation_(activation) {
    // Sequentially consistent, as is stopped(): either whoever stops the run sees that, and sends
    // nothing, or this thread sees the stop and runs no host function (engine/interrupter.cc has
    // the other half).
    activation_.in_guest.store(false, std::memory_order_seq_cst);
  }
  HostCallScope(const HostCallScope&) = delete;
  HostCallScope& operator=(const HostCallScope&) = delete;
  ~HostCallScope() { activation_.in_guest.store(true, std::memory_order_release); }

  [[nodiscard]] bool stopped() const noexcept {
    return activation_.stop.word()->load(std::memory_order_seq_cst) != 0;
  }

 private:
  Activation& activation_;
};

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_ACTIVATION_H_
