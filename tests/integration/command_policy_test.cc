#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mimobox/policy.h"

#include "tests/integration/command.h"
#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr int kOwnFailure = 125;

/// The verdict of a guest under `policy` and further options.
std::string verdict(const std::string& policy, std::vector<std::string> options,
                    std::vector<std::string> guest_words) {
  const TemporaryFolder folder;
  std::vector<std::string> args = {"run", "--json", "--policy", folder.write("p.toml", policy)};
  args.insert(args.end(), options.begin(), options.end());
  args.insert(args.end(), guest_words.begin(), guest_words.end());
  const CommandResult result = run_command(args);
  const auto json = nlohmann::json::parse(result.out);
  return json.contains("verdict") ? json["verdict"].get<std::string>() : result.err;
}

TEST(CommandPolicy, HoldsAndIsOverriddenByOptions) {
  const std::string policy = "[limits]\nmemory = \"64K\"\n";
  const std::string loop = guest("infinite_loop.wat");
  EXPECT_EQ(verdict("limits.timeout = \"50ms\"", {}, {loop}), "time_limit");
  EXPECT_EQ(verdict("limits.timeout = \"1h\"", {"--timeout", "50ms"}, {loop}), "time_limit");
  EXPECT_THAT(verdict(policy, {}, {guest("hello.wasm")}), HasSubstr("memory"));
  EXPECT_EQ(verdict(policy, {"--memory", "64M"}, {guest("hello.wasm")}), "exited");
}

TEST(CommandPolicy, GrantsAreAddedAndReplaced) {
  const TemporaryFolder folder;
  const TemporaryFolder granted;
  const std::string host = granted.path("").string();
  const std::string policy = folder.write("p.toml", "[[mounts]]\nhost = \"" + host +
                                                        "\"\nguest = \"/data\"\n"
                                                        "access = \"read-write\"\n");
  const auto fill = [&](const std::vector<std::string>& options) {
    std::vector<std::string> args = {"run", "--policy", policy};
    args.insert(args.end(), options.begin(), options.end());
    args.insert(args.end(), {guest("file_tools.wasm"), "fill", "/data"});
    return run_command(args).status;
  };
  // The same name from an option: now it is read only.
  EXPECT_NE(fill({"--ro-dir", host + "::/data"}), 0);
  EXPECT_TRUE(std::filesystem::is_empty(host));
  // Another name: both are there.
  EXPECT_EQ(fill({"--ro-dir", host + "::/more"}), 0);
  EXPECT_FALSE(std::filesystem::is_empty(host));
}

TEST(CommandPolicy, AFaultIsWrongUsageAndNothingRuns) {
  const TemporaryFolder folder;
  const std::string path = folder.write("p.toml", "[limits]\nmemry = 1\n");
  const CommandResult ran = run_command({"run", "--policy", path, guest("hello.wasm")});
  EXPECT_EQ(ran.status, kOwnFailure);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, StartsWith("mimobox-wasm: --policy: " + path +
                                  ":2:1: limits.memry: there is no such key; did you mean "
                                  "'memory'?"));
  const CommandResult checked = run_command({"policy", "check", path});
  EXPECT_EQ(checked.status, kOwnFailure);
  EXPECT_THAT(checked.err, StartsWith("mimobox-wasm: " + path + ":2:1: limits.memry: "));
}

TEST(CommandPolicy, ShowsWhatCheckAndRunTake) {
  for (const PolicyPreset& preset : policy_presets()) {
    const std::string name(preset.name);
    const CommandResult shown = run_command({"policy", "show", name});
    EXPECT_EQ(shown.status, 0);
    EXPECT_EQ(shown.out, format_policy(preset.make()));
    const TemporaryFolder folder;
    const std::string path = folder.write("p.toml", shown.out);
    const CommandResult checked = run_command({"policy", "check", path});
    EXPECT_EQ(checked.status, 0);
    EXPECT_EQ(checked.out + checked.err, "");
    EXPECT_EQ(run_command({"policy", "show", path}).out, shown.out);
    for (const std::string& policy : {name, path}) {
      const CommandResult ran = run_command({"run", "--policy", policy, guest("hello.wasm")});
      EXPECT_EQ(ran.status, 0) << ran.err;
    }
  }
}

TEST(CommandPolicy, ListsTheNames) {
  const CommandResult listed = run_command({"policy", "show"});
  EXPECT_EQ(listed.status, 0);
  for (const PolicyPreset& preset : policy_presets())
    EXPECT_THAT(listed.out, HasSubstr("  " + std::string(preset.name) + " "));
}

TEST(CommandPolicy, SuggestsTheNameThatWasMeant) {
  EXPECT_THAT(run_command({"policy", "show", "agnt"}).err, HasSubstr("did you mean 'agent'?"));
  EXPECT_THAT(run_command({"run", "--policy", "Judge", guest("hello.wasm")}).err,
              HasSubstr("did you mean 'judge'?"));
}

TEST(CommandPolicy, SaysWhichOfItsCommandsThereAre) {
  EXPECT_THAT(run_command({"policy", "shwo", "agent"}).err,
              HasSubstr("no command 'shwo'; did you mean 'show'? (commands: show, check)"));
  EXPECT_THAT(run_command({"policy", "check", "--hepl"}).err,
              HasSubstr("no option '--hepl'; did you mean '--help'?"));
  EXPECT_THAT(run_command({"cache", "stats", "--json", "more"}).err, Not(HasSubstr("no option")));
}

TEST(CommandPolicy, BoundsStreamsThatArePassedOn) {
  const TemporaryFolder folder;
  const std::string path = folder.write("p.toml", "[limits]\nstdout = 5\n");
  const CommandResult ran = run_command({"run", "--policy", path, guest("hello.wasm")});
  EXPECT_EQ(ran.out.size(), 5U);
}

nlohmann::json run_under(const char* policy, std::vector<std::string> words,
                         const Streams& streams = {}) {
  std::vector<std::string> args = {"run", "-q", "--json", "--policy", policy};
  args.insert(args.end(), words.begin(), words.end());
  return nlohmann::json::parse(run_command(args, streams).out);
}

TEST(CommandPolicy, StrictEndsAGuestAtEachOfItsLimits) {
  const auto verdict_of = [](std::vector<std::string> words) {
    return run_under("strict", std::move(words))["verdict"];
  };
  EXPECT_EQ(verdict_of({guest("hello.wasm")}), "exited");
  // On a busy machine a second of CPU time may take longer than all that a run has.
  EXPECT_EQ(verdict_of({"--timeout", "1m", guest("infinite_loop.wat")}), "cpu_time_limit");
  EXPECT_EQ(verdict_of({guest("sleep.wasm")}), "time_limit");
  EXPECT_EQ(verdict_of({guest("allocate.wasm"), "65"}), "memory_limit");
  EXPECT_EQ(verdict_of({guest("flood_stdout.wasm"), "65537"}), "output_limit");
  EXPECT_EQ(verdict_of({guest("flood_stderr.wasm"), "65537"}), "output_limit");
}

TEST(CommandPolicy, StrictAndJudgeChangeNothingOnTheHost) {
  for (const char* policy : {"strict", "judge"}) {
    const TemporaryFolder granted;
    const std::string host = granted.path("").string();
    const auto result =
        run_under(policy, {"--dir", host + "::/data", guest("file_tools.wasm"), "fill", "/data"});
    EXPECT_EQ(result["verdict"], "exited");
    EXPECT_NE(result["exit_code"], 0);
    EXPECT_TRUE(std::filesystem::is_empty(host));
  }
}

// A program that hears of its limits can say what went wrong, and the end of its log is kept.
TEST(CommandPolicy, AgentLetsAGuestReportWhatItWasDenied) {
  const auto denied = run_under("agent", {guest("allocate.wasm"), "600"});
  EXPECT_EQ(denied["limit_hit"], "memory_bytes");
  EXPECT_GT(denied["metrics"]["denied_grows"], 0);
  EXPECT_EQ(run_under("agent", {guest("file_tools.wasm"), "fill", "/tmp"})["exit_code"], 0);

  const std::string text = "begin" + std::string(100'000, '.') + "the error";
  const CommandResult ran =
      run_command({"run", "--policy", "agent", guest("echo_stdin.wasm")}, {.text = text});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.out.size(), 64 * kKiB);
  EXPECT_THAT(ran.out, ::testing::AllOf(StartsWith("begin"), ::testing::EndsWith("the error")));
}

TEST(CommandPolicy, JudgeTellsEachLimitByItsVerdict) {
  const auto fine = run_under("judge", {guest("random_clock.wasm")});
  EXPECT_EQ(fine["verdict"], "exited");
  EXPECT_GT(fine["metrics"]["fuel_used"], 0);
  const auto again = run_under("judge", {guest("random_clock.wasm")});
  EXPECT_EQ(again["stdout"], fine["stdout"]);
  EXPECT_EQ(again["metrics"]["fuel_used"], fine["metrics"]["fuel_used"]);

  const std::string loop = guest("infinite_loop.wat");
  EXPECT_EQ(run_under("judge", {"--fuel", "1000000", loop})["verdict"], "out_of_fuel");
  EXPECT_EQ(run_under("judge", {"--cpu-time", "50ms", loop})["verdict"], "cpu_time_limit");
  EXPECT_EQ(run_under("judge", {guest("allocate.wasm"), "257"})["verdict"], "memory_limit");
  EXPECT_EQ(
      run_under("judge", {"--stdout-limit", "10", guest("flood_stdout.wasm"), "11"})["verdict"],
      "output_limit");
  const auto chatty = run_under("judge", {guest("flood_stderr.wasm"), "65537"});
  EXPECT_EQ(chatty["verdict"], "exited") << "messages for debugging are no fault";
  EXPECT_EQ(chatty["stderr"]["truncated"], true);
}

TEST(CommandPolicy, DeterminismIsSetAndTakenBack) {
  const TemporaryFolder folder;
  const std::string path = folder.write("p.toml", "[determinism]\nseed = 1\n");
  const auto random = [&](std::vector<std::string> options) {
    std::vector<std::string> args = {"run", "--policy", path};
    args.insert(args.end(), options.begin(), options.end());
    args.push_back(guest("print_random.wat"));
    return run_command(args).out;
  };
  const std::string first = random({});
  EXPECT_EQ(first.size(), 32U);
  EXPECT_EQ(random({}), first);
  EXPECT_EQ(random({"--deterministic"}), first) << "the seed of the policy stays";
  EXPECT_NE(random({"--deterministic=2"}), first);
  EXPECT_NE(random({"--deterministic=none"}), first);
}

}  // namespace
}  // namespace mimobox::testing
