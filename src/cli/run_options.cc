#include "cli/run_options.h"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "mimobox/config.h"
#include "mimobox/error.h"

#include "cli/escape.h"
#include "cli/parse.h"
#include "cli/run.h"

namespace mimobox::cli {
namespace {

constexpr std::string_view kRunHelp = R"(Runs a WebAssembly program (WASI preview 1) under limits.

Usage: mimobox-wasm run [OPTIONS] MODULE [ARGS...]

Everything behind MODULE belongs to the guest. It has this command's standard
streams, and no file, no network and no variable that is not given here.

Options:
  --timeout TIME          Wall-clock time: 500ms, 2s, 1m or none (default 30s)
  --memory BYTES          The guest's memory: 64M, 65536, 1G (default 512M)
  --env NAME=VALUE        A variable for the guest; may be repeated
  --compile-timeout TIME  Time to compile the module (default 60s)
  -v, --verbose           Say on stderr at the end how the run went
  -h, --help              Print this text

Exit status: the guest's own, or with one line on stderr that says why:
  124 time limit               126 not a module that can run
  125 usage, our own failure   127 no such file
  134 trap, stack overflow     137 memory limit
  130 Ctrl-C (128 and the signal's number)

Examples:
  mimobox-wasm run --timeout 2s --memory 64M wordcount.wasm 10 < book.txt
  mimobox-wasm run --env LANG=C --env TZ=UTC prog.wasm --its-own-option
)";

using Taken = std::expected<void, std::string>;

bool takes_value(const CLI::App& command, const std::string& word) {
  const CLI::Option* const option = command.get_option_no_throw(word);
  return option != nullptr && option->get_items_expected_min() > 0;
}

Taken bad(std::string_view option, std::string_view why) {
  return std::unexpected(fmt::format("{}: {}", option, why));
}

// The library's own bounds, so that its sentence is shown with the option's name.
Taken check(std::string_view option, const Result<void>& valid) {
  if (valid) return {};
  return bad(option, escape_for_terminal(valid.error().message));
}

Taken take_timeout(const std::optional<std::string>& text, RunOptions& options) {
  if (!text) return {};
  if (*text == "none") {
    options.limits.wall_time.reset();
    return {};
  }
  const auto timeout = parse_duration(*text);
  if (!timeout) return bad("--timeout", timeout.error());
  options.limits.wall_time = *timeout;
  return check("--timeout", SandboxConfig{.limits = {.wall_time = *timeout}}.validate());
}

Taken take_memory(const std::optional<std::string>& text, RunOptions& options) {
  if (!text) return {};
  const auto memory = parse_bytes(*text);
  if (!memory) return bad("--memory", memory.error());
  options.limits.memory_bytes = *memory;
  return check("--memory", SandboxConfig{.limits = {.memory_bytes = *memory}}.validate());
}

Taken take_compile_timeout(const std::optional<std::string>& text, RunOptions& options) {
  if (!text) return {};
  const auto timeout = parse_duration(*text);
  if (!timeout) return bad("--compile-timeout", timeout.error());
  options.compile_timeout = *timeout;
  return check("--compile-timeout", RuntimeConfig{.compile_timeout = *timeout}.validate());
}

Taken take_env(const std::vector<std::string>& texts, RunOptions& options) {
  for (const std::string& text : texts) {
    auto variable = parse_env(text);
    if (!variable) return bad("--env", variable.error());
    options.env.push_back(*std::move(variable));
  }
  return check("--env", SandboxConfig{.env = options.env}.validate());
}

}  // namespace

std::string_view run_help() {
  return kRunHelp;
}

CLI::App* add_run(CLI::App& app, RunTexts& texts) {
  CLI::App* const run = app.add_subcommand("run");
  run->add_option("--timeout", texts.timeout)->type_name("TIME");
  run->add_option("--memory", texts.memory)->type_name("BYTES");
  run->add_option("--env", texts.env)->type_name("NAME=VALUE")->allow_extra_args(false);
  run->add_option("--compile-timeout", texts.compile_timeout)->type_name("TIME");
  run->add_flag("-v,--verbose", texts.verbose);
  return run;
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
  options.verbose = texts.verbose;
  for (const Taken& taken :
       {take_timeout(texts.timeout, options), take_memory(texts.memory, options),
        take_compile_timeout(texts.compile_timeout, options), take_env(texts.env, options)}) {
    if (!taken) return std::unexpected(taken.error());
  }
  if (guest_words.empty()) return std::unexpected("run: no MODULE given");
  options.module = std::move(guest_words.front());
  guest_words.erase(guest_words.begin());
  options.args = std::move(guest_words);
  return options;
}

}  // namespace mimobox::cli
