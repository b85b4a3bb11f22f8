#include "cli/policy.h"

#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mimobox/suggest.h"

#include "cli/escape.h"
#include "cli/exit_status.h"
#include "cli/help.h"
#include "cli/print.h"

namespace mimobox::cli {
namespace {

constexpr std::string_view kHead =
    R"(Shows and checks policies, the TOML files that say what guests are granted.

Usage: mimobox-wasm policy COMMAND [OPTIONS]

Commands:
  show   Print a policy, with all that it does not say itself
  check  Say whether a file is a policy, or what is wrong where

Options:
  -h, --help  Print this text

Examples:
  mimobox-wasm policy show agent > mine.toml
  mimobox-wasm policy check mine.toml
  mimobox-wasm run --policy mine.toml --timeout 5s prog.wasm
)";

constexpr std::string_view kShowHead = R"(Prints a policy as TOML that --policy reads.

Usage: mimobox-wasm policy show [FILE]

FILE is a file or the name of a policy that comes with the command; without it
their names are listed.

Policies: that come with the command
)";

constexpr std::string_view kCheckHelp = R"(Says whether a file is a policy.

Usage: mimobox-wasm policy check FILE

Prints nothing when it is one. Otherwise the first fault goes to stderr, as
FILE:LINE:COLUMN: KEY: what is wrong and what is allowed, with exit status 125.

Options:
  -h, --help  Print this text
)";

std::string preset_lines() {
  std::vector<HelpEntry> entries;
  for (const PolicyPreset& preset : policy_presets())
    entries.push_back({std::string(preset.name), std::string(preset.description)});
  return help_entries(entries);
}

int fail(const SandboxError& error) {
  print_message(escape_for_terminal(error.message));
  return kStatusOwnFailure;
}

int show(const std::optional<std::string>& name) {
  std::string text;
  if (name) {
    const Result<Policy> found = read_policy(*name);
    if (!found) return fail(found.error());
    text = format_policy(*found);
  } else {
    text = preset_lines();
  }
  return print_result(text, 0);
}

}  // namespace

std::string policy_help() {
  return std::string(kHead);
}

std::string policy_help(const PolicyOptions& options) {
  if (options.check->parsed()) return std::string(kCheckHelp);
  if (!options.show->parsed()) return policy_help();
  return fmt::format("{}{}\nOptions:\n  -h, --help  Print this text\n", kShowHead, preset_lines());
}

CLI::App* add_policy(CLI::App& app, PolicyOptions& options) {
  CLI::App* const policy = app.add_subcommand("policy");
  policy->require_subcommand(1);
  options.show = policy->add_subcommand("show");
  options.show->add_option("FILE", options.shown);
  options.check = policy->add_subcommand("check");
  options.check->add_option("FILE", options.checked)->required();
  return policy;
}

int policy(const PolicyOptions& options) {
  if (options.show->parsed()) return show(options.shown);
  const Result<Policy> checked = read_policy(options.checked);
  return checked ? 0 : fail(checked.error());
}

Result<Policy> read_policy(const std::string& name_or_file) {
  if (auto preset = find_policy_preset(name_or_file)) return *std::move(preset);
  Result<Policy> policy = load_policy(name_or_file);
  if (!policy && policy.error().os_errno == ENOENT) {
    std::vector<std::string> names;
    for (const PolicyPreset& preset : policy_presets())
      names.emplace_back(preset.name);
    policy.error().message += suggest(name_or_file, names);
  }
  return policy;
}

}  // namespace mimobox::cli
