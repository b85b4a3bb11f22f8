#include "cli/run_options.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mimobox::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

using Words = std::vector<std::string>;

// What is left for `run` and what is the guest's.
struct Cut {
  Words run;
  Words guest;
};

Cut cut(Words words) {
  CLI::App app;
  RunTexts texts;
  const CLI::App* const run = add_run(app, texts);
  Words guest = cut_guest_words(*run, words);
  return {std::move(words), std::move(guest)};
}

TEST(CutGuestWords, CutsAtTheFirstWordThatIsNoOption) {
  const Cut words = cut({"run", "-v", "--timeout", "1s", "--env=A=b", "prog", "--help", "run"});
  EXPECT_THAT(words.run, ElementsAre("run", "-v", "--timeout", "1s", "--env=A=b"));
  EXPECT_THAT(words.guest, ElementsAre("prog", "--help", "run"));
}

TEST(CutGuestWords, TakesOneDoubleDashAsItsOwn) {
  EXPECT_THAT(cut({"run", "--", "--", "x"}).guest, ElementsAre("--", "x"));
  EXPECT_THAT(cut({"run", "--", "-v"}).guest, ElementsAre("-v"));
  EXPECT_THAT(cut({"run", "prog", "--", "x"}).guest, ElementsAre("prog", "--", "x"));
}

TEST(CutGuestWords, LeavesUnknownOptionsToTheParser) {
  const Cut words = cut({"run", "--typo", "prog"});
  EXPECT_THAT(words.run, ElementsAre("run", "--typo"));
  EXPECT_THAT(words.guest, ElementsAre("prog"));
}

TEST(CutGuestWords, FindsNoneWhereNoneAre) {
  EXPECT_THAT(cut({"run"}).guest, IsEmpty());
  EXPECT_THAT(cut({"run", "--timeout"}).guest, IsEmpty());
  EXPECT_THAT(cut({"run", "--timeout", "1s"}).guest, IsEmpty());
  EXPECT_THAT(cut({"run", "--"}).guest, IsEmpty());
}

TEST(ReadOptions, KeepsTheDefaultsOfTheLibrary) {
  const auto options = read_options({}, {"prog"});
  ASSERT_TRUE(options.has_value()) << options.error();
  EXPECT_EQ(options->limits, Limits{});
  EXPECT_EQ(options->compile_timeout, RuntimeConfig{}.compile_timeout);
  EXPECT_THAT(options->env, IsEmpty());
  EXPECT_FALSE(options->verbose);
}

TEST(ReadOptions, TakesEachOption) {
  const auto options = read_options(
      {.timeout = "2s", .memory = "64M", .compile_timeout = "1m", .env = {"A=b"}, .verbose = true},
      {"prog", "x", "y"});
  ASSERT_TRUE(options.has_value()) << options.error();
  EXPECT_EQ(options->limits.wall_time, std::chrono::seconds{2});
  EXPECT_EQ(options->limits.memory_bytes, 64U << 20);
  EXPECT_EQ(options->compile_timeout, std::chrono::minutes{1});
  EXPECT_THAT(options->env, ElementsAre(::testing::Pair("A", "b")));
  EXPECT_TRUE(options->verbose);
  EXPECT_EQ(options->module, "prog");
  EXPECT_THAT(options->args, ElementsAre("x", "y"));
}

TEST(ReadOptions, TakesNoneAsNoTimeLimit) {
  EXPECT_EQ(read_options({.timeout = "none"}, {"prog"})->limits.wall_time, std::nullopt);
}

TEST(ReadOptions, NamesTheOptionThatIsWrong) {
  const auto error_of = [](const RunTexts& texts) {
    const auto options = read_options(texts, {"prog"});
    return options ? std::string("none") : options.error();
  };
  EXPECT_THAT(error_of({.timeout = "5"}), StartsWith("--timeout: "));
  EXPECT_THAT(error_of({.timeout = ""}), StartsWith("--timeout: "));
  EXPECT_THAT(error_of({.timeout = "25h"}), StartsWith("--timeout: "));
  EXPECT_THAT(error_of({.memory = ""}), StartsWith("--memory: "));
  EXPECT_THAT(error_of({.memory = "1"}), StartsWith("--memory: "));
  EXPECT_THAT(error_of({.compile_timeout = "none"}), StartsWith("--compile-timeout: "));
  EXPECT_THAT(error_of({.compile_timeout = "0s"}), StartsWith("--compile-timeout: "));
  EXPECT_THAT(error_of({.env = {"A"}}), StartsWith("--env: "));
}

TEST(ReadOptions, WantsAModule) {
  const auto options = read_options({}, {});
  ASSERT_FALSE(options.has_value());
  EXPECT_THAT(options.error(), HasSubstr("MODULE"));
}

}  // namespace
}  // namespace mimobox::cli
