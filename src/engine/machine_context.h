#ifndef MIMOBOX_ENGINE_MACHINE_CONTEXT_H_
#define MIMOBOX_ENGINE_MACHINE_CONTEXT_H_

#include <ucontext.h>

#include <csignal>
#include <cstdint>

namespace mimobox::engine {

#if defined(__x86_64__)

inline constexpr bool kMachineKnown = true;
/// `ud2`, by which the engine's compiler spells `unreachable`.
inline constexpr std::uint8_t kTrapInstruction[] = {0x0f, 0x0b};
/// The signals as which traps of compiled code arrive, for which the engine has handlers.
inline constexpr int kFaultSignals[] = {SIGSEGV, SIGILL, SIGFPE};

/// The registers of an interrupted thread that unwinding needs. Async-signal-safe.
class MachineContext {
 public:
  explicit MachineContext(void* context)
      : registers_(static_cast<ucontext_t*>(context)->uc_mcontext.gregs) {}

  [[nodiscard]] std::uintptr_t pc() const { return value(REG_RIP); }
  [[nodiscard]] std::uintptr_t frame() const { return value(REG_RBP); }
  [[nodiscard]] std::uintptr_t stack() const { return value(REG_RSP); }
  void jump(std::uintptr_t pc) { registers_[REG_RIP] = static_cast<greg_t>(pc); }

 private:
  [[nodiscard]] std::uintptr_t value(int index) const {
    return static_cast<std::uintptr_t>(registers_[index]);
  }
  greg_t* registers_;
};

/// What stands in a frame as return address, as an address.
inline std::uintptr_t return_address(std::uintptr_t stored) {
  return stored;
}

#elif defined(__aarch64__)

inline constexpr bool kMachineKnown = true;
/// `udf #0xc11f`, by which the engine's compiler spells `unreachable`.
inline constexpr std::uint8_t kTrapInstruction[] = {0x1f, 0xc1, 0x00, 0x00};
/// Its divisions do not fault.
inline constexpr int kFaultSignals[] = {SIGSEGV, SIGILL};

class MachineContext {
 public:
  explicit MachineContext(void* context)
      : registers_(static_cast<ucontext_t*>(context)->uc_mcontext) {}

  [[nodiscard]] std::uintptr_t pc() const { return registers_.pc; }
  [[nodiscard]] std::uintptr_t frame() const { return registers_.regs[29]; }
  [[nodiscard]] std::uintptr_t stack() const { return registers_.sp; }
  void jump(std::uintptr_t pc) {
    registers_.pc = pc;
    // BTYPE: an indirect branch that was interrupted at its target would fault at the trap's place,
    // which is no landing pad.
    registers_.pstate &= ~(std::uint64_t{3} << 10);
  }

 private:
  decltype(ucontext_t::uc_mcontext)& registers_;
};

/// Without the signature that pointer authentication puts into it. XPACLRI is a hint: older
/// processors pass over it.
inline std::uintptr_t return_address(std::uintptr_t stored) {
  register std::uintptr_t link asm("x30") = stored;
  asm("hint #7" : "+r"(link));
  return link;
}

#else

inline constexpr bool kMachineKnown = false;
inline constexpr std::uint8_t kTrapInstruction[] = {0};
inline constexpr int kFaultSignals[] = {SIGSEGV, SIGILL};

class MachineContext {
 public:
  explicit MachineContext(void* /*context*/) {}
  [[nodiscard]] std::uintptr_t pc() const { return 0; }
  [[nodiscard]] std::uintptr_t frame() const { return 0; }
  [[nodiscard]] std::uintptr_t stack() const { return 0; }
  void jump(std::uintptr_t /*pc*/) {}
};

inline std::uintptr_t return_address(std::uintptr_t stored) {
  return stored;
}

#endif

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_MACHINE_CONTEXT_H_
