#include "wasi/host.h"

namespace mimobox::wasi {

/// Ends the guest with an exit code of its choice; it runs no further instruction.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#proc_exit
void Host::proc_exit(std::uint32_t code) {
  exit_code_ = code;
}

/// Sends the guest a signal.
///
/// - kNotsup: always; preview 1 guests have no signals.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#proc_raise
Errno Host::proc_raise(GuestMemory /*memory*/, std::uint32_t /*signal*/) {
  return Errno::kNotsup;
}

/// Lets other threads run. A guest is one thread among the host's, which the kernel schedules
/// anyway: nothing is done, and always successfully.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#sched_yield
Errno Host::sched_yield(GuestMemory /*memory*/) {
  return Errno::kSuccess;
}

}  // namespace mimobox::wasi
