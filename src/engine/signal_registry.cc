#include "engine/signal_registry.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "engine/divert.h"

namespace mimobox::engine {
namespace {

constexpr int kSignalNumbers = 65;

struct Slot {
  int holders = 0;
  /// Ours was installed and never taken out: also below a handler that somebody put over it, who
  /// may pass signals on to it.
  bool in_place = false;
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

/// Whatever the flags say: both kinds of functions stand in one place.
bool is_function(const struct sigaction& action) noexcept {
  return action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN;
}

void pass_on(const struct sigaction& before, int number, siginfo_t* info, void* context) noexcept {
  // SIG_DFL is passed over: a default action that ends the process cannot be done from here without
  // taking our handler away, and the signals meant for this use (SIGURG) have none.
  if (!is_function(before)) return;
  if ((before.sa_flags & SA_SIGINFO) != 0) {
    before.sa_sigaction(number, info, context);
  } else {
    before.sa_handler(number);
  }
}

/// Async-signal-safe: reads what was written before the handler was installed.
void on_signal(int number, siginfo_t* info, void* context) noexcept {
  const int saved = errno;
  const bool marked = info != nullptr && info->si_code == SI_QUEUE &&
                      info->si_value.sival_ptr == static_cast<const void*>(&kMarker);
  if (!marked) {
    pass_on(registry.slots[static_cast<std::size_t>(number)].before, number, info, context);
  }
  // Also for what is not marked: one of ours may have merged with it, or lost its mark because the
  // user has too many signals pending.
  divert_guest(context);
  errno = saved;
}

bool is_ours(const struct sigaction& action) noexcept {
  return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == on_signal;
}

SandboxError refused(int number, std::string_view why, int os_errno = 0) {
  return {ErrorCode::kInvalidConfig,
          "interrupt_signal: signal " + std::to_string(number) + ' ' + std::string(why), os_errno};
}

/// Puts our handler in place, where it is not.
Result<void> install(int number, Slot& slot) {
  struct sigaction now{};
  if (::sigaction(number, nullptr, &now) != 0) {
    return std::unexpected(refused(number, "takes no handler", errno));
  }
  if (slot.in_place && is_ours(now)) return {};
  // Were ours installed over a handler that passes on to ours, the two would call each other.
  if (slot.in_place && is_function(now)) {
    return std::unexpected(refused(
        number,
        "has another handler in the place of ours; install it before the first Runtime is made, "
        "or choose another number"));
  }
  slot.before = now;  // first: the handler may run as soon as it is installed
  struct sigaction ours{};
  ours.sa_sigaction = on_signal;
  ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
  ::sigemptyset(&ours.sa_mask);
  if (::sigaction(number, &ours, nullptr) != 0) {
    return std::unexpected(refused(number, "takes no handler", errno));
  }
  slot.in_place = true;
  return {};
}

/// 0 or errno.
int send(int signal_number, pid_t thread, siginfo_t& info) noexcept {
  const bool sent =
      ::syscall(SYS_rt_tgsigqueueinfo, info.si_pid, thread, signal_number, &info) == 0;
  return sent ? 0 : errno;
}

}  // namespace

Result<SignalUse> SignalUse::acquire(int signal_number) {
  if (signal_number <= 0 || signal_number >= kSignalNumbers) {
    return std::unexpected(refused(signal_number, "does not exist"));
  }
  const std::lock_guard lock(registry.mutex);
  Slot& slot = registry.slots[static_cast<std::size_t>(signal_number)];
  if (auto installed = install(signal_number, slot); !installed) {
    return std::unexpected(std::move(installed).error());
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
    if (::sigaction(number_, nullptr, &now) == 0 && is_ours(now)) {
      ::sigaction(number_, &slot.before, nullptr);
      slot.in_place = false;
    }
  }
  number_ = 0;
}

int send_interrupt_signal(int signal_number, pid_t thread) noexcept {
  siginfo_t info;
  std::memset(&info, 0, sizeof info);
  info.si_signo = signal_number;
  info.si_code = SI_QUEUE;
  info.si_pid = ::getpid();
  info.si_uid = ::getuid();
  info.si_value.sival_ptr = const_cast<char*>(&kMarker);
  const int saved = errno;
  int error = send(signal_number, thread, info);
  if (error == EAGAIN) {
    // The user has too many pending, and a real-time signal waits for room to carry something. One
    // that says it comes from kill() arrives without: the handler acts on it all the same.
    info.si_code = SI_USER;
    error = send(signal_number, thread, info);
  }
  errno = saved;
  return error;
}

}  // namespace mimobox::engine
