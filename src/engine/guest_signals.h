#ifndef MIMOBOX_ENGINE_GUEST_SIGNALS_H_
#define MIMOBOX_ENGINE_GUEST_SIGNALS_H_

#include <csignal>

namespace mimobox::engine {

/// Lets the signals that end or interrupt guests through on this thread while it runs one: a trap
/// arrives as one of those of faults, and the kernel ends a process that has it blocked. Puts the
/// mask back; one system call when nothing has to change.
class GuestSignals {
 public:
  explicit GuestSignals(int interrupt_signal) noexcept {
    sigset_t needed = faults();
    ::sigaddset(&needed, interrupt_signal);
    ::pthread_sigmask(SIG_UNBLOCK, &needed, &before_);
    sigset_t blocked;
    ::sigandset(&blocked, &before_, &needed);
    changed_ = ::sigisemptyset(&blocked) == 0;
  }
  GuestSignals(const GuestSignals&) = delete;
  GuestSignals& operator=(const GuestSignals&) = delete;
  ~GuestSignals() {
    if (changed_) ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  static const sigset_t& faults() noexcept {
    static const sigset_t kFaults = [] {
      sigset_t set;
      ::sigemptyset(&set);
      for (const int number : {SIGSEGV, SIGILL, SIGFPE, SIGBUS})
        ::sigaddset(&set, number);
      return set;
    }();
    return kFaults;
  }

  sigset_t before_;
  bool changed_ = false;
};

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_GUEST_SIGNALS_H_
