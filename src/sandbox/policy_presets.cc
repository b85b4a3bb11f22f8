#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string_view>

#include "mimobox/config.h"
#include "mimobox/policy.h"

#include "sandbox/setting_rows.h"

// docs/policy.md says for whom each of them is, and why each value is as it is.

namespace mimobox {
namespace {

using internal::kKiB;
using internal::kMiB;
using std::chrono::seconds;

Policy make_strict() {
  return {.sandbox = {.limits = {.memory_bytes = 64 * kMiB,
                                 .wall_time = seconds{2},
                                 .cpu_time = seconds{1},
                                 .stdout_bytes = 64 * kKiB,
                                 .stderr_bytes = 64 * kKiB,
                                 .stack_bytes = 512 * kKiB,
                                 .written_bytes = 0,
                                 .file_bytes = 0,
                                 .created_files = 0,
                                 .open_descriptors = 16},
                      .on_stdout_limit = OnOutputLimit::kEndRun,
                      .on_stderr_limit = OnOutputLimit::kEndRun,
                      .on_memory_denied = OnMemoryDenied::kEndRun,
                      .default_env = false},
          .runtime = {.compile_timeout = seconds{10}}};
}

Policy make_agent() {
  return {.sandbox = {.limits = {.stdout_bytes = 64 * kKiB,
                                 .stderr_bytes = 64 * kKiB,
                                 .written_bytes = 256 * kMiB,
                                 .file_bytes = 64 * kMiB,
                                 .created_files = 10'000},
                      .on_stdout_limit = OnOutputLimit::kKeepHeadAndTail,
                      .on_stderr_limit = OnOutputLimit::kKeepHeadAndTail,
                      .scratch = {{.guest_path = "/tmp"}}}};
}

Policy make_judge() {
  return {.sandbox = {.limits = {.memory_bytes = 256 * kMiB,
                                 .wall_time = seconds{30},
                                 .cpu_time = seconds{10},
                                 .fuel = 20'000'000'000U,
                                 .stdout_bytes = 64 * kMiB,
                                 .stderr_bytes = 64 * kKiB,
                                 .stack_bytes = 8 * kMiB,
                                 .written_bytes = 0,
                                 .file_bytes = 0,
                                 .created_files = 0,
                                 .open_descriptors = 16},
                      .on_stdout_limit = OnOutputLimit::kEndRun,
                      .on_memory_denied = OnMemoryDenied::kEndRun,
                      .default_env = false,
                      .determinism = Determinism{}},
          .runtime = {.compile_timeout = seconds{30}}};
}

constexpr std::array kPresets = {
    PolicyPreset{"strict", "Unknown code: little of everything, ended at each limit", make_strict},
    PolicyPreset{"agent", "Tools of AI agents: room to work, a scratch at /tmp", make_agent},
    PolicyPreset{"judge", "Judges of programs: repeatable runs, ended at their limits", make_judge},
};

}  // namespace

std::span<const PolicyPreset> policy_presets() {
  return kPresets;
}

std::optional<Policy> find_policy_preset(std::string_view name) {
  const auto found = std::ranges::find(kPresets, name, &PolicyPreset::name);
  if (found == kPresets.end()) return std::nullopt;
  return found->make();
}

}  // namespace mimobox
