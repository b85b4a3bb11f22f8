#include "engine/activation.h"

#include <mimobox_engine.h>
#include <sched.h>

#include "engine/code.h"

namespace mimobox::engine {
namespace {

// Initial-exec: the dynamic model allocates at a thread's first look, which may be in the handler.
// It takes one pointer of the room that the C library keeps for libraries that are loaded later.
[[gnu::tls_model("initial-exec")]] constinit thread_local Activation* current = nullptr;

/// An interrupt arrives at the latest when its thread comes back from the kernel. Only a callback
/// of the embedder that blocked the signal could let it wait.
constexpr int kMostYields = 10'000;

}  // namespace

Activation* current_activation() noexcept {
  return current;
}

void Activation::settle() const noexcept {
  for (int i = 0; i < kMostYields && underway.load(std::memory_order_seq_cst); ++i)
    ::sched_yield();
}

ActivationScope::ActivationScope(Activation& activation) noexcept : activation_(activation) {
  activation_.outer = current;
  current = &activation_;
}

ActivationScope::~ActivationScope() {
  current = activation_.outer;
}

GuestCallScope::GuestCallScope(Activation& activation, const Code& code, wasmtime_context* context,
                               const wasmtime_func& function)
    : activation_(activation) {
  mimobox_activation_t found;
  if (!mimobox_activation_of(wasmtime_func_to_raw(context, &function), code.memory_offset(),
                             &found)) {
    return;  // no function of the guest: nothing of it will run
  }
  if (code.engine().trap_site() != 0) {
    activation_.trapping_builtins = code.engine().trapping_builtins(*found.builtins);
    activation_.builtins = found.builtins;
  }
  activation_.code = &code;
  activation_.entry_frame = found.entry_frame;
  activation_.memory = found.memory;
  activation_.in_guest.store(true, std::memory_order_release);
}

GuestCallScope::~GuestCallScope() {
  activation_.in_guest.store(false, std::memory_order_seq_cst);
  activation_.settle();
  activation_.code = nullptr;
  activation_.builtins = nullptr;
  activation_.memory = nullptr;
  activation_.entry_frame = nullptr;
}

}  // namespace mimobox::engine
