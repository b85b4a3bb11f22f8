#include <signal.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/integration/command.h"
#include "tests/integration/harness.h"

// `mimobox-wasm bench` itself: what is in its report, not what the figures are.

namespace mimobox::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::vector<std::string> kQuick = {"bench", "-n", "2", "--threads", "1,2"};

CommandResult bench(std::vector<std::string> args, const Streams& streams = {}) {
  args.insert(args.begin(), kQuick.begin(), kQuick.end());
  return run_command(args, streams);
}

nlohmann::json json_of(std::vector<std::string> args) {
  args.insert(args.begin(), "--json");
  const CommandResult result = bench(std::move(args));
  EXPECT_EQ(result.err, "");
  return nlohmann::json::parse(result.out);
}

TEST(CommandBench, MeasuresEveryStageOfAModule) {
  const auto json = json_of({"--no-targets", guest("empty.wat")});
  std::vector<std::string> stages;
  for (const auto& measured : json["measurements"]) {
    stages.push_back(measured["stage"]);
    EXPECT_EQ(measured["samples"], 2);
    EXPECT_GT(measured["p50_ns"], 0);
    EXPECT_LE(measured["min_ns"], measured["p50_ns"]);
    EXPECT_LE(measured["p50_ns"], measured["p95_ns"]);
    EXPECT_LE(measured["p95_ns"], measured["p99_ns"]);
    EXPECT_LE(measured["p99_ns"], measured["max_ns"]);
  }
  EXPECT_THAT(stages, ::testing::ElementsAre("engine", "compile", "process_cold", "process_warm",
                                             "cold", "new_sandbox", "hot_path", "hot"));
  EXPECT_EQ(json["throughput"].size(), 2U);
  EXPECT_EQ(json["exit_status"], 0);
}

TEST(CommandBench, ComparesWithWhatIsThereAndNamesWhatIsNot) {
  const auto json = json_of({"--no-targets", "--vs", "native=/bin/true", "--vs",
                             "wasmtime=/nowhere/wasmtime", guest("empty.wat")});
  const auto& contenders = json["comparisons"][0]["contenders"];
  ASSERT_EQ(contenders.size(), 2U);
  EXPECT_EQ(contenders[0]["name"], "mimobox-wasm");
  EXPECT_EQ(contenders[1]["name"], "native");
  EXPECT_TRUE(contenders[1]["failure"].is_null());
  EXPECT_EQ(json["missing"][0]["what"], "wasmtime");
  EXPECT_THAT(json["missing"][0]["why"].get<std::string>(), HasSubstr("/nowhere/wasmtime"));
}

TEST(CommandBench, HandsItsArgumentsAndInputToTheModule) {
  const TemporaryFolder folder;
  const std::string input = folder.write("in", "one two two").native();
  // The native program fails unless it is given the same argument and the same input.
  const std::string native = folder.write("native",
                                          "#!/bin/sh\n[ \"$1\" = 1 ] && cat >/dev/null &&"
                                          " printf '%7d %s\\n' 2 two\n");
  std::filesystem::permissions(native, std::filesystem::perms::owner_all);
  const auto json = json_of(
      {"--no-targets", "--stdin", input, "--vs", "native=" + native, guest("wordcount.wasm"), "1"});
  EXPECT_TRUE(json["comparisons"][0]["contenders"][1]["failure"].is_null())
      << json["comparisons"].dump();
}

TEST(CommandBench, SaysByItsStatusWhetherTargetsAreMet) {
  const CommandResult met =
      bench({"--workload", "nothing", "--target", "hot=1h", "--target", "nothing:cold=1h"});
  EXPECT_EQ(met.status, 0) << met.err;
  EXPECT_THAT(met.out, HasSubstr("[PASS] nothing: hot, a module in hand: P50 "));
  const CommandResult missed = bench({"--workload", "nothing", "--target", "hot=1ns"});
  EXPECT_EQ(missed.status, 1) << missed.err;
  EXPECT_THAT(missed.out, HasSubstr("[FAIL] nothing: hot, a module in hand: P50 "));
}

TEST(CommandBench, WritesAPage) {
  const TemporaryFolder folder;
  const std::string page = folder.path("page.html").native();
  EXPECT_EQ(bench({"--no-targets", "--html", page, guest("empty.wat")}).status, 0);
  std::ifstream file(page);
  EXPECT_THAT(std::string(std::istreambuf_iterator<char>(file), {}), StartsWith("<!DOCTYPE html>"));
  const CommandResult failed =
      bench({"--no-targets", "--html", "/nowhere/page.html", guest("empty.wat")});
  EXPECT_EQ(failed.status, 125);
  EXPECT_THAT(failed.err, HasSubstr("/nowhere/page.html"));
}

TEST(CommandBench, LeavesNothingBehind) {
  const TemporaryFolder folder;
  const std::string temporary = folder.path("tmp").native();
  std::filesystem::create_directory(temporary);
  EXPECT_EQ(bench({"--no-targets", guest("empty.wat")}, {.env = {"TMPDIR=" + temporary}}).status,
            0);
  EXPECT_TRUE(std::filesystem::is_empty(temporary));
}

TEST(CommandBench, StopsOnASignalAndCleansUp) {
  const TemporaryFolder folder;
  const std::string temporary = folder.path("tmp").native();
  std::filesystem::create_directory(temporary);
  const Pipe pipe;
  Command command({"bench", "--time", "1h", guest("empty.wat")},
                  {.output = pipe.writer(), .env = {"TMPDIR=" + temporary}});
  while (std::filesystem::is_empty(temporary)) {
  }
  command.signal(SIGINT);
  const CommandResult result = command.wait();
  EXPECT_EQ(result.status, 128 + SIGINT);
  EXPECT_THAT(result.err, HasSubstr("SIGINT"));
  EXPECT_TRUE(std::filesystem::is_empty(temporary));
}

TEST(CommandBench, SaysWhyItCannotMeasure) {
  const CommandResult trapped = bench({guest("unreachable.wat")});
  EXPECT_EQ(trapped.status, 125);
  EXPECT_THAT(trapped.err, HasSubstr("unreachable.wat"));
  EXPECT_EQ(bench({"/nowhere.wasm"}).status, 127);
  EXPECT_EQ(bench({guest("unknown_import.wat")}).status, 126);
  for (const std::vector<std::string>& args :
       std::vector<std::vector<std::string>>{{"--workload", "nothin"},
                                             {"--workload", "nothing", guest("empty.wat")},
                                             {"--stdin", "/dev/null"},
                                             {"--vs", "native=/bin/true"},
                                             {"--iterations", "0"},
                                             {"--no-such-option"}}) {
    const CommandResult wrong = bench(args);
    EXPECT_EQ(wrong.status, 125) << args.front();
    EXPECT_THAT(wrong.err, HasSubstr("see 'mimobox-wasm bench --help'")) << args.front();
  }
}

}  // namespace
}  // namespace mimobox::testing
