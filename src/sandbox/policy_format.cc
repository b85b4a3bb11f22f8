#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mimobox/policy.h"
#include "mimobox/settings.h"

#include "sandbox/policy_keys.h"

namespace mimobox {
namespace {

using internal::leaf_of;
using internal::section_of;

/// A TOML basic string: what it may not hold as it is becomes an escape. Bytes that are not UTF-8
/// stay, and no reader of TOML takes them.
std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      fmt::format_to(std::back_inserter(out), "\\u{:04X}", byte);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

/// A setting's value as TOML: numbers and moments bare where TOML has them.
std::string value_of(Unit unit, std::optional<std::uint64_t> value) {
  constexpr std::uint64_t kMaxInteger = std::numeric_limits<std::int64_t>::max();
  const std::string text = format_setting(unit, value);
  const bool bare =
      value && (unit == Unit::kTimestamp || (unit == Unit::kCount && *value <= kMaxInteger));
  return bare ? text : in_quotes(text);
}

/// "key = value  # comment", the comments of neighbours below each other.
std::string line(std::string_view key, std::string_view value, std::string_view comment) {
  constexpr int kColumn = 32;
  const std::string head = fmt::format("{} = {}", leaf_of(key), value);
  if (comment.empty()) return head + "\n";
  return fmt::format("{:<{}}  # {}\n", head, kColumn, comment);
}

template <class Owner>
std::string setting_lines(std::span<const Setting<Owner>> settings, const Owner& owner) {
  std::string text;
  for (const Setting<Owner>& setting : settings) {
    text += line(setting.policy_key, value_of(setting.unit, setting.get(owner)),
                 fmt::format("{}: {}", setting.help, setting.allowed()));
  }
  return text;
}

/// The choices that stand in `section`.
template <class Choices, class Owner>
std::string choice_lines(Choices choices, const Owner& owner, std::string_view section) {
  std::string text;
  for (const auto& choice : choices) {
    if (section_of(choice.policy_key) != section) continue;
    text += line(choice.policy_key, in_quotes(choice.words[choice.get(owner)]),
                 fmt::format("{}: {}", choice.help, choice.allowed()));
  }
  return text;
}

std::string env_lines(const SandboxConfig& config) {
  std::string text = line(internal::kDefaultEnvKey, config.default_env ? "true" : "false",
                          "Whether HOME, PATH, TERM and SANDBOX are set");
  if (config.env.empty()) {
    return text + line(internal::kEnvKey, "[]", "The environment, as [\"NAME=value\"]");
  }
  text += fmt::format("{} = [\n", internal::kEnvKey);
  for (const auto& [name, value] : config.env)
    text += fmt::format("  {},\n", in_quotes(name + "=" + value));
  return text + "]\n";
}

std::string mount_lines(const Mount& mount) {
  std::string text = fmt::format("\n[[{}]]\n", internal::kMountsKey);
  text += line(internal::kHostKey, in_quotes(mount.host_path), "");
  if (!mount.guest_path.empty()) text += line(internal::kGuestKey, in_quotes(mount.guest_path), "");
  const bool writes = mount.access == Access::kReadWrite;
  text += line(internal::kAccessKey,
               in_quotes(writes ? internal::kReadWriteWord : internal::kReadOnlyWord), "");
  return text + line(internal::kCrossDevicesKey, mount.cross_devices ? "true" : "false", "");
}

std::string scratch_lines(const Scratch& scratch) {
  std::string text = fmt::format("\n[[{}]]\n", internal::kScratchKey);
  text += line(internal::kGuestKey, in_quotes(scratch.guest_path), "");
  return text + setting_lines(scratch_settings(), scratch);
}

}  // namespace

std::string format_policy(const Policy& policy) {
  const SandboxConfig& sandbox = policy.sandbox;
  std::string text = choice_lines(sandbox_choices(), sandbox, "");
  text += env_lines(sandbox);
  text += "\n[limits]\n" + setting_lines(limit_settings(), sandbox.limits);
  text += choice_lines(sandbox_choices(), sandbox, "limits");
  text += "\n[runtime]\n" + setting_lines(runtime_settings(), policy.runtime);
  text += choice_lines(runtime_choices(), policy.runtime, "runtime");
  if (sandbox.determinism) {
    text += fmt::format("\n[{}]\n", internal::kDeterminismKey);
    text += setting_lines(determinism_settings(), *sandbox.determinism);
  }
  for (const Mount& mount : sandbox.mounts)
    text += mount_lines(mount);
  for (const Scratch& scratch : sandbox.scratch)
    text += scratch_lines(scratch);
  return text;
}

}  // namespace mimobox
