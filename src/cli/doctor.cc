#include "cli/doctor.h"

#include <unistd.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "mimobox/doctor.h"

#include "cli/escape.h"
#include "cli/exit_status.h"
#include "cli/json_line.h"
#include "cli/print.h"

namespace mimobox::cli {
namespace {

constexpr std::string_view kDoctorHelp =
    R"(Says whether this machine has what sandboxes need, and what to do where not.

Usage: mimobox-wasm doctor [OPTIONS]

Options:
  --json      One JSON object on stdout instead of lines
  -h, --help  Print this text

Exit status: 0 when each line is ok, else 1; 125 for our own failure.

Examples:
  mimobox-wasm doctor
  mimobox-wasm doctor --json | jq '.checks[] | select(.ok | not)'
)";

bool all_ok(std::span<const Check> checks) {
  return std::ranges::all_of(checks, &Check::ok);
}

}  // namespace

std::string_view doctor_help() {
  return kDoctorHelp;
}

CLI::App* add_doctor(CLI::App& app, DoctorOptions& options) {
  CLI::App* const doctor = app.add_subcommand("doctor");
  doctor->add_flag("--json", options.json)->disable_flag_override();
  return doctor;
}

std::string doctor_text(std::span<const Check> checks) {
  std::string text;
  for (const Check& check : checks) {
    text += fmt::format("{}  {}: {}", check.ok ? "ok " : "FIX", escape_for_terminal(check.name),
                        escape_for_terminal(check.found));
    if (!check.advice.empty()) text += " - " + escape_for_terminal(check.advice);
    text += "\n";
  }
  return text;
}

std::string doctor_json(std::span<const Check> checks) {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  for (const Check& check : checks) {
    list.push_back(
        {{"name", check.name}, {"ok", check.ok}, {"found", check.found}, {"advice", check.advice}});
  }
  return json_line({{"ok", all_ok(checks)}, {"checks", std::move(list)}});
}

int doctor(const DoctorOptions& options) {
  const std::vector<Check> checks = examine_host();
  return print_result(options.json ? doctor_json(checks) : doctor_text(checks),
                      all_ok(checks) ? 0 : 1);
}

}  // namespace mimobox::cli
