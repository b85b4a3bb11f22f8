#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>

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

TEST(PolicyDocument, TellsEachKey) {
  const std::string expected =
      "\n| key | what it is | default | allowed | option |\n|---|---|---|---|---|\n" +
      rows(limit_settings()) + choice_rows<SandboxConfig>(sandbox_choices()) +
      rows(runtime_settings()) + choice_rows<RuntimeConfig>(runtime_choices()) +
      rows(determinism_settings()) + rows(scratch_settings()) + "\n";
  std::ifstream file(std::filesystem::path(testing::kSourceFolder) / "docs" / "policy.md");
  const std::string document{std::istreambuf_iterator<char>(file), {}};
  const std::size_t mark = document.find("<!-- keys: ");
  ASSERT_NE(mark, std::string::npos);
  const std::size_t begin = document.find('\n', mark) + 1;
  EXPECT_EQ(document.substr(begin, document.find("<!-- end of keys -->") - begin), expected)
      << "between the marks of docs/policy.md belongs:\n"
      << expected;
}

TEST(PolicyDocument, TellsEachPreset) {
  std::ifstream file(std::filesystem::path(testing::kSourceFolder) / "docs" / "policy.md");
  const std::string document{std::istreambuf_iterator<char>(file), {}};
  for (const PolicyPreset& preset : policy_presets())
    EXPECT_NE(document.find("\n| `" + std::string(preset.name) + "` |"), std::string::npos);
}

}  // namespace
}  // namespace mimobox
