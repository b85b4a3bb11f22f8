#include "cli/run_options.h"

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mimobox/config.h"
#include "mimobox/settings.h"

namespace mimobox::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
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

TEST(CutGuestWords, TakesASingleDashAsTheModule) {
  const Cut words = cut({"run", "-q", "-", "-v"});
  EXPECT_THAT(words.run, ElementsAre("run", "-q"));
  EXPECT_THAT(words.guest, ElementsAre("-", "-v"));
}

TEST(CutGuestWords, SkipsTheValueOfEachOptionThatHasOne) {
  for (const char* option :
       {"--timeout", "--memory", "--stdout-limit", "--stderr-limit", "--max-stack",
        "--compile-timeout", "--env", "--on-stdout-limit", "--stdin", "--program-name"}) {
    EXPECT_THAT(cut({"run", option, "value", "prog"}).guest, ElementsAre("prog")) << option;
  }
  for (const char* flag : {"--no-default-env", "--json", "-q", "--quiet", "-v", "--verbose"}) {
    EXPECT_THAT(cut({"run", flag, "prog"}).guest, ElementsAre("prog")) << flag;
  }
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

class ReadOptions : public ::testing::Test {
 protected:
  void SetUp() override { ::unsetenv("MIMOBOX_WASM_QUIET"); }
};

std::string error_of(const RunTexts& texts) {
  const auto options = read_options(texts, {"prog"});
  return options ? std::string("none") : options.error();
}

TEST_F(ReadOptions, KeepsTheDefaultsOfTheLibrary) {
  const auto options = read_options({}, {"prog"});
  ASSERT_TRUE(options.has_value()) << options.error();
  EXPECT_EQ(options->sandbox, SandboxConfig{});
  EXPECT_EQ(options->runtime.compile_timeout, RuntimeConfig{}.compile_timeout);
  EXPECT_EQ(options->stdout_limit, std::nullopt);
  EXPECT_EQ(options->stderr_limit, std::nullopt);
  EXPECT_EQ(options->program_name, "");
  EXPECT_EQ(options->stdin_file, std::nullopt);
  EXPECT_FALSE(options->json || options->quiet || options->verbose);
}

TEST_F(ReadOptions, TakesEachOption) {
  const auto options = read_options({.settings = {{"--timeout", "2s"},
                                                  {"--memory", "64M"},
                                                  {"--fuel", "7"},
                                                  {"--on-memory-denied", "end"},
                                                  {"--stdout-limit", "0"},
                                                  {"--on-stdout-limit", "head-and-tail"},
                                                  {"--on-stderr-limit", "end"},
                                                  {"--stderr-limit", "1K"},
                                                  {"--max-stack", "256K"},
                                                  {"--compile-timeout", "1m"},
                                                  {"--start-time", "2020-01-01T00:00:00Z"}},
                                     .env = {"A=b"},
                                     .no_default_env = true,
                                     .deterministic = "7",
                                     .stdin_file = "input",
                                     .program_name = "name",
                                     .json = true,
                                     .verbose = true},
                                    {"prog", "x", "y"});
  ASSERT_TRUE(options.has_value()) << options.error();
  const SandboxConfig expected = {
      .limits = {.memory_bytes = 64U << 20,
                 .wall_time = std::chrono::seconds{2},
                 .fuel = 7,
                 .stdout_bytes = 0,
                 .stderr_bytes = 1024,
                 .stack_bytes = 256U << 10},
      .on_stdout_limit = OnOutputLimit::kKeepHeadAndTail,
      .on_stderr_limit = OnOutputLimit::kEndRun,
      .on_memory_denied = OnMemoryDenied::kEndRun,
      .default_env = false,
      .env = {{"A", "b"}},
      .determinism = Determinism{.seed = 7, .start_time = std::chrono::seconds{1577836800}}};
  EXPECT_EQ(options->sandbox, expected);
  EXPECT_EQ(options->runtime.compile_timeout, std::chrono::minutes{1});
  EXPECT_EQ(options->stdout_limit, 0U);
  EXPECT_EQ(options->stderr_limit, 1024U);
  EXPECT_EQ(options->stdin_file, "input");
  EXPECT_EQ(options->program_name, "name");
  EXPECT_TRUE(options->json && options->verbose);
  EXPECT_EQ(options->module, "prog");
  EXPECT_THAT(options->args, ElementsAre("x", "y"));
}

TEST_F(ReadOptions, TakesNoneAsNoTimeLimit) {
  const auto options = read_options({.settings = {{"--timeout", "none"}}}, {"prog"});
  ASSERT_TRUE(options.has_value()) << options.error();
  EXPECT_EQ(options->sandbox.limits.wall_time, std::nullopt);
}

template <class Owner>
void expect_bounds(std::span<const Setting<Owner>> settings) {
  for (const Setting<Owner>& setting : settings) {
    const std::string option(setting.option);
    if (option.empty()) continue;
    const auto error_with = [&](std::uint64_t value) {
      const std::string text =
          std::to_string(value) + (setting.unit == Unit::kNanoseconds ? "ns" : "");
      return error_of({.settings = {{option, text}}});
    };
    EXPECT_EQ(error_with(setting.minimum), "none");
    EXPECT_EQ(error_with(setting.maximum), "none");
    const auto refused = ::testing::AllOf(StartsWith(option + ": "), HasSubstr(setting.allowed()));
    EXPECT_THAT(error_with(setting.maximum + 1), refused);
    if (setting.minimum > 0) {
      EXPECT_THAT(error_with(setting.minimum - 1), refused);
    }
    EXPECT_THAT(error_of({.settings = {{option, ""}}}), refused);
    EXPECT_THAT(error_of({.settings = {{option, "1 x"}}}), refused);
  }
}

TEST_F(ReadOptions, HoldsEachSettingInItsBoundsAndNamesThem) {
  expect_bounds(limit_settings());
  expect_bounds(runtime_settings());
}

TEST_F(ReadOptions, LaterVariableReplacesAnEarlierOne) {
  const auto options = read_options({.env = {"A=1", "B=2", "A=3"}}, {"prog"});
  ASSERT_TRUE(options.has_value()) << options.error();
  EXPECT_THAT(options->sandbox.env, ElementsAre(Pair("A", "3"), Pair("B", "2")));
}

TEST_F(ReadOptions, VariableWithoutValueIsTheOneOfThisProcess) {
  ::setenv("MIMOBOX_TEST_INHERITED", "=x y", 1);
  const auto options = read_options({.env = {"MIMOBOX_TEST_INHERITED"}}, {"prog"});
  ASSERT_TRUE(options.has_value()) << options.error();
  EXPECT_THAT(options->sandbox.env, ElementsAre(Pair("MIMOBOX_TEST_INHERITED", "=x y")));
  ::unsetenv("MIMOBOX_TEST_INHERITED");
  EXPECT_EQ(error_of({.env = {"MIMOBOX_TEST_INHERITED"}}),
            "--env: MIMOBOX_TEST_INHERITED is not set here; write MIMOBOX_TEST_INHERITED=VALUE");
}

TEST_F(ReadOptions, NamesTheOptionThatIsWrong) {
  EXPECT_THAT(error_of({.env = {"=b"}}), StartsWith("--env: "));
  EXPECT_THAT(error_of({.settings = {{"--on-stdout-limit", ""}}}),
              StartsWith("--on-stdout-limit: "));
  EXPECT_EQ(error_of({.settings = {{"--on-stdout-limit", "stop"}}}),
            "--on-stdout-limit: 'stop' is none of what is allowed: head, head-and-tail, end");
  EXPECT_THAT(error_of({.settings = {{"--on-stderr-limit", "end"}}}),
              StartsWith("--on-stderr-limit: goes with --stderr-limit, --policy or --json"));
  EXPECT_THAT(error_of({.program_name = ""}), StartsWith("--program-name: "));
  EXPECT_THAT(error_of({.quiet = true, .verbose = true}), StartsWith("--quiet: "));
}

TEST_F(ReadOptions, TakesDeterminismWithAndWithoutASeed) {
  const auto of = [](std::string text) {
    return read_options({.deterministic = std::move(text)}, {"prog"})->sandbox.determinism;
  };
  EXPECT_EQ(of(""), std::nullopt);
  EXPECT_EQ(of("on"), Determinism{});
  EXPECT_EQ(of("18446744073709551615"), Determinism{.seed = ~std::uint64_t{0}});
  EXPECT_EQ(of("none"), std::nullopt);
}

TEST_F(ReadOptions, RefusesDeterminismThatCannotBe) {
  EXPECT_THAT(error_of({.deterministic = "-1"}), StartsWith("--deterministic: '-1'"));
  EXPECT_THAT(error_of({.deterministic = "x"}), StartsWith("--deterministic: 'x'"));
  EXPECT_EQ(error_of({.settings = {{"--start-time", "2020-01-01T00:00:00Z"}}}),
            "--start-time: goes with --deterministic");
  EXPECT_THAT(error_of({.settings = {{"--start-time", "today"}}, .deterministic = "on"}),
              StartsWith("--start-time: 'today'"));
}

TEST_F(ReadOptions, IsQuietByOptionOrEnvironment) {
  const auto quiet = [](const RunTexts& texts) { return read_options(texts, {"prog"})->quiet; };
  EXPECT_TRUE(quiet({.quiet = true}));
  ::setenv("MIMOBOX_WASM_QUIET", "1", 1);
  EXPECT_TRUE(quiet({}));
  EXPECT_FALSE(quiet({.verbose = true}));
  ::setenv("MIMOBOX_WASM_QUIET", "0", 1);
  EXPECT_FALSE(quiet({}));
  ::setenv("MIMOBOX_WASM_QUIET", "", 1);
  EXPECT_FALSE(quiet({}));
  ::unsetenv("MIMOBOX_WASM_QUIET");
}

TEST_F(ReadOptions, WantsAModule) {
  const auto options = read_options({}, {});
  ASSERT_FALSE(options.has_value());
  EXPECT_THAT(options.error(), HasSubstr("MODULE"));
}

TEST(RunHelp, NamesEachSettingWithDefaultAndBounds) {
  const std::string help = run_help();
  for (const Setting<Limits>& setting : limit_settings()) {
    EXPECT_THAT(help, HasSubstr("  " + std::string(setting.option) + " "));
  }
  EXPECT_THAT(help, HasSubstr("(4M; 0 to 1G)"));
  EXPECT_THAT(help, HasSubstr("  --compile-timeout TIME  "));
}

// What the parser and the reader make of the words when only these options are built.
std::string outcome(const Words& words, bool all) {
  CLI::App app("", "mimobox-wasm");
  RunTexts texts;
  const CLI::App* const run = add_run(app, texts, all ? OptionFilter() : OptionFilter(words));
  Words rest = words;
  Words guest = cut_guest_words(*run, rest);
  try {
    app.parse(Words(rest.rbegin(), rest.rend()));
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
  const auto options = read_options(texts, guest);
  if (!options) return options.error();
  const auto& limits = options->sandbox.limits;
  return fmt::format("{} {} {} {} {} {} {}", options->module, fmt::join(options->args, ","),
                     limits.memory_bytes, options->sandbox.env.size(), options->quiet,
                     options->sandbox.determinism.has_value(), options->trace);
}

TEST(OptionFilter, ChangesNothingButWhatIsBuilt) {
  for (const Words& words : std::vector<Words>{
           {"run", "prog"},
           {"run", "--memory", "4M", "prog", "--memory", "8M"},
           {"run", "--memory=4M", "--env=A=b", "--env", "C=d", "prog", "x"},
           {"run", "-q", "--trace", "--", "--prog"},
           {"run", "-qv", "prog"},
           {"run", "--deterministic=7", "prog"},
           {"run", "--deterministic", "--start-time", "2026-01-01T00:00:00Z", "prog"},
           {"run", "--memory"},
           {"run", "--memory=4M", "--memory=5M", "prog"},
           {"run", "--memor", "4M", "prog"},
           {"run", "--memory-x=4M", "prog"},
           {"run", "--trace=1", "prog"},
           {"run", "--no-such", "prog"},
           {"run", "--json", "--on-stdout-limit", "end-run", "prog"}}) {
    EXPECT_EQ(outcome(words, false), outcome(words, true)) << words.back();
  }
  const Words words{"run", "--memory=4M", "prog"};
  CLI::App app;
  RunTexts texts;
  const CLI::App* const run = add_run(app, texts, OptionFilter(words));
  EXPECT_NE(run->get_option_no_throw("--memory"), nullptr);
  EXPECT_EQ(run->get_option_no_throw("--timeout"), nullptr);
}

TEST(RunHelp, NamesEachOption) {
  CLI::App app;
  RunTexts texts;
  const std::string help = run_help();
  for (const CLI::Option* option : add_run(app, texts)->get_options()) {
    for (const std::string& name : option->get_lnames())
      EXPECT_THAT(help, ::testing::ContainsRegex("  (-., )?--" + name + "[ \\[]"));
  }
}

}  // namespace
}  // namespace mimobox::cli
