#ifndef MIMOBOX_CLI_RUN_OPTIONS_H_
#define MIMOBOX_CLI_RUN_OPTIONS_H_

#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "mimobox/settings.h"

#include "cli/cache_options.h"
#include "cli/run.h"

namespace mimobox::cli {

/// What `run --help` prints.
[[nodiscard]] std::string run_help();

/// What stands for a value of this unit in help texts: "BYTES".
[[nodiscard]] std::string_view placeholder(Unit unit);

/// The options of `run` as typed.
struct RunTexts {
  /// By option ("--memory"): those of the library's tables of settings and choices.
  std::map<std::string, std::optional<std::string>, std::less<>> settings = {};
  std::optional<std::string> policy = {};
  std::vector<std::string> dir = {};
  std::vector<std::string> ro_dir = {};
  std::vector<std::string> scratch = {};
  std::optional<std::string> scratch_out = {};
  bool trace = false;
  std::vector<std::string> env = {};
  bool no_default_env = false;
  std::string deterministic = {};  ///< empty: not given; "on": given without a seed
  std::optional<std::string> stdin_file = {};
  std::optional<std::string> program_name = {};
  CacheTexts cache = {};
  bool allow_precompiled = false;
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  bool stats = false;
};

/// Which options of a command to build. Building all of `run` takes longer than many a program
/// runs, so those that no word names are left out.
class OptionFilter {
 public:
  /// All of them.
  OptionFilter() = default;
  /// Those that a word may mean: "--memory=4M" means "--memory". `words` have to outlive this.
  explicit OptionFilter(std::span<const std::string> words) : words_(words) {}

  /// `names` as CLI11 wants them: "-q,--quiet". One with a short name is always wanted.
  [[nodiscard]] bool wants(std::string_view names) const;

 private:
  std::optional<std::span<const std::string>> words_;
};

/// Adds `run` and its options that are wanted, which are stored in `texts`.
CLI::App* add_run(CLI::App& app, RunTexts& texts, const OptionFilter& filter = {});

/// The names of all options of `run`: "--memory".
[[nodiscard]] std::vector<std::string> run_option_names();

/// Cuts the guest's words (MODULE and all behind it) off the words of `run` or another command that
/// takes them so, and returns them. To be done before CLI11 parses, so that nothing of the guest's
/// can be taken for an option of ours.
[[nodiscard]] std::vector<std::string> cut_guest_words(const CLI::App& run,
                                                       std::vector<std::string>& words);

/// The texts and the guest's words as values in their bounds; else a sentence that names the
/// option. Looks into this process's environment for --env NAME and for MIMOBOX_WASM_QUIET.
[[nodiscard]] std::expected<RunOptions, std::string> read_options(
    const RunTexts& texts, std::vector<std::string> guest_words);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_RUN_OPTIONS_H_
