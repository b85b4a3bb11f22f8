#include "sandbox/validate.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "mimobox/config.h"

namespace mimobox {
namespace {

constexpr std::uint64_t kPageBytes = 64U << 10;
constexpr std::uint64_t kMaxMemoryBytes = 4ULL << 30;
constexpr std::uint64_t kMaxCaptureBytes = 1ULL << 30;
constexpr std::uint64_t kMaxTextBytes = 1ULL << 20;
constexpr std::chrono::hours kMaxTime{24};
constexpr std::array<std::uint64_t, 6> kStackSizes = {256U << 10, 512U << 10, 1U << 20,
                                                      2U << 20,   4U << 20,   8U << 20};

std::unexpected<SandboxError> invalid(std::string message, int os_errno = 0) {
  return std::unexpected(SandboxError{ErrorCode::kInvalidConfig, std::move(message), os_errno});
}

Result<void> in_range(std::string_view field, std::uint64_t value, std::uint64_t low,
                      std::uint64_t high) {
  if (value >= low && value <= high) return {};
  return invalid(fmt::format("{} is {}; allowed are {} to {} bytes", field, value, low, high));
}

Result<void> time_in_range(std::string_view field, std::chrono::nanoseconds value) {
  if (value.count() > 0 && value <= kMaxTime) return {};
  return invalid(fmt::format("{} is {} ns; it must be above 0 and at most 24 h", field, value.count()));
}

Result<void> validate_limits(const Limits& limits) {
  if (auto r = in_range("memory_bytes", limits.memory_bytes, kPageBytes, kMaxMemoryBytes); !r) return r;
  if (limits.wall_time) {
    if (auto r = time_in_range("wall_time", *limits.wall_time); !r) return r;
  }
  if (auto r = in_range("stdout_bytes", limits.stdout_bytes, 0, kMaxCaptureBytes); !r) return r;
  if (auto r = in_range("stderr_bytes", limits.stderr_bytes, 0, kMaxCaptureBytes); !r) return r;
  if (std::ranges::find(kStackSizes, limits.stack_bytes) == kStackSizes.end()) {
    return invalid(fmt::format("stack_bytes is {}; allowed are 262144 (256 KiB), 524288, 1048576 "
                               "(1 MiB), 2097152, 4194304 and 8388608",
                               limits.stack_bytes));
  }
  return {};
}

bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

Result<void> validate_env(const SandboxConfig& config) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < config.env.size(); ++i) {
    const auto& [name, value] = config.env[i];
    if (name.empty() || name.find('=') != std::string::npos || has_nul(name)) {
      return invalid(fmt::format("env[{}]: a name is not empty and holds no '=' and no NUL", i));
    }
    if (has_nul(value)) return invalid(fmt::format("env[{}] ({}): the value holds a NUL", i, name));
    total += name.size() + value.size() + 2;
  }
  if (total > kMaxTextBytes) {
    return invalid(fmt::format("env has {} bytes in all; at most {}", total, kMaxTextBytes));
  }
  return {};
}

Result<void> validate_descriptor(std::string_view field, int fd, int wrong_mode) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0) {
    return invalid(fmt::format("{}: {} is no open descriptor", field, fd), errno);
  }
  if ((flags & O_ACCMODE) == wrong_mode || (flags & O_PATH) != 0) {
    return invalid(fmt::format("{}: descriptor {} is not open for {}", field, fd,
                               wrong_mode == O_WRONLY ? "reading" : "writing"));
  }
  return {};
}

Result<void> validate_output(std::string_view field, const Output& output) {
  if (const auto* to = std::get_if<OutputDescriptor>(&output)) {
    return validate_descriptor(field, to->fd, O_RDONLY);
  }
  return {};
}

}  // namespace

Result<void> SandboxConfig::validate() const {
  if (auto r = validate_limits(limits); !r) return r;
  return validate_env(*this);
}

Result<void> RuntimeConfig::validate() const {
  if (auto r = time_in_range("compile_timeout", compile_timeout); !r) return r;
  static constexpr std::array kTaken = {SIGKILL, SIGSTOP, SIGILL, SIGSEGV, SIGFPE, SIGBUS};
  if (interrupt_signal <= 0 || interrupt_signal > SIGRTMAX ||
      std::ranges::find(kTaken, interrupt_signal) != kTaken.end()) {
    return invalid(fmt::format("interrupt_signal is {}; allowed is a catchable signal other than "
                               "SIGILL, SIGSEGV, SIGFPE and SIGBUS",
                               interrupt_signal));
  }
  return {};
}

Result<void> validate_request(const RunRequest& request) {
  std::uint64_t total = request.program_name.size();
  if (has_nul(request.program_name)) return invalid("program_name holds a NUL");
  for (std::size_t i = 0; i < request.args.size(); ++i) {
    if (has_nul(request.args[i])) return invalid(fmt::format("args[{}] holds a NUL", i));
    total += request.args[i].size() + 1;
  }
  if (total > kMaxTextBytes) {
    return invalid(fmt::format("args have {} bytes in all; at most {}", total, kMaxTextBytes));
  }
  if (const auto* from = std::get_if<InputDescriptor>(&request.input)) {
    if (auto r = validate_descriptor("input", from->fd, O_WRONLY); !r) return r;
  }
  if (auto r = validate_output("output", request.output); !r) return r;
  return validate_output("error", request.error);
}

}  // namespace mimobox
