#include "mimobox/doctor.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "mimobox/runtime.h"
#include "mimobox/sandbox.h"

#include "base/unique_fd.h"
#include "engine/fault_handlers.h"
#include "engine/machine_context.h"
#include "engine/signal_registry.h"
#include "sandbox/cache_settings.h"
#include "sandbox/interrupt_choice.h"

namespace mimobox {
namespace {

Check good(std::string name, std::string found) {
  return {.name = std::move(name), .ok = true, .found = std::move(found), .advice = {}};
}

Check bad(std::string name, std::string found, std::string advice) {
  return {
      .name = std::move(name), .ok = false, .found = std::move(found), .advice = std::move(advice)};
}

Check check_kernel() {
  utsname names{};
  ::uname(&names);
  return good("kernel", fmt::format("{} {} on {}", names.sysname, names.release, names.machine));
}

Check check_openat2() {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  const base::UniqueFd fd(
      static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, ".", &how, sizeof how)));
  if (fd.valid()) return good("openat2", "paths of guests are resolved by the kernel");
  return bad(
      "openat2", std::strerror(errno),
      "paths of guests are walked step by step, which is slower; use Linux 5.6 or newer, and "
      "allow openat2 where a seccomp filter forbids it");
}

/// PAGEMAP_SCAN of linux/fs.h (6.7), which older headers lack.
Check check_pagemap_scan() {
  using Argument = std::array<std::uint64_t, 12>;
  constexpr unsigned long kPagemapScan = _IOWR('f', 16, Argument);
  const base::UniqueFd pagemap(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
  // Without an argument: a kernel that knows the request says EFAULT, another one ENOTTY.
  if (pagemap.valid() && ::ioctl(pagemap.get(), kPagemapScan, nullptr) < 0 && errno == EFAULT) {
    return good("pagemap scan", "memory of ended runs can be reset page by page");
  }
  return bad(
      "pagemap scan", "not offered by this kernel",
      "fresh instances cost more time after guests that touched much memory; use Linux 6.7 or "
      "newer");
}

Check check_address_space() {
  rlimit limit{};
  ::getrlimit(RLIMIT_AS, &limit);
  if (limit.rlim_cur == RLIM_INFINITY) return good("address space", "no limit");
  constexpr std::uint64_t kEnough = 64ULL << 30;
  const std::string found = fmt::format("limited to {} MiB", limit.rlim_cur >> 20U);
  if (limit.rlim_cur >= kEnough) return good("address space", found);
  return bad("address space", found,
             "each run reserves over 4 GiB of address space (not of memory); raise `ulimit -v`");
}

Check check_descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const std::string found = fmt::format("{} descriptors", limit.rlim_cur);
  if (limit.rlim_cur >= 1024) return good("open files", found);
  return bad("open files", found,
             "a guest may have up to 256, each run in flight some more; raise `ulimit -n`");
}

/// What gets out of a sandbox has the rights of this process.
Check check_user() {
  const uid_t user = ::geteuid();
  if (user != 0) return good("user", fmt::format("user {}", user));
  return bad("user", "root",
             "what would get out of a sandbox could do anything; run it as a user of its own");
}

/// A core holds the memory of all guests, and a guest that found a way to crash us fills the disk.
Check check_core_dumps() {
  rlimit limit{};
  ::getrlimit(RLIMIT_CORE, &limit);
  if (limit.rlim_cur == 0) return good("core dumps", "off");
  return bad("core dumps", "on", "a core would hold guests' data; set `ulimit -c 0`");
}

/// Compiled code is native code: nobody else may write where it is kept.
Check check_cache_folder(const RuntimeConfig& config) {
  const std::string name = "cache folder";
  const auto settings = internal::disk_settings(config);
  if (!settings) return bad(name, settings.error().why, "set HOME or MIMOBOX_CACHE_DIR");
  const std::filesystem::path folder = settings->folder;
  std::error_code error;
  std::filesystem::path there = folder;
  while (!std::filesystem::exists(there, error) && there != there.root_path()) {
    there = there.parent_path();
  }
  struct stat status{};
  if (::stat(there.c_str(), &status) != 0 || ::access(there.c_str(), W_OK) != 0) {
    return bad(name, fmt::format("{} cannot be written", there.native()),
               "set MIMOBOX_CACHE_DIR to a folder of this user's");
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0 || status.st_uid != ::geteuid()) {
    return bad(name, fmt::format("{} can be written by others", there.native()),
               "make it this user's own (chown, chmod go-w)");
  }
  return good(
      name, there == folder ? folder.native() : fmt::format("{} (not made yet)", folder.native()));
}

std::string describe_handler(int number) {
  struct sigaction action{};
  if (::sigaction(number, nullptr, &action) != 0) return "unknown";
  if (action.sa_handler == SIG_DFL) return "default";
  if (action.sa_handler == SIG_IGN) return "ignored";
  return "a handler is installed";
}

Check check_interrupt_signal(const RuntimeConfig& config) {
  const int number = config.interrupt_signal;
  const std::string found = fmt::format("signal {}: {}", number, describe_handler(number));
  return good("interrupt signal", found);
}

/// Faults of guests arrive as signals, whose handlers the engine installs over those of the host.
Check check_fault_signals() {
  std::string found;
  for (const int number : engine::kFaultSignals) {
    found += fmt::format("{}SIG{}: {}", found.empty() ? "" : ", ", ::sigabbrev_np(number),
                         describe_handler(number));
  }
  if (const auto taken = engine::replaced_fault_handler()) {
    return bad(
        "fault signals",
        fmt::format("{}; SIG{} is no longer the engine's", found, ::sigabbrev_np(*taken)),
        "install other handlers before the first Runtime is made, and let them call what was "
        "there before");
  }
  return good("fault signals", found);
}

/// Repeats the self-test, so that a failure that was written down is looked at again.
Check check_interrupt(const RuntimeConfig& config) {
  const std::string name = "interrupting guests";
  const std::string advice =
      "guests are stopped by checks in their code, which makes them 10 to 70 % slower";
  if (config.interrupt == Interrupt::kEpoch)
    return good(name, "by checks in their code, as configured");
  const auto signal = engine::SignalUse::acquire(config.interrupt_signal);
  if (!signal) return bad(name, signal.error().message, advice);
  const auto disk = internal::open_disk_cache(config);
  const auto tested = internal::repeat_interrupt_test(*signal, disk ? disk->get() : nullptr);
  if (!tested) return bad(name, tested.error().message, advice);
  return good(name, "by signals, without checks in their code");
}

constexpr std::string_view kProbe = R"((module
  (memory (export "memory") 1)
  (func (export "main") (result i32) (i32.load8_u (i32.const 65535)) (i32.const 42) i32.add)))";

Check check_run(const RuntimeConfig& config) {
  const auto failed = [](const SandboxError& error) {
    return bad("a run", error.message, "no program can run here until this is mended");
  };
  RuntimeConfig without_traces = config;
  without_traces.disk_cache = false;
  const auto runtime = Runtime::create(without_traces);
  if (!runtime) return failed(runtime.error());
  const auto module = runtime->load_bytes(std::as_bytes(std::span(kProbe)), "probe");
  if (!module) return failed(module.error());
  const auto sandbox = WasmSandbox::create(*runtime, SandboxConfig{});
  if (!sandbox) return failed(sandbox.error());
  const auto result = (*sandbox)->execute(*module);
  if (!result) return failed(result.error());
  if (result->verdict != Verdict::kExited || result->exit_code != 42U) {
    return bad(
        "a run",
        fmt::format("a program that returns 42 ended with {}", verdict_name(result->verdict)),
        "the engine does not work here; please report it");
  }
  return good("a run", "a program ran and gave the right answer");
}

}  // namespace

std::vector<Check> examine_host(const RuntimeConfig& config) {
  return {check_kernel(),
          check_user(),
          check_core_dumps(),
          check_openat2(),
          check_pagemap_scan(),
          check_address_space(),
          check_descriptors(),
          check_cache_folder(config),
          check_interrupt_signal(config),
          check_interrupt(config),
          check_fault_signals(),
          good("engine", engine_version()),
          check_run(config)};
}

}  // namespace mimobox
