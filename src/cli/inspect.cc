#include "cli/inspect.h"

#include <unistd.h>

#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "mimobox/error.h"
#include "mimobox/module_info.h"
#include "mimobox/runtime.h"
#include "mimobox/settings.h"

#include "cli/escape.h"
#include "cli/exit_status.h"
#include "cli/needed_limits.h"
#include "cli/print.h"
#include "cli/read_input.h"

namespace mimobox::cli {
namespace {

constexpr std::string_view kInspectHelp =
    R"(Says what is in a WebAssembly module and whether it would run; runs nothing.

Usage: mimobox-wasm inspect [OPTIONS] MODULE

MODULE is a file in the binary or the text format, or - for standard input.

Options:
  --json      One JSON object on stdout instead of text
  -h, --help  Print this text

Exit status: 0, also for a module that would not run; 126 when MODULE is no
WebAssembly, 127 when there is no such file, 125 for other failures.

Examples:
  mimobox-wasm inspect prog.wasm
  mimobox-wasm inspect --json prog.wasm | jq .would_run
)";

int report(const SandboxError& error) {
  print_message(escape_for_terminal(error.message));
  return status_of(error.code);
}

/// What starts with more than any sandbox can be given.
void refuse_what_no_limit_allows(ModuleInfo& info) {
  for (const NeededLimit& needed : needed_limits(info)) {
    const Setting<Limits>& setting = *needed.setting;
    if (needed.value <= setting.maximum) continue;
    info.refusals.push_back(
        {.kind = RefusalKind::kBound,
         .subject = std::string(setting.field),
         .reason =
             fmt::format("the module starts with {} of {}, more than the {} that can be allowed",
                         format_setting(setting.unit, needed.value), setting.field,
                         format_setting(setting.unit, setting.maximum))});
  }
}

/// What only the engine's own validation finds.
Result<void> validate(std::span<const std::byte> bytes, ModuleInfo& info) {
  const auto runtime = Runtime::create();
  if (!runtime) return std::unexpected(runtime.error());
  const auto module = runtime->load_bytes(bytes);
  if (module) return {};
  if (module.error().code != ErrorCode::kModuleInvalid) return std::unexpected(module.error());
  info.refusals.push_back({.kind = RefusalKind::kMalformed, .reason = module.error().message});
  return {};
}

}  // namespace

std::string_view inspect_help() {
  return kInspectHelp;
}

CLI::App* add_inspect(CLI::App& app, InspectOptions& options) {
  CLI::App* const inspect = app.add_subcommand("inspect");
  inspect->add_flag("--json", options.json);
  inspect->add_option("MODULE", options.module)->required();
  return inspect;
}

int inspect(const InspectOptions& options) {
  const auto input = read_input(options.module);
  if (!input) return report(input.error());
  const auto bytes = std::as_bytes(std::span(*input));
  auto info = inspect_bytes(bytes);
  if (!info) {
    info.error().message = options.module + ": " + info.error().message;
    return report(info.error());
  }
  refuse_what_no_limit_allows(*info);
  if (info->refusals.empty()) {
    if (const auto valid = validate(bytes, *info); !valid) return report(valid.error());
  }
  const std::string text = options.json ? inspect_json(*info) : inspect_text(*info);
  return print_result(text, 0);
}

}  // namespace mimobox::cli
