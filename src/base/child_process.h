#ifndef MIMOBOX_BASE_CHILD_PROCESS_H_
#define MIMOBOX_BASE_CHILD_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/unique_fd.h"

namespace mimobox::base {

/// A child process whose end is waited for. It has two descriptors of the caller's as its standard
/// input and output, no other one, no environment, a process group of its own, and the signals'
/// defaults.
///
/// Its end shows on a pipe that only it holds open, so a host that reaps all children itself is no
/// hindrance. What it does with that pipe makes it neither unkillable nor waited for beyond the
/// deadline.
class ChildProcess {
 public:
  /// The error is an errno.
  [[nodiscard]] static std::expected<ChildProcess, int> start(const std::string& program,
                                                              const std::vector<std::string>& words,
                                                              int input, int output);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  /// Kills it if it still runs.
  ~ChildProcess();

  enum class End : std::uint8_t { kExited, kSignalled, kUnknown, kTimeout, kStopped };
  struct Ended {
    End how = End::kUnknown;
    int number = 0;  ///< exit status, or the signal's number
  };
  /// Waits until it ends, or kills it at the deadline or when `stop` is requested. Once.
  [[nodiscard]] Ended wait(std::chrono::steady_clock::time_point deadline,
                           const std::stop_token& stop);

 private:
  ChildProcess(pid_t pid, UniqueFd alive) : pid_(pid), alive_(std::move(alive)) {}
  /// With WNOHANG nullopt while it has not ended.
  [[nodiscard]] std::optional<Ended> reap(int flags) noexcept;

  pid_t pid_;
  UniqueFd alive_;  ///< at its end once the child is gone
};

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_CHILD_PROCESS_H_
