#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "mimobox/policy.h"

#include "tests/paths.h"

// tests/policies: broken policy files, X.toml, each with its message beside it, X.txt. "..." in a
// message stands for words of the TOML library, which differ by its version.

namespace mimobox {
namespace {

std::filesystem::path corpus() {
  return std::filesystem::path(testing::kSourceFolder) / "tests" / "policies";
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(corpus())) {
    if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

bool matches(std::string_view text, std::string_view pattern) {
  const std::size_t gap = pattern.find("...");
  if (gap == std::string_view::npos) return text == pattern;
  if (!text.starts_with(pattern.substr(0, gap))) return false;
  text.remove_prefix(gap);
  pattern.remove_prefix(gap + 3);
  if (pattern.empty()) return true;
  const std::size_t next = text.find(pattern.substr(0, pattern.find("...")));
  return next != std::string_view::npos && matches(text.substr(next), pattern);
}

class BrokenPolicy : public ::testing::TestWithParam<std::string> {};

TEST_P(BrokenPolicy, Attack58HasItsMessage) {
  const std::string name = GetParam() + ".toml";
  std::string expected = contents(corpus() / (GetParam() + ".txt"));
  ASSERT_TRUE(expected.ends_with('\n')) << "no message beside it";
  expected.pop_back();
  const auto policy = parse_policy(contents(corpus() / name), name);
  ASSERT_FALSE(policy.has_value());
  EXPECT_EQ(policy.error().code, ErrorCode::kInvalidConfig);
  EXPECT_TRUE(matches(policy.error().message, expected))
      << "has:    " << policy.error().message << "\nwanted: " << expected;
}

INSTANTIATE_TEST_SUITE_P(Corpus, BrokenPolicy, ::testing::ValuesIn(names()),
                         [](const auto& parameter) { return parameter.param; });

}  // namespace
}  // namespace mimobox
