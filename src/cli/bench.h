#ifndef MIMOBOX_CLI_BENCH_H_
#define MIMOBOX_CLI_BENCH_H_

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "mimobox/bench.h"

namespace mimobox::cli {

/// The options of `bench` as typed.
struct BenchTexts {
  std::optional<std::string> iterations = {};
  std::optional<std::string> time = {};
  std::vector<std::string> workloads = {};
  std::vector<std::string> vs = {};
  std::optional<std::string> threads = {};
  std::vector<std::string> targets = {};
  bool no_targets = false;
  std::optional<std::string> stdin_file = {};
  bool json = false;
  std::optional<std::string> html = {};
};

/// What `bench --help` prints.
[[nodiscard]] std::string bench_help();

/// Adds `bench` and its options, which are stored in `texts`.
CLI::App* add_bench(CLI::App& app, BenchTexts& texts);

/// The texts as a configuration without module and workloads; else a sentence that names the
/// option.
[[nodiscard]] std::expected<BenchConfig, std::string> read_bench_options(const BenchTexts& texts);

/// Measures and shows. The exit status: 0, 1 when a target was missed, or one of our own; nullopt
/// with `wrong` set when it was used wrongly. `guest_words`: MODULE and its arguments, or nothing
/// for the built-in workloads.
[[nodiscard]] std::optional<int> bench(const BenchTexts& texts,
                                       std::vector<std::string> guest_words, std::string& wrong);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_BENCH_H_
