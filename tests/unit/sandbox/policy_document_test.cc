#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mimobox/policy.h"
#include "mimobox/settings.h"

#include "tests/paths.h"

// docs/policy.md has each key of the tables of settings, as they are.

namespace mimobox {
namespace {

std::string row(std::string_view key, std::string_view what, const std::string& by_default,
                const std::string& allowed, std::string_view option) {
  const std::string code = option.empty() ? "" : "`" + std::string(option) + "`";
  return "| `" + std::string(key) + "` | " + std::string(what) + " | " + by_default + " | " +
         allowed + " | " + code + " |\n";
}

template <class Owner>
std::string rows(std::span<const Setting<Owner>> settings) {
  std::string text;
  for (const auto& setting : settings) {
    text +=
        row(setting.policy_key, setting.help, format_setting(setting.unit, setting.get(Owner{})),
            setting.allowed(), setting.option);
  }
  return text;
}

template <class Owner, class Choices>
std::string choice_rows(Choices choices) {
  std::string text;
  for (const auto& choice : choices) {
    text += row(choice.policy_key, choice.help, std::string(choice.words[choice.get(Owner{})]),
                choice.allowed(), choice.option);
  }
  return text;
}

std::string policy_document() {
  std::ifstream file(std::filesystem::path(testing::kSourceFolder) / "docs" / "policy.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The lines between the one that begins with `begin` and `end`.
std::string between(const std::string& document, std::string_view begin, std::string_view end) {
  const std::size_t mark = document.find(begin);
  if (mark == std::string::npos) return "no mark " + std::string(begin);
  const std::size_t first = document.find('\n', mark) + 1;
  return document.substr(first, document.find(end, first) - first);
}

TEST(PolicyDocument, TellsEachKey) {
  const std::string expected =
      "\n| key | what it is | default | allowed | option |\n|---|---|---|---|---|\n" +
      rows(limit_settings()) + choice_rows<SandboxConfig>(sandbox_choices()) +
      rows(runtime_settings()) + choice_rows<RuntimeConfig>(runtime_choices()) +
      rows(determinism_settings()) + rows(scratch_settings()) + "\n";
  EXPECT_EQ(between(policy_document(), "<!-- keys: ", "<!-- end of keys -->"), expected)
      << "between the marks of docs/policy.md belongs:\n"
      << expected;
}

/// What a policy says, as "limits.memory" and "512M", in its order.
std::vector<std::pair<std::string, std::string>> said_by(const Policy& policy) {
  std::vector<std::pair<std::string, std::string>> said;
  std::string section;
  std::istringstream lines(format_policy(policy));
  const std::regex header(R"(\[+([a-z]+)\]+)");
  const std::regex value(R"re(([a-z_]+) = "?([^"#]*?)"?( +#.*)?)re");
  std::smatch match;
  for (std::string line; std::getline(lines, line);) {
    if (std::regex_match(line, match, header)) section = match[1].str() + ".";
    if (std::regex_match(line, match, value)) said.emplace_back(section + match[1].str(), match[2]);
  }
  return said;
}

// A table for each preset, of what it says other than the defaults, each with its reason.
TEST(PolicyDocument, TellsWhatEachPresetSetsAndWhy) {
  const std::string document = policy_document();
  std::string expected;
  for (const PolicyPreset& preset : policy_presets()) {
    EXPECT_NE(document.find("\n| `" + std::string(preset.name) + "` |"), std::string::npos);
    expected += "\n| `" + std::string(preset.name) + "` | | why |\n|---|---|---|\n";
    const auto defaults = said_by({});
    for (const auto& said : said_by(preset.make())) {
      if (std::ranges::find(defaults, said) != defaults.end()) continue;
      expected += "| `" + said.first + "` | " + said.second + " | (reason) |\n";
    }
  }
  const std::string written = between(document, "<!-- presets: ", "<!-- end of presets -->");
  const std::regex row(R"((\| `[a-z_.]+` \| [^|\n]+ \|) [^|\n]{8,} \|)");
  EXPECT_EQ(std::regex_replace(written, row, "$1 (reason) |"), expected + "\n")
      << "between the marks of docs/policy.md belongs, each row with its reason:\n"
      << expected;
}

}  // namespace
}  // namespace mimobox
