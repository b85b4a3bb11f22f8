// Any words as a command line of `run`: they are options in their bounds, or a sentence that a
// terminal can show.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "mimobox/settings.h"

#include "cli/escape.h"
#include "cli/parse.h"
#include "cli/run_options.h"
#include "fuzz/support/canary_tree.h"

namespace {

using mimobox::fuzz::require;

bool is_harmless(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
}

/// Words are separated by newlines.
std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty() && words.size() < 64) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

/// Every value survives being written and read again.
void parse_values(std::string_view word) {
  using mimobox::Unit;
  const auto env = mimobox::cli::parse_env(word);
  if (!env) require(is_harmless(env.error()), "a message with control characters");
  for (const Unit unit : {Unit::kBytes, Unit::kNanoseconds, Unit::kCount}) {
    const auto value = mimobox::parse_setting(unit, true, word);
    if (!value) continue;
    const auto again = mimobox::parse_setting(unit, true, mimobox::format_setting(unit, *value));
    require(again.has_value() && *again == *value, "a value that is read as another one");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::string> words =
      split({reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 4096)});
  for (const std::string& word : words)
    parse_values(word);
  require(
      is_harmless(mimobox::cli::escape_for_terminal({reinterpret_cast<const char*>(data), size})),
      "an escape that is none");

  CLI::App app("", "mimobox-wasm");
  mimobox::cli::RunTexts texts;
  CLI::App* const run = mimobox::cli::add_run(app, texts, mimobox::cli::OptionFilter(words));
  const auto guest_words = mimobox::cli::cut_guest_words(*run, words);
  require(guest_words.size() + words.size() <= 64, "words came from nowhere");
  words.insert(words.begin(), "run");
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::Error&) {
    return 0;
  }
  const auto options = mimobox::cli::read_options(texts, guest_words);
  if (!options) {
    require(!options.error().empty() && is_harmless(options.error()),
            "a message with control characters");
    return 0;
  }
  require(options->runtime.validate().has_value(), "a runtime's setting out of its bounds");
  require(mimobox::SandboxConfig{.limits = options->sandbox.limits}.validate().has_value(),
          "a limit out of its bounds");
  return 0;
}
