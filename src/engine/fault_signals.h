#ifndef MIMOBOX_ENGINE_FAULT_SIGNALS_H_
#define MIMOBOX_ENGINE_FAULT_SIGNALS_H_

#include <csignal>

namespace mimobox::engine {

/// Lets the signals of faults through on this thread while it runs a guest: a trap arrives as one
/// of them, and the kernel ends a process that has it blocked. Puts the mask back; one system call
/// when nothing has to change.
class FaultSignals {
 public:
  FaultSignals() noexcept {
    sigset_t faults;
    ::sigemptyset(&faults);
    for (const int number : {SIGSEGV, SIGILL, SIGFPE, SIGBUS})
      ::sigaddset(&faults, number);
    ::pthread_sigmask(SIG_UNBLOCK, &faults, &before_);
    for (const int number : {SIGSEGV, SIGILL, SIGFPE, SIGBUS}) {
      if (::sigismember(&before_, number) == 1) changed_ = true;
    }
  }
  FaultSignals(const FaultSignals&) = delete;
  FaultSignals& operator=(const FaultSignals&) = delete;
  ~FaultSignals() {
    if (!changed_) return;
    sigset_t faults;
    ::sigemptyset(&faults);
    for (const int number : {SIGSEGV, SIGILL, SIGFPE, SIGBUS}) {
      if (::sigismember(&before_, number) == 1) ::sigaddset(&faults, number);
    }
    ::pthread_sigmask(SIG_BLOCK, &faults, nullptr);
  }

 private:
  sigset_t before_{};
  bool changed_ = false;
};

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_FAULT_SIGNALS_H_
