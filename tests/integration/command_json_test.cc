// The object that `run --json` prints: for each way of ending, one line that parses.
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/integration/command.h"
#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using ::testing::StartsWith;
using Json = nlohmann::json;

// The one line of printable ASCII, parsed; its exit_status is the command's.
Json parse(const CommandResult& result) {
  EXPECT_EQ(std::ranges::count(result.out, '\n'), 1) << result.out;
  EXPECT_TRUE(
      std::ranges::all_of(result.out, [](char c) { return c == '\n' || (c >= ' ' && c < 0x7f); }));
  Json json = Json::parse(result.out);
  EXPECT_EQ(json.at("exit_status"), result.status);
  return json;
}

Json run_json(std::vector<std::string> args, const Streams& streams = {}) {
  args.insert(args.begin(), {"run", "--json"});
  return parse(run_command(args, streams));
}

TEST(CommandJson, CapturesBothStreams) {
  const CommandResult result = run_command({"run", "--json", guest("hello.wasm")});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.err, "");
  const Json json = parse(result);
  EXPECT_EQ(json["verdict"], "exited");
  EXPECT_EQ(json["exit_code"], 0);
  EXPECT_EQ(json["timed_out"], false);
  EXPECT_EQ(json["signal"], nullptr);
  EXPECT_EQ(json["trap"], nullptr);
  EXPECT_EQ(json["callback_error"], "");
  EXPECT_EQ(json["stdout"], Json::parse(R"({"data": "hello from the guest\n", "encoding": "utf-8",
                                            "tail": "", "total_bytes": 21, "truncated": false})"));
  EXPECT_EQ(json["stderr"]["data"], "and a word on stderr\n");
  EXPECT_GT(json["metrics"]["wall_time_ns"], 0);
  EXPECT_GT(json["metrics"]["compile_time_ns"], 0);
  EXPECT_GE(json["metrics"]["peak_memory_bytes"], 65536);
}

TEST(CommandJson, HasTheWholeExitCode) {
  EXPECT_EQ(run_json({guest("exit_code.wasm"), "255"})["exit_code"], 255);
  EXPECT_EQ(run_json({guest("exit_code.wasm"), "4294967295"})["exit_code"], 4294967295);
}

TEST(CommandJson, GivesTheGuestOurStandardInput) {
  EXPECT_EQ(run_json({guest("echo_stdin.wasm")}, {.text = "words"})["stdout"]["data"], "words");
}

TEST(CommandJson, HasBytesThatAreNoTextAsBase64) {
  const Json out = run_json({guest("echo_stdin.wasm")}, {.text = "\xff\xfe"})["stdout"];
  EXPECT_EQ(out["encoding"], "base64");
  EXPECT_EQ(out["data"], "//4=");
  EXPECT_EQ(out["total_bytes"], 2);
}

TEST(CommandJson, CountsEachTimeOnce) {
  const TemporaryFolder folder;
  const std::string module = folder.write("large.wat", large_module_text());
  const auto begun = std::chrono::steady_clock::now();
  const Json metrics = run_json({"--no-cache", module})["metrics"];
  const std::chrono::nanoseconds passed = std::chrono::steady_clock::now() - begun;
  std::int64_t sum = 0;
  for (const char* part : {"load_time_ns", "compile_time_ns", "wall_time_ns"}) {
    EXPECT_GT(metrics[part].get<std::int64_t>(), 0) << part;
    sum += metrics[part].get<std::int64_t>();
  }
  EXPECT_LE(sum, passed.count());
}

TEST(CommandJson, StaysOneLineWithHostileOutput) {
  const std::string hostile("\x1b[31m\"}\n\0\x7f\xe2\x80\xae\xc2\x9b", 17);
  EXPECT_EQ(run_json({guest("echo_stdin.wasm")}, {.text = hostile})["stdout"]["data"], hostile);
}

TEST(CommandJson, SaysWhatIsLeftOutAboveTheLimit) {
  const Json whole = run_json({"--stdout-limit", "10", guest("flood_stdout.wasm"), "10"})["stdout"];
  EXPECT_EQ(whole["truncated"], false);
  const Json cut = run_json({"--stdout-limit", "10", guest("flood_stdout.wasm"), "11"})["stdout"];
  EXPECT_EQ(cut["data"], "xxxxxxxxxx");
  EXPECT_EQ(cut["total_bytes"], 11);
  EXPECT_EQ(cut["truncated"], true);
}

TEST(CommandJson, KeepsHeadAndTailWhereThatIsWanted) {
  const Json cut = run_json(
      {"--stdout-limit", "8", "--on-stdout-limit", "head-and-tail", guest("echo_stdin.wasm")},
      {.text = "beginning and end"})["stdout"];
  EXPECT_EQ(cut["data"], "begi");
  EXPECT_EQ(cut["tail"], " end");
  EXPECT_EQ(cut["total_bytes"], 17);
  EXPECT_EQ(cut["truncated"], true);
}

TEST(CommandJson, HasTheVerdictOfEachLimit) {
  const auto verdict = [](const std::vector<std::string>& args) {
    return run_json(args)["verdict"].get<std::string>();
  };
  EXPECT_EQ(verdict({"--timeout", "50ms", guest("infinite_loop.wat")}), "time_limit");
  EXPECT_EQ(verdict({"--memory", "1M", guest("grow_then_trap.wat")}), "memory_limit");
  EXPECT_EQ(verdict({"--fuel", "1000", guest("infinite_loop.wat")}), "out_of_fuel");
  EXPECT_EQ(verdict({guest("recursion.wat")}), "stack_overflow");
  EXPECT_EQ(verdict({"--stderr-limit", "9", "--on-stderr-limit", "end", guest("flood_stderr.wasm"),
                     "10"}),
            "output_limit");
}

TEST(CommandJson, HasTheTrapWithItsCalls) {
  const CommandResult result = run_command({"run", "--json", guest("trap_name.wat")});
  EXPECT_EQ(result.status, 134);
  EXPECT_THAT(result.err, StartsWith("mimobox-wasm: trap: "));
  const Json trap = parse(result)["trap"];
  EXPECT_EQ(trap["code"], "unreachable");
  EXPECT_FALSE(trap["message"].get<std::string>().empty());
  ASSERT_EQ(trap["frames"].size(), 2U);
  EXPECT_EQ(trap["frames"][0]["function"], "\x1b[31mred");
}

TEST(CommandJson, HasAnErrorInsteadOfAResult) {
  const Json missing = run_json({"no/such/module.wasm"});
  EXPECT_EQ(missing["exit_status"], 127);
  EXPECT_EQ(missing["error"]["code"], "module_not_found");
  EXPECT_NE(missing["error"]["os_errno"], 0);
  EXPECT_FALSE(missing["error"]["message"].get<std::string>().empty());
  EXPECT_EQ(run_json({guest("no_start.wat")})["error"]["code"], "no_entry_point");
  EXPECT_EQ(run_json({"--stdin", "no/such", guest("empty.wat")})["error"]["code"],
            "invalid_config");
  EXPECT_EQ(run_json({"--memory", "15M", guest("big_memory_min.wat")})["exit_status"], 137);
}

TEST(CommandJson, HasAnErrorForWrongUse) {
  for (const auto& args : std::vector<std::vector<std::string>>{
           {"--timeout", "5", guest("empty.wat")}, {"--no-such-option", guest("empty.wat")}, {}}) {
    const Json json = run_json(args);
    EXPECT_EQ(json["error"]["code"], "usage");
    EXPECT_EQ(json["exit_status"], 125);
  }
}

TEST(CommandJson, LeavesALaterWordOfTheGuestsAlone) {
  const CommandResult result = run_command({"run", guest("hello.wasm"), "--json"});
  EXPECT_EQ(result.out, "hello from the guest\n");
}

TEST(CommandJson, NamesTheSignalThatEndedTheRun) {
  const Pipe input;
  Command command({"run", "--json", "--quiet", guest("read_forever.wasm")},
                  {.input = input.reader()});
  input.write(std::string(kMoreThanAPipeHolds, 'x'));  // is over once the guest reads
  command.signal(SIGINT);
  const CommandResult result = command.wait();
  EXPECT_EQ(result.status, 130);
  EXPECT_EQ(result.err, "");
  const Json json = parse(result);
  EXPECT_EQ(json["verdict"], "cancelled");
  EXPECT_EQ(json["signal"], SIGINT);
}

TEST(CommandJson, HasAnErrorForASignalWhileLoading) {
  const Pipe module;
  Command command({"run", "--json", "-"}, {.input = module.reader()});
  module.write(std::string(kMoreThanAPipeHolds, ' '));
  command.signal(SIGTERM);
  const CommandResult result = command.wait();
  EXPECT_EQ(result.status, 143);
  EXPECT_EQ(parse(result)["error"]["code"], "cancelled");
}

TEST(CommandJson, IsOurFailureWhereNobodyReadsIt) {
  Pipe output;
  output.close_reader();
  const CommandResult result =
      run_command({"run", "--json", guest("hello.wasm")}, {.output = output.writer()});
  EXPECT_EQ(result.status, 125);
  EXPECT_THAT(result.err, StartsWith("mimobox-wasm: cannot write the result: "));
}

}  // namespace
}  // namespace mimobox::testing
