#include "sandbox/validate.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "mimobox/settings.h"

#include "sandbox/guest_path.h"

namespace mimobox {
namespace {

constexpr std::uint64_t kMaxTextBytes = 1ULL << 20;

std::unexpected<SandboxError> invalid(std::string message, int os_errno = 0) {
  return std::unexpected(SandboxError{ErrorCode::kInvalidConfig, std::move(message), os_errno});
}

template <class Owner>
Result<void> check_all(std::span<const Setting<Owner>> settings, const Owner& owner) {
  for (const Setting<Owner>& setting : settings) {
    if (auto fits = setting.check(setting.get(owner)); !fits) return fits;
  }
  return {};
}

template <class Owner>
Result<void> check_all(std::span<const Choice<Owner>> choices, const Owner& owner) {
  for (const Choice<Owner>& choice : choices) {
    if (auto fits = choice.check(owner); !fits) return fits;
  }
  return {};
}

bool has_nul(std::string_view text) {
  return text.find('\0') != std::string_view::npos;
}

using internal::ListFault;

std::optional<ListFault> find_env_fault(const SandboxConfig& config) {
  std::uint64_t total = 0;
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < config.env.size(); ++i) {
    const auto& [name, value] = config.env[i];
    const auto fault = [&](std::string message) { return ListFault{"env", i, std::move(message)}; };
    if (name.empty() || name.find('=') != std::string::npos || has_nul(name)) {
      return fault("a name is not empty and holds no '=' and no NUL");
    }
    if (has_nul(value)) return fault(fmt::format("the value of {} holds a NUL", name));
    if (!names.insert(name).second) return fault(fmt::format("{} stands twice", name));
    total += name.size() + value.size() + 2;
    if (total > kMaxTextBytes) {
      return fault(fmt::format("all together have more than {} bytes", kMaxTextBytes));
    }
  }
  return std::nullopt;
}

/// What is wrong with the guest's name for a grant; empty: nothing.
std::string guest_path_fault(const std::string& path, std::set<std::string>& taken) {
  constexpr std::size_t kMaxPathBytes = 4095;
  if (path.empty() || path.size() > kMaxPathBytes || has_nul(path)) {
    return "a guest path has 1 to 4095 bytes and no NUL";
  }
  const std::string normal = internal::normal_guest_path(path);
  if (taken.insert(normal).second) return "";
  const std::string other_text = path == normal ? "" : fmt::format(" (as {})", path);
  return fmt::format("the guest path {} stands twice{}", normal, other_text);
}

std::optional<ListFault> find_grant_fault(const SandboxConfig& config) {
  std::set<std::string> taken;
  for (std::size_t i = 0; i < config.mounts.size(); ++i) {
    const Mount& mount = config.mounts[i];
    if (mount.host_path.empty() || has_nul(mount.host_path)) {
      return ListFault{"mounts", i, "a host path is not empty and holds no NUL"};
    }
    if (mount.access > Access::kReadWrite) {
      return ListFault{"mounts", i, "access is none of kReadOnly and kReadWrite"};
    }
    const std::string& guest = mount.guest_path.empty() ? mount.host_path : mount.guest_path;
    std::string fault = guest_path_fault(guest, taken);
    if (!fault.empty()) return ListFault{"mounts", i, std::move(fault)};
  }
  for (std::size_t i = 0; i < config.scratch.size(); ++i) {
    const Scratch& scratch = config.scratch[i];
    std::string fault = guest_path_fault(scratch.guest_path, taken);
    if (!fault.empty()) return ListFault{"scratch", i, std::move(fault)};
    if (auto fits = check_all(scratch_settings(), scratch); !fits) {
      return ListFault{"scratch", i, std::move(fits.error().message)};
    }
  }
  return std::nullopt;
}

Result<void> check_descriptor(std::string_view field, int fd, int wrong_mode) {
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

Result<void> check_input(const Input& input) {
  if (const auto* from = std::get_if<InputDescriptor>(&input)) {
    return check_descriptor("input", from->fd, O_WRONLY);
  }
  if (const auto* from = std::get_if<InputCallback>(&input); from != nullptr && !from->read) {
    return invalid("input: the callback is empty");
  }
  return {};
}

/// A tail is held in memory, so it has the bounds of what is captured.
Result<void> check_bound(std::string_view field, const std::optional<std::uint64_t>& limit_bytes,
                         OnOutputLimit on_limit) {
  if (!limit_bytes || on_limit != OnOutputLimit::kKeepHeadAndTail) return {};
  const Result<void> fits = check_all(limit_settings(), Limits{.stdout_bytes = *limit_bytes});
  if (fits) return {};
  return invalid(
      fmt::format("{}, of which head and tail are kept: {}", field, fits.error().message));
}

Result<void> check_output(std::string_view field, const Output& output, OnOutputLimit on_limit) {
  if (const auto* to = std::get_if<OutputDescriptor>(&output)) {
    if (auto r = check_bound(field, to->limit_bytes, on_limit); !r) return r;
    return check_descriptor(field, to->fd, O_RDONLY);
  }
  if (const auto* to = std::get_if<OutputCallback>(&output)) {
    if (!to->write) return invalid(fmt::format("{}: the callback is empty", field));
    return check_bound(field, to->limit_bytes, on_limit);
  }
  return {};
}

/// No limit of one run is looser than its sandbox's.
Result<void> check_tighter(const Limits& run, const Limits& sandbox) {
  if (auto r = check_all(limit_settings(), run); !r) return r;
  constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();
  for (const Setting<Limits>& setting : limit_settings()) {
    const auto wanted = setting.get(run);
    const auto granted = setting.get(sandbox);
    const bool another_engine = !setting.choices.empty();
    const bool fits =
        another_engine ? wanted == granted : wanted.value_or(kNone) <= granted.value_or(kNone);
    if (fits) continue;
    return invalid(fmt::format("limits.{} is {}; the sandbox has {}, which a run can {}",
                               setting.field, format_setting(setting.unit, wanted),
                               format_setting(setting.unit, granted),
                               another_engine ? "not change" : "only tighten"));
  }
  return {};
}

}  // namespace

Result<void> SandboxConfig::validate() const {
  if (auto r = check_all(limit_settings(), limits); !r) return r;
  if (auto r = check_all(sandbox_choices(), *this); !r) return r;
  if (determinism) {
    if (auto r = check_all(determinism_settings(), *determinism); !r) return r;
  }
  if (auto fault = internal::find_list_fault(*this)) {
    return invalid(fmt::format("{}[{}]: {}", fault->list, fault->index, fault->message));
  }
  return {};
}

Result<void> RuntimeConfig::validate() const {
  if (auto r = check_all(runtime_settings(), *this); !r) return r;
  if (auto r = check_all(runtime_choices(), *this); !r) return r;
  if (demand_killable_compile && compile_helper.empty()) {
    return invalid(
        "demand_killable_compile goes with a compile_helper: inside this process no "
        "compile can be killed");
  }
  for (const auto& [field, path] :
       {std::pair("cache_folder", &cache_folder), std::pair("compile_helper", &compile_helper)}) {
    if (has_nul(path->native())) return invalid(fmt::format("{} holds a NUL", field));
  }
  static constexpr std::array kTaken = {SIGKILL, SIGSTOP, SIGILL, SIGSEGV, SIGFPE, SIGBUS};
  if (interrupt_signal <= 0 || interrupt_signal > SIGRTMAX ||
      std::ranges::find(kTaken, interrupt_signal) != kTaken.end()) {
    return invalid(
        fmt::format("interrupt_signal is {}; allowed: a catchable signal other than "
                    "SIGILL, SIGSEGV, SIGFPE and SIGBUS",
                    interrupt_signal));
  }
  return {};
}

namespace internal {

std::optional<ListFault> find_list_fault(const SandboxConfig& config) {
  if (auto fault = find_env_fault(config)) return fault;
  return find_grant_fault(config);
}

Result<void> validate_request(const RunRequest& request, const SandboxConfig& config) {
  std::uint64_t total = request.program_name.size();
  if (has_nul(request.program_name)) return invalid("program_name holds a NUL");
  for (std::size_t i = 0; i < request.args.size(); ++i) {
    if (has_nul(request.args[i])) return invalid(fmt::format("args[{}] holds a NUL", i));
    total += request.args[i].size() + 1;
  }
  if (total > kMaxTextBytes) {
    return invalid(fmt::format("args have {} bytes in all; at most {}", total, kMaxTextBytes));
  }
  if (request.limits) {
    if (auto r = check_tighter(*request.limits, config.limits); !r) return r;
  }
  if (auto r = check_input(request.input); !r) return r;
  if (auto r = check_output("output", request.output, config.on_stdout_limit); !r) return r;
  return check_output("error", request.error, config.on_stderr_limit);
}

}  // namespace internal
}  // namespace mimobox
