#include "tests/counts/system_calls.h"

#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

namespace mimobox::testing {
namespace {

/// Stands before and behind what is measured: a call that nobody else makes.
void marker() {
  ::syscall(-1);
}
constexpr std::uint64_t kMarker = static_cast<std::uint64_t>(-1);

[[noreturn]] void child(const std::function<void()>& prepare,
                        const std::function<void()>& measured) {
  if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) std::_Exit(77);
  ::raise(SIGSTOP);
  prepare();
  marker();
  measured();
  marker();
  std::_Exit(0);
}

/// Lets the stopped child go on to its next system call's entry or exit; false when it ended.
bool next_stop(pid_t pid, int& status) {
  int signal = 0;
  for (;;) {
    if (::ptrace(PTRACE_SYSCALL, pid, nullptr, signal) != 0) return false;
    if (::waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) return false;
    if (WSTOPSIG(status) == (SIGTRAP | 0x80)) return true;
    signal = WSTOPSIG(status);  // one of its own
  }
}

}  // namespace

std::optional<std::map<std::uint64_t, std::uint64_t>> count_system_calls(
    const std::function<void()>& prepare, const std::function<void()>& measured) {
  const pid_t pid = ::fork();
  if (pid == 0) child(prepare, measured);
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (!WIFSTOPPED(status)) return std::nullopt;
  ::ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);

  std::map<std::uint64_t, std::uint64_t> counts;
  int markers = 0;
  while (next_stop(pid, status)) {
    __ptrace_syscall_info info{};
    ::ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info);
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY) continue;
    if (info.entry.nr == kMarker) {
      ++markers;
    } else if (markers == 1) {
      ++counts[info.entry.nr];
    }
  }
  if (markers != 2 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) return std::nullopt;
  return counts;
}

}  // namespace mimobox::testing
