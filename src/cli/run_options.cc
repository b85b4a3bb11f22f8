#include "cli/run_options.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mimobox/config.h"
#include "mimobox/error.h"
#include "mimobox/mount.h"
#include "mimobox/policy.h"
#include "mimobox/settings.h"

#include "cli/escape.h"
#include "cli/grants.h"
#include "cli/parse.h"
#include "cli/policy.h"
#include "cli/run.h"

namespace mimobox::cli {
namespace {

using Taken = std::expected<void, std::string>;

Taken bad(std::string_view option, std::string_view why) {
  return std::unexpected(fmt::format("{}: {}", option, why));
}

bool takes_value(const CLI::App& command, const std::string& word) {
  const CLI::Option* const option = command.get_option_no_throw(word);
  return option != nullptr && option->get_items_expected_min() > 0;
}

std::optional<std::string> text_of(const RunTexts& texts, std::string_view option) {
  const auto found = texts.settings.find(option);
  return found == texts.settings.end() ? std::nullopt : found->second;
}

// The options of `run` that are wanted.
class RunBuilder {
 public:
  RunBuilder(CLI::App& run, const OptionFilter& filter) : run_(run), filter_(filter) {}

  template <class Value>
  void option(const std::string& name, Value& value) {
    if (filter_.wants(name)) run_.add_option(name, value)->allow_extra_args(false);
  }

  template <class Value>
  void flag(const std::string& names, Value& value) {
    if (filter_.wants(names)) run_.add_flag(names, value)->disable_flag_override();
  }

  // Of one of the library's tables.
  template <class Row>
  void rows(std::span<const Row> rows, RunTexts& texts) {
    for (const Row& row : rows) {
      if (row.option.empty() || !filter_.wants(row.option)) continue;
      const std::string name(row.option);
      run_.add_option(name, texts.settings[name]);
    }
  }

 private:
  CLI::App& run_;
  const OptionFilter& filter_;
};

template <class Owner>
Taken take_settings(std::span<const Setting<Owner>> settings, const RunTexts& texts, Owner& owner) {
  for (const Setting<Owner>& setting : settings) {
    const std::optional<std::string> text = text_of(texts, setting.option);
    if (!text) continue;
    const auto value = parse_setting(setting.unit, setting.may_be_none(), *text);
    if (!value) {
      return bad(setting.option, fmt::format("{}; allowed: {}", escape_for_terminal(value.error()),
                                             setting.allowed()));
    }
    if (!setting.check(*value)) {
      return bad(setting.option, fmt::format("'{}' is out of bounds; allowed: {}",
                                             escape_for_terminal(*text), setting.allowed()));
    }
    setting.set(owner, *value);
  }
  return {};
}

// What everything else adds to or replaces.
Taken take_policy(const RunTexts& texts, RunOptions& options) {
  if (!texts.policy) return {};
  Result<Policy> policy = read_policy(*texts.policy);
  if (!policy) return bad("--policy", escape_for_terminal(policy.error().message));
  options.sandbox = std::move(policy->sandbox);
  options.runtime = std::move(policy->runtime);
  return {};
}

Taken take_env(const std::vector<std::string>& texts, SandboxConfig& config) {
  for (const std::string& text : texts) {
    auto env = parse_env(text);
    if (!env) return bad("--env", env.error());
    if (!env->value) {
      const char* const own = std::getenv(env->name.c_str());  // NOLINT(concurrency-mt-unsafe)
      if (own == nullptr) {
        return bad("--env", fmt::format("{0} is not set here; write {0}=VALUE",
                                        escape_for_terminal(env->name)));
      }
      env->value = own;
    }
    const auto same =
        std::ranges::find(config.env, env->name, &decltype(config.env)::value_type::first);
    if (same != config.env.end()) {
      same->second = *std::move(env->value);
    } else {
      config.env.emplace_back(std::move(env->name), *std::move(env->value));
    }
  }
  const Result<void> valid = SandboxConfig{.env = config.env}.validate();
  if (!valid) return bad("--env", escape_for_terminal(valid.error().message));
  return {};
}

const std::string& guest_name(const Mount& mount) {
  return mount.guest_path.empty() ? mount.host_path : mount.guest_path;
}
const std::string& guest_name(const Scratch& scratch) {
  return scratch.guest_path;
}

// Replaces the grant of the same name that a policy gave (those before `first`), else adds it. Two
// options of one name stay two, which is refused.
template <class Grant>
void put(std::vector<Grant>& grants, std::size_t first, Grant grant) {
  const auto end = grants.begin() + static_cast<std::ptrdiff_t>(first);
  const auto same = std::find_if(grants.begin(), end, [&](const Grant& other) {
    return guest_name(other) == guest_name(grant);
  });
  if (same != end) {
    *same = std::move(grant);
  } else {
    grants.push_back(std::move(grant));
  }
}

// Mounts in the order typed would need one list for two options: those to be written to come first.
Taken take_grants(const RunTexts& texts, RunOptions& options) {
  SandboxConfig& config = options.sandbox;
  const std::size_t first_mount = config.mounts.size();
  const std::size_t first_scratch = config.scratch.size();
  for (const auto& [option, words, access] :
       {std::tuple("--dir", &texts.dir, Access::kReadWrite),
        std::tuple("--ro-dir", &texts.ro_dir, Access::kReadOnly)}) {
    for (const std::string& word : *words) {
      auto mount = parse_mount(word, access);
      if (!mount) return bad(option, mount.error());
      put(config.mounts, first_mount, *std::move(mount));
    }
  }
  for (const std::string& word : texts.scratch) {
    auto scratch = parse_scratch(word);
    if (!scratch) return bad("--scratch", scratch.error());
    put(config.scratch, first_scratch, *std::move(scratch));
  }
  if (texts.scratch_out && config.scratch.size() != 1) {
    return bad("--scratch-out", "goes with exactly one --scratch");
  }
  options.scratch_out = texts.scratch_out;
  const Result<void> valid =
      SandboxConfig{.mounts = config.mounts, .scratch = config.scratch}.validate();
  if (!valid) return bad("--dir, --ro-dir, --scratch", escape_for_terminal(valid.error().message));
  return {};
}

template <class Owner>
Taken take_choices(std::span<const Choice<Owner>> choices, const RunTexts& texts, Owner& owner) {
  for (const Choice<Owner>& choice : choices) {
    const std::optional<std::string> text = text_of(texts, choice.option);
    if (!text) continue;
    const std::optional<std::size_t> found = choice.find(*text);
    if (!found) {
      return bad(choice.option, fmt::format("'{}' is none of what is allowed: {}",
                                            escape_for_terminal(*text), choice.allowed()));
    }
    choice.set(owner, *found);
  }
  return {};
}

// A choice about a stream without a bound would have no effect.
Taken check_stream(const RunTexts& texts, std::string_view choice, std::string_view limit) {
  const bool bounded = texts.json || texts.policy || text_of(texts, limit);
  if (!text_of(texts, choice) || bounded) return {};
  return bad(choice,
             fmt::format("goes with {}, --policy or --json, which bound the stream", limit));
}

// --deterministic alone, with a seed, or with "none", which takes back what a policy says.
Taken take_determinism(const RunTexts& texts, SandboxConfig& config) {
  if (texts.deterministic == "none") {
    config.determinism.reset();
  } else if (!texts.deterministic.empty()) {
    if (!config.determinism) config.determinism.emplace();
  }
  RunTexts given = texts;
  const bool has_seed = config.determinism && !texts.deterministic.empty();
  if (has_seed && texts.deterministic != "on") {
    given.settings.insert_or_assign("--deterministic", texts.deterministic);
  }
  if (config.determinism) return take_settings(determinism_settings(), given, *config.determinism);
  if (!text_of(texts, "--start-time")) return {};
  return bad("--start-time", "goes with --deterministic");
}

Taken take_words(const RunTexts& texts, std::vector<std::string> guest_words, RunOptions& options) {
  if (texts.program_name && texts.program_name->empty()) {
    return bad("--program-name", "a name is not empty");
  }
  options.program_name = texts.program_name.value_or("");
  options.stdin_file = texts.stdin_file;
  if (guest_words.empty()) return bad("run", "no MODULE given");
  options.module = std::move(guest_words.front());
  guest_words.erase(guest_words.begin());
  options.args = std::move(guest_words);
  return {};
}

// An option says more than the environment.
Taken take_loudness(const RunTexts& texts, RunOptions& options) {
  if (texts.quiet && texts.verbose) return bad("--quiet", "not together with --verbose");
  const char* const set = std::getenv("MIMOBOX_WASM_QUIET");  // NOLINT(concurrency-mt-unsafe)
  const std::string_view quiet = set == nullptr ? "" : set;
  options.verbose = texts.verbose;
  options.quiet = texts.quiet || (!texts.verbose && !quiet.empty() && quiet != "0");
  return {};
}

}  // namespace

std::string_view placeholder(Unit unit) {
  switch (unit) {
    case Unit::kBytes:
      return "BYTES";
    case Unit::kNanoseconds:
      return "TIME";
    case Unit::kCount:
      return "N";
    case Unit::kTimestamp:
      return "TIME";
  }
  return "";
}

bool OptionFilter::wants(std::string_view names) const {
  if (!words_ || !names.starts_with("--")) return true;
  const std::string_view name = names.substr(0, names.find('{'));
  return std::ranges::any_of(*words_, [name](std::string_view word) {
    return word.starts_with(name) && (word.size() == name.size() || word[name.size()] == '=');
  });
}

CLI::App* add_run(CLI::App& app, RunTexts& texts, const OptionFilter& filter) {
  CLI::App* const run = app.add_subcommand("run");
  RunBuilder build(*run, filter);
  build.rows(limit_settings(), texts);
  build.rows(runtime_settings(), texts);
  build.option("--policy", texts.policy);
  build.option("--dir", texts.dir);
  build.option("--ro-dir", texts.ro_dir);
  build.option("--scratch", texts.scratch);
  build.option("--scratch-out", texts.scratch_out);
  build.flag("--trace", texts.trace);
  build.rows(sandbox_choices(), texts);
  build.rows(runtime_choices(), texts);
  if (filter.wants("--deterministic")) run->add_flag("--deterministic{on}", texts.deterministic);
  if (filter.wants("--start-time")) run->add_option("--start-time", texts.settings["--start-time"]);
  build.option("--env", texts.env);
  build.flag("--no-default-env", texts.no_default_env);
  build.option("--stdin", texts.stdin_file);
  build.option("--program-name", texts.program_name);
  build.option("--cache-dir", texts.cache.folder);
  build.flag("--no-cache", texts.cache.off);
  build.flag("--allow-precompiled", texts.allow_precompiled);
  build.flag("--json", texts.json);
  build.flag("-q,--quiet", texts.quiet);
  build.flag("-v,--verbose", texts.verbose);
  build.flag("--stats", texts.stats);
  return run;
}

std::vector<std::string> run_option_names() {
  CLI::App app;
  RunTexts texts;
  std::vector<std::string> names;
  for (const CLI::Option* option : add_run(app, texts)->get_options())
    names.push_back(option->get_name());
  return names;
}

std::vector<std::string> cut_guest_words(const CLI::App& run, std::vector<std::string>& words) {
  std::size_t module = 1;  // words[0] is "run"
  while (module < words.size() && words[module] != "--" && words[module].size() > 1 &&
         words[module].starts_with('-')) {
    module += takes_value(run, words[module]) ? 2 : 1;
  }
  module = std::min(module, words.size());
  const bool marked = module < words.size() && words[module] == "--";
  const auto cut = words.begin() + static_cast<std::ptrdiff_t>(module);
  std::vector<std::string> guest(cut + (marked ? 1 : 0), words.end());
  words.erase(cut, words.end());
  return guest;
}

std::expected<RunOptions, std::string> read_options(const RunTexts& texts,
                                                    std::vector<std::string> guest_words) {
  RunOptions options;
  options.json = texts.json;
  options.trace = texts.trace;
  options.stats = texts.stats;
  if (auto taken = take_policy(texts, options); !taken) return std::unexpected(taken.error());
  if (texts.no_default_env) options.sandbox.default_env = false;
  for (const Taken& taken :
       {take_settings(limit_settings(), texts, options.sandbox.limits),
        take_settings(runtime_settings(), texts, options.runtime), take_grants(texts, options),
        take_env(texts.env, options.sandbox),
        take_choices(sandbox_choices(), texts, options.sandbox),
        take_choices(runtime_choices(), texts, options.runtime),
        take_determinism(texts, options.sandbox), take_loudness(texts, options),
        take_words(texts, std::move(guest_words), options)}) {
    if (!taken) return std::unexpected(taken.error());
  }
  take_cache_options(texts.cache, options.runtime);
  options.allow_precompiled = texts.allow_precompiled;
  for (const Taken& good : {check_stream(texts, "--on-stdout-limit", "--stdout-limit"),
                            check_stream(texts, "--on-stderr-limit", "--stderr-limit")}) {
    if (!good) return std::unexpected(good.error());
  }
  const Limits& limits = options.sandbox.limits;
  if (texts.policy || text_of(texts, "--stdout-limit")) options.stdout_limit = limits.stdout_bytes;
  if (texts.policy || text_of(texts, "--stderr-limit")) options.stderr_limit = limits.stderr_bytes;
  return options;
}

}  // namespace mimobox::cli
