#include "engine/stopped_builtin.h"

#include <cstdint>

#include "engine/activation.h"
#include "engine/code.h"

/// Called below: returns where the guest goes on.
extern "C" [[gnu::used, gnu::visibility("hidden")]] std::uintptr_t
mimobox_note_stopped_builtin() noexcept {
  mimobox::engine::Activation& activation = *mimobox::engine::current_activation();
  activation.builtin_trapped = true;
  return activation.code->engine().trap_site();
}

// Not in C++, whose functions may use the frame pointer for something else. Each begins with what
// an indirect call must land on where the processor watches that; older ones pass over it.
#if defined(__x86_64__)
asm(R"(
  .text
  .globl mimobox_stopped_builtin
  .hidden mimobox_stopped_builtin
  .type mimobox_stopped_builtin, @function
mimobox_stopped_builtin:
  endbr64
  subq $8, %rsp
  call mimobox_note_stopped_builtin
  jmp *%rax
  .size mimobox_stopped_builtin, . - mimobox_stopped_builtin
)");
#elif defined(__aarch64__)
asm(R"(
  .text
  .globl mimobox_stopped_builtin
  .hidden mimobox_stopped_builtin
  .type mimobox_stopped_builtin, %function
mimobox_stopped_builtin:
  hint #34
  bl mimobox_note_stopped_builtin
  br x0
  .size mimobox_stopped_builtin, . - mimobox_stopped_builtin
)");
#else
extern "C" void mimobox_stopped_builtin() noexcept {
  __builtin_trap();  // no guest of such a processor is stopped by signals
}
#endif
