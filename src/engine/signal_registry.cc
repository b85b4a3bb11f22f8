#include "engine/signal_registry.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <string>
#include <utility>

#include "engine/divert.h"

namespace mimobox::engine {
namespace {

constexpr int kSignalNumbers = 65;

struct Slot {
  int holders = 0;
  struct sigaction before{};
};

struct Registry {
  std::mutex mutex;
  std::array<Slot, kSignalNumbers> slots;
};

// Constant-initialised and never destroyed: a signal may arrive at any time.
constinit Registry registry;  // NOLINT: the named exception to "no mutable globals"

/// Marks a signal as ours; the address is what counts.
constexpr char kMarker = 0;

void pass_on(const struct sigaction& before, int number, siginfo_t* info, void* context) noexcept {
  if ((before.sa_flags & SA_SIGINFO) != 0) {
    if (before.sa_sigaction != nullptr) before.sa_sigaction(number, info, context);
    return;
  }
  // SIG_DFL is passed over: a default action that ends the process cannot be done from here without
  // taking our handler away, and the signals meant for this use (SIGURG) have none.
  if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) before.sa_handler(number);
}

/// Async-signal-safe: reads what was written before the handler was installed.
void on_signal(int number, siginfo_t* info, void* context) noexcept {
  const int saved = errno;
  const bool ours = info != nullptr && info->si_code == SI_QUEUE &&
                    info->si_value.sival_ptr == static_cast<const void*>(&kMarker);
  if (ours) {
    divert_guest(context);
  } else {
    pass_on(registry.slots[static_cast<std::size_t>(number)].before, number, info, context);
  }
  errno = saved;
}

}  // namespace

Result<SignalUse> SignalUse::acquire(int signal_number) {
  if (signal_number <= 0 || signal_number >= kSignalNumbers) {
    return std::unexpected(
        SandboxError{ErrorCode::kInvalidConfig,
                     "interrupt_signal: no signal has number " + std::to_string(signal_number)});
  }
  const std::lock_guard lock(registry.mutex);
  Slot& slot = registry.slots[static_cast<std::size_t>(signal_number)];
  if (slot.holders == 0) {
    // Read first: the handler may run as soon as it is installed.
    struct sigaction ours{};
    ours.sa_sigaction = on_signal;
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
    ::sigemptyset(&ours.sa_mask);
    if (::sigaction(signal_number, nullptr, &slot.before) != 0 ||
        ::sigaction(signal_number, &ours, nullptr) != 0) {
      return std::unexpected(SandboxError{
          ErrorCode::kInvalidConfig,
          "interrupt_signal: signal " + std::to_string(signal_number) + " takes no handler",
          errno});
    }
  }
  ++slot.holders;
  return SignalUse(signal_number);
}

SignalUse::SignalUse(SignalUse&& other) noexcept : number_(std::exchange(other.number_, 0)) {}

SignalUse& SignalUse::operator=(SignalUse&& other) noexcept {
  if (this != &other) {
    release();
    number_ = std::exchange(other.number_, 0);
  }
  return *this;
}

SignalUse::~SignalUse() {
  release();
}

void SignalUse::release() noexcept {
  if (number_ == 0) return;
  const std::lock_guard lock(registry.mutex);
  Slot& slot = registry.slots[static_cast<std::size_t>(number_)];
  if (--slot.holders == 0) {
    struct sigaction now{};
    // Somebody who installed a handler over ours keeps it.
    if (::sigaction(number_, nullptr, &now) == 0 && (now.sa_flags & SA_SIGINFO) != 0 &&
        now.sa_sigaction == on_signal) {
      ::sigaction(number_, &slot.before, nullptr);
    }
  }
  number_ = 0;
}

void send_interrupt_signal(int signal_number, pid_t thread) noexcept {
  siginfo_t info;
  std::memset(&info, 0, sizeof info);
  info.si_signo = signal_number;
  info.si_code = SI_QUEUE;
  info.si_pid = ::getpid();
  info.si_uid = ::getuid();
  info.si_value.sival_ptr = const_cast<char*>(&kMarker);
  const int saved = errno;
  ::syscall(SYS_rt_tgsigqueueinfo, info.si_pid, thread, signal_number, &info);
  errno = saved;
}

}  // namespace mimobox::engine
