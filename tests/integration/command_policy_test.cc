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

TEST(CommandPolicy, BoundsStreamsThatArePassedOn) {
  const TemporaryFolder folder;
  const std::string path = folder.write("p.toml", "[limits]\nstdout = 5\n");
  const CommandResult ran = run_command({"run", "--policy", path, guest("hello.wasm")});
  EXPECT_EQ(ran.out.size(), 5U);
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
