#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mimobox/bench.h"
#include "mimobox/settings.h"

#include "cli/bench.h"
#include "cli/escape.h"
#include "cli/help.h"

namespace mimobox::cli {
namespace {

using Taken = std::expected<void, std::string>;

constexpr std::string_view kHead =
    R"(Measures what running guests costs on this machine.

Usage: mimobox-wasm bench [OPTIONS] [MODULE [ARGS...]]

Without MODULE the workloads are those that come with the command. A file that is
measured has to end with exit status 0; it gets no file and no variable.

Options:
)";

constexpr std::string_view kExamples = R"(
Exit status: 0; 1 when a target was missed; 125 for other failures.

Examples:
  mimobox-wasm bench
  mimobox-wasm bench -n 100 --vs wasmtime --vs node=/opt/node/bin/node prog.wasm
  mimobox-wasm bench --workload printf --target hot_path=10us --json
)";

Taken bad(std::string_view option, std::string_view why) {
  return std::unexpected(fmt::format("{}: {}", option, why));
}

/// A number or a time as all options take them.
std::expected<std::uint64_t, std::string> parse(Unit unit, std::string_view text) {
  const auto value = parse_setting(unit, false, text);
  if (!value) return std::unexpected(escape_for_terminal(value.error()));
  return **value;
}

std::expected<std::chrono::nanoseconds, std::string> parse_time(std::string_view text) {
  const auto value = parse(Unit::kNanoseconds, text);
  if (!value) return std::unexpected(value.error());
  return std::chrono::nanoseconds{static_cast<std::chrono::nanoseconds::rep>(*value)};
}

std::string stage_words() {
  std::vector<std::string_view> names;
  for (const BenchStage stage : bench_stages())
    names.push_back(bench_stage_name(stage));
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string target_words() {
  std::string words;
  for (const BenchTarget& target : default_bench_targets()) {
    words += fmt::format(
        "{}{}{}{}={}", words.empty() ? "" : ", ", target.workload,
        target.workload.empty() ? "" : ":", bench_stage_name(target.stage),
        format_setting(Unit::kNanoseconds, static_cast<std::uint64_t>(target.p50_below.count())));
  }
  return words;
}

Taken take_amount(const BenchTexts& texts, BenchConfig& config) {
  if (texts.iterations) {
    const auto count = parse(Unit::kCount, *texts.iterations);
    if (!count) return bad("--iterations", count.error());
    config.iterations = *count;
  }
  if (texts.time) {
    const auto time = parse_time(*texts.time);
    if (!time) return bad("--time", time.error());
    config.measuring_time = *time;
  }
  return {};
}

Taken take_threads(const std::optional<std::string>& text, BenchConfig& config) {
  if (!text) return {};
  std::string_view rest = *text;
  while (true) {
    const std::size_t comma = rest.find(',');
    const auto count = parse(Unit::kCount, rest.substr(0, comma));
    if (!count) return bad("--threads", count.error() + "; write numbers as in 1,2,4");
    config.threads.push_back(*count);
    if (comma == std::string_view::npos) return {};
    rest.remove_prefix(comma + 1);
  }
}

/// "all" is each that runs modules, with no word about those that are not there.
Taken take_peers(const std::vector<std::string>& texts, BenchConfig& config) {
  const std::vector<std::string_view> names = bench_peer_names();
  for (const std::string& text : texts) {
    if (text == "all") {
      for (const std::string_view name : names) {
        if (name != "native") config.peers.push_back({.name = std::string(name)});
      }
      continue;
    }
    const std::size_t equals = text.find('=');
    BenchPeer peer{.name = text.substr(0, equals)};
    if (std::ranges::find(names, peer.name) == names.end()) {
      return bad("--vs", fmt::format("no program '{}' is known; known: all, {}",
                                     escape_for_terminal(peer.name), fmt::join(names, ", ")));
    }
    if (equals != std::string::npos) peer.program = text.substr(equals + 1);
    const bool path_wanted = peer.name == "native" || equals != std::string::npos;
    if (path_wanted && peer.program.empty()) {
      return bad("--vs", fmt::format("write {}=PROGRAM", peer.name));
    }
    config.peers.push_back(std::move(peer));
  }
  return {};
}

Taken take_targets(const BenchTexts& texts, BenchConfig& config) {
  if (texts.no_targets && !texts.targets.empty()) {
    return bad("--no-targets", "not together with --target");
  }
  if (texts.no_targets || !texts.targets.empty()) config.targets.clear();
  for (const std::string& text : texts.targets) {
    const std::size_t equals = text.find('=');
    const std::size_t colon = std::min(text.rfind(':', equals), text.size());
    const bool named = colon < text.size();
    const std::size_t begin = named ? colon + 1 : 0;
    const auto stage = find_bench_stage(text.substr(begin, equals - begin));
    if (!stage || equals == std::string::npos) {
      return bad("--target", fmt::format("'{}' is not STAGE=TIME or WORKLOAD:STAGE=TIME, as in "
                                         "hot_path=10us; stages: {}",
                                         escape_for_terminal(text), stage_words()));
    }
    const auto time = parse_time(text.substr(equals + 1));
    if (!time) return bad("--target", time.error());
    config.targets.push_back({*stage, *time, named ? text.substr(0, colon) : ""});
  }
  return {};
}

std::string stage_entries() {
  std::vector<HelpEntry> entries;
  for (const BenchStage stage : bench_stages()) {
    entries.push_back(
        {std::string(bench_stage_name(stage)), std::string(bench_stage_label(stage))});
  }
  return "\nStages:\n" + help_entries(entries);
}

std::string workload_words() {
  std::vector<HelpEntry> entries;
  for (const BenchWorkload& workload : builtin_bench_workloads())
    entries.push_back({workload.name, workload.summary});
  return entries.empty() ? "" : "\nWorkloads:\n" + help_entries(entries);
}

}  // namespace

std::string bench_help() {
  const std::vector<HelpEntry> options = {
      {"-n, --iterations N", "How often each thing is measured (as often as --time allows)"},
      {"--time TIME", "How long each thing is measured (1s)"},
      {"--workload NAME", "Only this built-in workload (may be repeated)"},
      {"--stdin FILE", "Standard input of MODULE"},
      {"--threads N,N,...", "Threads for the throughput (1,2,4... to the processors)"},
      {"--vs NAME[=PROGRAM]",
       fmt::format("Compare with whole processes of another runtime: all, {}; "
                   "native=PROGRAM is a native build of the workload (may be repeated)",
                   fmt::join(bench_peer_names(), ", "))},
      {"--target [WORKLOAD:]STAGE=TIME",
       fmt::format("The median has to be below TIME; may be repeated ({})", target_words())},
      {"--no-targets", "Check no target"},
      {"--json", "One JSON object on stdout instead of tables"},
      {"--html FILE", "Also write the report as a page with pictures"},
      {"-h, --help", "Print this text"},
  };
  return std::string(kHead) + help_entries(options) + workload_words() + stage_entries() +
         std::string(kExamples);
}

CLI::App* add_bench(CLI::App& app, BenchTexts& texts) {
  CLI::App* const bench = app.add_subcommand("bench");
  bench->add_option("-n,--iterations", texts.iterations)->type_name("N");
  bench->add_option("--time", texts.time)->type_name("TIME");
  bench->add_option("--workload", texts.workloads)->type_name("NAME")->allow_extra_args(false);
  bench->add_option("--stdin", texts.stdin_file)->type_name("FILE");
  bench->add_option("--threads", texts.threads)->type_name("N,N,...");
  bench->add_option("--vs", texts.vs)->type_name("NAME[=PROGRAM]")->allow_extra_args(false);
  bench->add_option("--target", texts.targets)
      ->type_name("[WORKLOAD:]STAGE=TIME")
      ->allow_extra_args(false);
  bench->add_flag("--no-targets", texts.no_targets)->disable_flag_override();
  bench->add_flag("--json", texts.json)->disable_flag_override();
  bench->add_option("--html", texts.html)->type_name("FILE");
  return bench;
}

std::expected<BenchConfig, std::string> read_bench_options(const BenchTexts& texts) {
  BenchConfig config;
  for (const Taken& taken : {take_amount(texts, config), take_threads(texts.threads, config),
                             take_peers(texts.vs, config), take_targets(texts, config)}) {
    if (!taken) return std::unexpected(taken.error());
  }
  return config;
}

}  // namespace mimobox::cli
