#ifndef MIMOBOX_BASE_CONFINE_H_
#define MIMOBOX_BASE_CONFINE_H_

#include <sys/types.h>

#include <cstdint>

namespace mimobox::base {

/// What a process may use that only computes.
struct Confinement {
  std::uint64_t memory_bytes = 0;  ///< of private, writable memory (RLIMIT_DATA)
  std::uint64_t cpu_seconds = 0;   ///< of all its threads together
  std::uint64_t file_bytes = 0;    ///< the largest file that it may write, to a descriptor it has
  pid_t parent = 0;                ///< when this process is gone, so is the confined one
};

/// Confines this process for good: it can use the descriptors that it has, memory and threads, and
/// nothing else. Where the kernel has seccomp, all calls that open, connect, execute or look at
/// anything fail with EPERM. To be called before there is a second thread. False when a limit
/// cannot be set, or when the parent is gone already. A build with sanitizers bounds neither memory
/// nor calls, which those could not work with.
[[nodiscard]] bool confine_process(const Confinement& confinement) noexcept;

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_CONFINE_H_
