#ifndef MIMOBOX_ENGINE_SIGNAL_REGISTRY_H_
#define MIMOBOX_ENGINE_SIGNAL_REGISTRY_H_

#include <sys/types.h>

#include "mimobox/error.h"

namespace mimobox::engine {

/// Holds the process's use of one signal number as an interrupt of guests and of system calls.
///
/// The first holder of a number installs a handler without SA_RESTART, the last one puts back what
/// was there. With a signal of ours the handler does what engine/divert.h says; a system call that
/// it interrupts comes back with EINTR. What is not ours goes to the handler that was there before;
/// of a standard signal that is pending for a thread twice, the kernel delivers only the first.
/// Signal dispositions belong to the process, so the registry behind this class is global: the one
/// exception to the rule.
class SignalUse {
 public:
  /// Errors: `kInvalidConfig` when the host refuses a handler for this number, or somebody put one
  /// over ours, now or in an earlier use.
  [[nodiscard]] static Result<SignalUse> acquire(int signal_number);

  SignalUse(SignalUse&& other) noexcept;
  SignalUse& operator=(SignalUse&& other) noexcept;
  SignalUse(const SignalUse&) = delete;
  SignalUse& operator=(const SignalUse&) = delete;
  ~SignalUse();

  [[nodiscard]] int number() const { return number_; }

 private:
  explicit SignalUse(int number) : number_(number) {}
  void release() noexcept;
  int number_ = 0;
};

/// Sends our signal to a thread of this process that is alive; the caller sees to that. 0, or the
/// errno with which the kernel refused it.
int send_interrupt_signal(int signal_number, pid_t thread) noexcept;

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_SIGNAL_REGISTRY_H_
