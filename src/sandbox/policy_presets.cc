#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "mimobox/config.h"
#include "mimobox/policy.h"

// docs/policy.md says for whom each of them is.

namespace mimobox {
namespace {

using std::chrono::seconds;

constexpr std::uint64_t kKiB = 1ULL << 10U;
constexpr std::uint64_t kMiB = 1ULL << 20U;

Policy make_strict() {
  return {.sandbox = {.limits = {.memory_bytes = 64 * kMiB,
                                 .wall_time = seconds{2},
                                 .stdout_bytes = 64 * kKiB,
                                 .stderr_bytes = 64 * kKiB,
                                 .stack_bytes = 512 * kKiB,
                                 .written_bytes = 0,
                                 .file_bytes = 0,
                                 .created_files = 0,
                                 .open_descriptors = 16},
                      .on_stdout_limit = OnOutputLimit::kEndRun,
                      .on_stderr_limit = OnOutputLimit::kEndRun,
                      .default_env = false},
          .runtime = {.compile_timeout = seconds{10}}};
}

Policy make_agent() {
  return {.sandbox = {.limits = {.memory_bytes = 512 * kMiB,
                                 .wall_time = seconds{30},
                                 .stdout_bytes = 256 * kKiB,
                                 .stderr_bytes = 256 * kKiB,
                                 .written_bytes = 256 * kMiB,
                                 .file_bytes = 64 * kMiB,
                                 .created_files = 10'000},
                      .scratch = {{.guest_path = "/tmp", .bytes = 64 * kMiB}}}};
}

Policy make_judge() {
  return {.sandbox = {.limits = {.memory_bytes = 256 * kMiB,
                                 .wall_time = seconds{10},
                                 .stdout_bytes = 64 * kMiB,
                                 .stderr_bytes = 64 * kKiB,
                                 .stack_bytes = 8 * kMiB,
                                 .written_bytes = 0,
                                 .file_bytes = 0,
                                 .created_files = 0,
                                 .open_descriptors = 16},
                      .on_stdout_limit = OnOutputLimit::kEndRun,
                      .on_stderr_limit = OnOutputLimit::kEndRun,
                      .default_env = false,
                      .determinism = Determinism{}},
          .runtime = {.compile_timeout = seconds{30}}};
}

constexpr std::array kPresets = {
    PolicyPreset{"strict", "Unknown code: little of everything, no file changed", make_strict},
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
