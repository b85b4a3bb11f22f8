#ifndef MIMOBOX_CONFIG_H_
#define MIMOBOX_CONFIG_H_

#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mimobox/error.h"

namespace mimobox {

/// The largest module that is loaded, in bytes.
inline constexpr std::uint64_t kMaxModuleBytes = 100'000'000;

/// What one run may use. Values copy and compare; nothing is clamped: a value out of its bounds is
/// `ErrorCode::kInvalidConfig` when a sandbox is created or a run is started.
struct Limits {
  /// Bytes of linear memory that the guest may have. Default 512 MiB; one page (64 KiB) to 4 GiB.
  /// A grow beyond it fails for the guest as it does on a machine without memory.
  std::uint64_t memory_bytes = 512ULL << 20;

  /// Wall-clock time from `execute()` to the guest's end: queueing, instantiation, the start
  /// function and the run; loading and compiling are not in it. Default 30 s; above 0, at most 24 h;
  /// nullopt means no limit.
  std::optional<std::chrono::nanoseconds> wall_time = std::chrono::seconds{30};

  /// Bytes kept of captured standard output. Default 4 MiB; 0 to 1 GiB. What is above is counted and
  /// dropped, and the guest goes on.
  std::uint64_t stdout_bytes = 4ULL << 20;

  /// The same for captured standard error.
  std::uint64_t stderr_bytes = 4ULL << 20;

  /// Bytes of stack for the guest's calls; recursion beyond it ends the run with
  /// `Verdict::kStackOverflow`. Default 1 MiB; one of 256 KiB, 512 KiB, 1, 2, 4 or 8 MiB (each size
  /// in use costs an engine, so they are few).
  std::uint64_t stack_bytes = 1ULL << 20;

  friend bool operator==(const Limits&, const Limits&) = default;
};

/// What a sandbox grants its guests. A guest sees no file, no network and no environment but this.
struct SandboxConfig {
  Limits limits = {};

  /// The guest's environment, in this order. A name is not empty and holds no '='; neither name nor
  /// value holds a NUL; all together at most 1 MiB.
  std::vector<std::pair<std::string, std::string>> env = {};

  /// Checks every field; the error names the field and its bounds.
  [[nodiscard]] Result<void> validate() const;

  friend bool operator==(const SandboxConfig&, const SandboxConfig&) = default;
};

/// What a process shares among all its sandboxes.
struct RuntimeConfig {
  /// How long compiling one module may take. Default 60 s; above 0, at most 24 h.
  /// An overdue compile cannot be killed inside a process: its caller gets
  /// `ErrorCode::kCompileTimeout` at once, the work ends on a thread of its own.
  std::chrono::nanoseconds compile_timeout = std::chrono::seconds{60};

  /// The signal that interrupts a host call which blocks although poll() called it ready. It is sent
  /// to the thread of the stopped run only, and only during such a call. Default SIGURG, which no
  /// default action makes dangerous; any catchable signal but SIGKILL, SIGSTOP and the engine's own
  /// SIGILL, SIGSEGV, SIGFPE and SIGBUS. What arrives and is not ours goes to the handler that was
  /// there before.
  int interrupt_signal = SIGURG;

  /// Checks every field; the error names the field and its bounds.
  [[nodiscard]] Result<void> validate() const;

  friend bool operator==(const RuntimeConfig&, const RuntimeConfig&) = default;
};

}  // namespace mimobox

#endif  // MIMOBOX_CONFIG_H_
