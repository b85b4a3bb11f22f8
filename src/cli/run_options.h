#ifndef MIMOBOX_CLI_RUN_OPTIONS_H_
#define MIMOBOX_CLI_RUN_OPTIONS_H_

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/run.h"

namespace mimobox::cli {

/// What `run --help` prints.
[[nodiscard]] std::string_view run_help();

/// The options of `run` as typed.
struct RunTexts {
  std::optional<std::string> timeout = {};
  std::optional<std::string> memory = {};
  std::optional<std::string> compile_timeout = {};
  std::vector<std::string> env = {};
  bool verbose = false;
};

/// Adds `run` and its options, which are stored in `texts`.
CLI::App* add_run(CLI::App& app, RunTexts& texts);

/// Cuts the guest's words (MODULE and all behind it) off the words of `run` and returns them. To be
/// done before CLI11 parses, so that nothing of the guest's can be taken for an option of ours.
[[nodiscard]] std::vector<std::string> cut_guest_words(const CLI::App& run,
                                                       std::vector<std::string>& words);

/// The texts and the guest's words as values in their bounds; else a sentence that names the
/// option.
[[nodiscard]] std::expected<RunOptions, std::string> read_options(
    const RunTexts& texts, std::vector<std::string> guest_words);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_RUN_OPTIONS_H_
