#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mimobox/config.h"
#include "mimobox/settings.h"

#include "cli/help.h"
#include "cli/run_options.h"

namespace mimobox::cli {
namespace {

constexpr std::string_view kHead =
    R"(Runs a WebAssembly program (WASI preview 1) under limits.

Usage: mimobox-wasm run [OPTIONS] MODULE [ARGS...]

MODULE is a file, or - for standard input. All behind it belongs to the guest,
which has our standard streams, and no file, network or variable but as given.

)";

constexpr std::string_view kExamples = R"(
Examples:
  mimobox-wasm run --timeout 2s --memory 64M wordcount.wasm 10 < book.txt
  mimobox-wasm run --ro-dir data::/data --scratch /tmp prog.wasm /data/in.txt
  mimobox-wasm run --json --env LANG=C --env TZ prog.wasm --its-own-option
)";

template <class Owner>
void add_settings(std::span<const Setting<Owner>> settings, std::vector<HelpEntry>& entries) {
  for (const Setting<Owner>& setting : settings) {
    if (setting.option.empty()) continue;
    entries.push_back(
        {fmt::format("{} {}", setting.option, placeholder(setting.unit)),
         fmt::format("{} ({}; {})", setting.help,
                     format_setting(setting.unit, setting.get(Owner{})), setting.allowed())});
  }
}

template <class Owner>
void add_choices(std::span<const Choice<Owner>> choices, std::vector<HelpEntry>& entries) {
  for (const Choice<Owner>& choice : choices) {
    if (choice.option.empty()) continue;
    entries.push_back({fmt::format("{} {}", choice.option, fmt::join(choice.words, "|")),
                       fmt::format("{} ({})", choice.help, choice.words[choice.get(Owner{})])});
  }
}

/// As one flag with its seed, and the other settings beside it.
void add_determinism(std::vector<HelpEntry>& entries) {
  const Determinism defaults;
  entries.push_back({"--deterministic[=SEED]",
                     "Virtual time, seeded chance, files in one order: the same each time"});
  for (const Setting<Determinism>& setting : determinism_settings()) {
    if (setting.option == "--deterministic") continue;
    entries.push_back({fmt::format("{} {}", setting.option, placeholder(setting.unit)),
                       fmt::format("{} ({})", setting.help,
                                   format_setting(setting.unit, setting.get(defaults)))});
  }
}

using Entries = std::vector<HelpEntry>;

Entries limits() {
  Entries entries;
  add_settings(limit_settings(), entries);
  add_choices(sandbox_choices(), entries);
  return entries;
}

Entries grants() {
  return {{"--policy FILE", "All that FILE grants, or strict, agent or judge; options add to it"},
          {"--dir HOST[::GUEST]", "Grant a folder or file, to be read and written"},
          {"--ro-dir HOST[::GUEST]", "Grant it to be read only"},
          {"--scratch GUEST[:SIZE]", "A folder in memory, gone after the run (64M)"},
          {"--scratch-out DIR", "Write what the scratch holds into a new folder"},
          {"--env NAME[=VALUE]", "A variable; without =VALUE our own (may be repeated)"},
          {"--no-default-env", "Without HOME, PATH, TERM and SANDBOX of the sandbox"},
          {"--stdin FILE", "Standard input from FILE"},
          {"--program-name NAME", "argv[0], by default MODULE without its folders"}};
}

Entries determinism() {
  Entries entries;
  add_determinism(entries);
  return entries;
}

Entries code() {
  Entries entries;
  add_settings(runtime_settings(), entries);
  add_choices(runtime_choices(), entries);
  entries.insert(entries.end(),
                 {{"--cache-dir DIR", "Where compiled code is kept; also MIMOBOX_CACHE_DIR"},
                  {"--no-cache", "Keep no compiled code on disk, and use none"},
                  {"--allow-precompiled", "MODULE may be native code (FILE.cwasm of 'compile')"}});
  return entries;
}

Entries report() {
  return {{"--json", "Capture the output; print one JSON object"},
          {"-q, --quiet", "Only wrong usage is told; also MIMOBOX_WASM_QUIET=1"},
          {"-v, --verbose", "Say on stderr at the end how the run went"},
          {"--stats", "Say on stderr what the run cost: times, memory, calls, bytes"},
          {"--trace", "Say each WASI call on stderr"},
          {"-h, --help", "Print this text"}};
}

}  // namespace

std::string run_help() {
  std::string text(kHead);
  const auto add = [&](std::string_view title, const Entries& entries) {
    text += fmt::format("{}\n{}", title, help_entries(entries));
  };
  add("Options: limits, with (default; what is allowed)", limits());
  add("What the guest is given:", grants());
  add("The same on every run:", determinism());
  add("Compiled code:", code());
  add("What is told:", report());
  text += "\n";
  text += help_statuses();
  text += kExamples;
  return text;
}

}  // namespace mimobox::cli
