#include <unistd.h>

#include <algorithm>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/escape.h"
#include "cli/exit_status.h"
#include "cli/inspect.h"
#include "cli/print.h"
#include "cli/run.h"
#include "cli/run_options.h"
#include "cli/standard_descriptors.h"
#include "cli/version.h"

namespace mimobox::cli {
namespace {

constexpr std::string_view kMainHelp = R"(Runs untrusted WebAssembly programs under strict limits.

Usage: mimobox-wasm run [OPTIONS] MODULE [ARGS...]
       mimobox-wasm inspect [--json] MODULE
       mimobox-wasm version

Commands:
  run      Run a WebAssembly program (WASI preview 1); 'mimobox-wasm run --help'
  inspect  Say what is in a module and whether it would run
  version  Print the versions of this command and its engine, and its features

'mimobox-wasm PROGRAM.wasm ARGS' is short for 'mimobox-wasm run PROGRAM.wasm ARGS'.

Examples:
  mimobox-wasm run --timeout 2s --memory 64M wordcount.wasm 10 < book.txt
  mimobox-wasm version
)";

int usage_error(std::string_view message, std::string_view help = "--help") {
  print_message(fmt::format("{} (see 'mimobox-wasm {}')", message, help));
  return kStatusOwnFailure;
}

// A bare path of a module is short for `run` and that path.
bool names_module(std::string_view word) {
  return !word.starts_with('-') && (word.find('/') != std::string_view::npos ||
                                    word.ends_with(".wasm") || word.ends_with(".wat"));
}

int main_with(std::vector<std::string> words) {
  if (!words.empty() && names_module(words.front())) words.insert(words.begin(), "run");
  if (!words.empty() && !words.front().starts_with('-') && words.front() != "run" &&
      words.front() != "inspect" && words.front() != "version") {
    return usage_error(
        fmt::format("no command '{}'; commands are run, inspect and version, and the path of a "
                    "module holds a '/' or ends in .wasm or .wat",
                    escape_for_terminal(words.front())));
  }

  CLI::App app("", "mimobox-wasm");
  app.require_subcommand(0, 1);
  bool wants_version = false;
  app.add_flag("-V,--version", wants_version);
  RunTexts texts;
  const CLI::App* const run_command = add_run(app, texts);
  InspectOptions inspect_options;
  const CLI::App* const inspect_command = add_inspect(app, inspect_options);
  const CLI::App* const version_command = app.add_subcommand("version");

  std::vector<std::string> command;
  if (!words.empty() && words.front() == "run") command = cut_guest_words(*run_command, words);
  std::vector<std::string> reversed(words.rbegin(), words.rend());  // as CLI11 wants them
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    const std::string_view help = run_command->parsed()       ? run_help()
                                  : inspect_command->parsed() ? inspect_help()
                                                              : kMainHelp;
    return print(STDOUT_FILENO, help) ? 0 : kStatusOwnFailure;
  } catch (const CLI::ParseError& error) {
    return usage_error(escape_for_terminal(error.what()));
  }
  if (wants_version || version_command->parsed()) return version();
  if (inspect_command->parsed()) return inspect(inspect_options);
  if (run_command->parsed()) {
    const auto options = read_options(texts, std::move(command));
    return options ? run(*options) : usage_error(options.error(), "run --help");
  }
  print(STDERR_FILENO, kMainHelp);
  return kStatusOwnFailure;
}

}  // namespace
}  // namespace mimobox::cli

int main(int argc, char** argv) {
  // Nobody could be told why when there is not even /dev/null.
  if (!mimobox::cli::reserve_standard_descriptors()) return mimobox::cli::kStatusOwnFailure;
  try {
    return mimobox::cli::main_with(std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
  } catch (const std::exception& error) {
    mimobox::cli::print_message(mimobox::cli::escape_for_terminal(error.what()));
    return mimobox::cli::kStatusOwnFailure;
  }
}
