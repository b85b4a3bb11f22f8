#ifndef MIMOBOX_CLI_POLICY_H_
#define MIMOBOX_CLI_POLICY_H_

#include <optional>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "mimobox/error.h"
#include "mimobox/policy.h"

namespace mimobox::cli {

/// What `policy` was asked for; one of its commands is given.
struct PolicyOptions {
  CLI::App* show = nullptr;
  CLI::App* check = nullptr;
  std::optional<std::string> shown = {};  ///< of show: a name or a file; none: the list
  std::string checked = {};               ///< of check: a name or a file
};

/// What `policy --help` prints, and `policy show --help` and `policy check --help`.
[[nodiscard]] std::string policy_help();
[[nodiscard]] std::string policy_help(const PolicyOptions& options);

/// Adds `policy` and its commands, which are stored in `options`.
CLI::App* add_policy(CLI::App& app, PolicyOptions& options);

/// Prints a policy or the names of all, or looks whether a file is one. The command's exit status.
[[nodiscard]] int policy(const PolicyOptions& options);

/// The preset of this name, else what the file of this name holds: "./agent" is a file. Errors as
/// of `load_policy`.
[[nodiscard]] Result<Policy> read_policy(const std::string& name_or_file);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_POLICY_H_
