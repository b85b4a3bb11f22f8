#include "engine/divert.h"

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "engine/activation.h"
#include "engine/code.h"
#include "engine/machine_context.h"

namespace mimobox::engine {
namespace {

/// Frames whose return addresses are looked up. A chain is only ever wrong at its inner end, where
/// a function is being entered or left; further out the engine's own conditions are enough.
constexpr std::size_t kFramesLookedUp = 8;

std::uintptr_t load(std::uintptr_t address) noexcept {
  return *reinterpret_cast<const std::uintptr_t*>(address);
}

/// Walks the frames as the engine's trap handler will, which aborts where this returns false.
///
/// In the prologue of a function whose tail call needs more room for arguments than it was given,
/// the frame pointer points at what an older call left there. All reads are of the thread's own
/// stack, between its pointer and the frame by which the engine entered the guest.
bool frames_hold(const Code& code, std::uintptr_t frame, std::uintptr_t stack,
                 std::uintptr_t entry) noexcept {
  for (std::size_t depth = 0; frame != entry; ++depth) {
    const bool within = frame >= stack && frame < entry && frame % 16 == 0;
    if (!within) return false;
    const std::uintptr_t next = load(frame);
    if (next <= frame || next > entry) return false;
    if (depth < kFramesLookedUp) {
      const std::uintptr_t back_to = return_address(load(frame + sizeof frame));
      // The outermost function goes back to the stub that called it, the others to functions.
      const bool from_guest = code.body_at(back_to - 1).has_value();
      if (next == entry ? from_guest || !code.in_text(back_to - 1) : !from_guest) return false;
    }
    frame = next;
  }
  return true;
}

}  // namespace

void divert_guest(void* context) noexcept {
  Activation* const activation = current_activation();
  for (Activation* each = activation; each != nullptr; each = each->outer)
    each->underway.store(false, std::memory_order_release);
  if (activation == nullptr || activation->code == nullptr) return;
  if (!activation->in_guest.load(std::memory_order_relaxed) || !activation->stop.stopped()) return;
  if (activation->diverted_from.load(std::memory_order_relaxed) != 0) return;
  ++activation->arrivals;
  if (activation->builtins == nullptr) return;  // its code looks at an epoch

  // The engine's own functions have no look at the stop, and a guest can spend nearly all its time
  // in them: the next one that it calls is a trap.
  *activation->builtins = activation->trapping_builtins;

  const Code& code = *activation->code;
  MachineContext machine(context);
  const std::uintptr_t trap = code.engine().trap_site();
  if (!code.body_at(machine.pc())) return;
  if (!frames_hold(code, machine.frame(), machine.stack(), *activation->entry_frame)) return;
  activation->diverted_from.store(machine.pc(), std::memory_order_relaxed);
  machine.jump(trap);
}

}  // namespace mimobox::engine
