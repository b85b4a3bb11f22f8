#include "base/confine.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <iterator>

#include "base/sanitized.h"

namespace mimobox::base {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kArchitecture = 0;
#endif

/// What computing on several threads takes whatever its arguments: memory, descriptors that are
/// there, clocks, chance. prlimit64 is not among them: root could raise its limits again.
constexpr std::uint32_t kAllowed[] = {
    SYS_read,
    SYS_write,
    SYS_pread64,
    SYS_pwrite64,
    SYS_readv,
    SYS_writev,
    SYS_lseek,
    SYS_close,
    SYS_fstat,
    SYS_ftruncate,
    SYS_munmap,
    SYS_mprotect,
    SYS_mremap,
    SYS_madvise,
    SYS_brk,
    SYS_futex,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_set_robust_list,
    SYS_rseq,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_gettid,
    SYS_getpid,
    SYS_clock_gettime,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_getrandom,
    SYS_membarrier,
    SYS_restart_syscall,
    SYS_exit,
    SYS_exit_group,
};

constexpr sock_filter load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
constexpr sock_filter answer(std::uint32_t action) {
  return BPF_STMT(BPF_RET | BPF_K, action);
}
/// Goes on with the next instruction if equal, else leaves it out.
constexpr sock_filter next_if(std::uint32_t value) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
}

constexpr std::uint32_t refuse(int error) {
  return SECCOMP_RET_ERRNO | (static_cast<std::uint32_t>(error) & SECCOMP_RET_DATA);
}

constexpr std::size_t kFixed = 21;

constexpr std::size_t argument(std::size_t index) {
  return offsetof(seccomp_data, args) + index * sizeof(seccomp_data::args[0]);
}

auto make_filter(std::uint32_t own_process) {
  std::array<sock_filter, kFixed + 2 * std::size(kAllowed)> filter{};
  std::size_t i = 0;
  const auto add = [&](sock_filter instruction) { filter[i++] = instruction; };
  add(load(offsetof(seccomp_data, arch)));
  add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0));
  add(answer(SECCOMP_RET_KILL_PROCESS));
  add(load(offsetof(seccomp_data, nr)));
  for (const std::uint32_t call : kAllowed) {
    add(next_if(call));
    add(answer(SECCOMP_RET_ALLOW));
  }
  // Its flags lie in memory, where a filter cannot look: C libraries then use clone.
  add(next_if(SYS_clone3));
  add(answer(refuse(ENOSYS)));
  // Threads, no processes.
  add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4));
  add(load(argument(0)));
  add(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1));
  add(answer(SECCOMP_RET_ALLOW));
  add(answer(refuse(EPERM)));
  // Signals to itself: abort() needs one.
  add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_tgkill, 0, 4));
  add(load(argument(0)));
  add(next_if(own_process));
  add(answer(SECCOMP_RET_ALLOW));
  add(answer(refuse(EPERM)));
  // Shared memory counts for no limit.
  add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 3));
  add(load(argument(3)));
  add(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_SHARED, 1, 0));
  add(answer(SECCOMP_RET_ALLOW));
  add(answer(refuse(EPERM)));
  return filter;
}

bool limit(int resource, std::uint64_t value) noexcept {
  rlimit current{};
  if (::getrlimit(static_cast<__rlimit_resource_t>(resource), &current) != 0) return false;
  const rlim_t wanted = current.rlim_max < value ? current.rlim_max : static_cast<rlim_t>(value);
  const rlimit both{.rlim_cur = wanted, .rlim_max = wanted};
  return ::setrlimit(static_cast<__rlimit_resource_t>(resource), &both) == 0;
}

}  // namespace

bool confine_process(const Confinement& confinement) noexcept {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != confinement.parent) return false;
  if (!limit(RLIMIT_CORE, 0) || !limit(RLIMIT_CPU, confinement.cpu_seconds) ||
      !limit(RLIMIT_FSIZE, confinement.file_bytes)) {
    return false;
  }
  // A sanitizer maps far more memory than it uses, and reads files when threads start.
  if (kSanitized) return true;
  if (!limit(RLIMIT_DATA, confinement.memory_bytes)) return false;
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  if constexpr (kArchitecture != 0) {
    auto filter = make_filter(static_cast<std::uint32_t>(::getpid()));
    sock_fprog program{.len = static_cast<unsigned short>(filter.size()), .filter = filter.data()};
    // A kernel without seccomp says EINVAL: the limits above have to do.
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0 && errno != EINVAL)
      return false;
  }
  return true;
}

}  // namespace mimobox::base
