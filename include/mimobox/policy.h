#ifndef MIMOBOX_POLICY_H_
#define MIMOBOX_POLICY_H_

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mimobox/config.h"
#include "mimobox/error.h"

namespace mimobox {

/// What guests are granted, and what the runtime that runs them may use: all that can stand in a
/// policy file. docs/policy.md lists the keys.
struct Policy {
  SandboxConfig sandbox = {};
  /// Only what is in the tables of settings (mimobox/settings.h). The rest belongs to the program
  /// and stands in no policy: where code is kept and compiled, signals, callbacks, switches of
  /// tests.
  RuntimeConfig runtime = {};
};

/// The largest policy that is read, in bytes.
inline constexpr std::size_t kMaxPolicyBytes = 4U << 20;

/// Reads a policy in TOML; what it does not say is as in `Policy{}`. Whatever the text holds, the
/// answer is a policy whose fields are all valid, or an error: `kInvalidConfig`, whose message
/// begins with "NAME:LINE:COLUMN: KEY: " and says what is allowed there.
[[nodiscard]] Result<Policy> parse_policy(std::string_view text, std::string_view name = "policy");

/// The same from a file, which is read once. Never blocks on a FIFO and opens no device. Host paths
/// of mounts are taken as they stand: a relative one begins at the process's current directory.
/// Errors: as above, and `kInvalidConfig` when the file cannot be read (with errno) or is too
/// large.
[[nodiscard]] Result<Policy> load_policy(const std::filesystem::path& path);

/// The policy as TOML that `parse_policy` reads back as the same policy: every key with its value,
/// in the order of the table of settings, each with a comment on what it is and what is allowed.
[[nodiscard]] std::string format_policy(const Policy& policy);

/// A policy that comes with the library.
struct PolicyPreset {
  std::string_view name;         ///< "agent"
  std::string_view description;  ///< one line
  Policy (*make)();
};

/// `strict`, `agent` and `judge`.
[[nodiscard]] std::span<const PolicyPreset> policy_presets();

/// The preset of this name; nullopt: there is none.
[[nodiscard]] std::optional<Policy> find_policy_preset(std::string_view name);

}  // namespace mimobox

#endif  // MIMOBOX_POLICY_H_
