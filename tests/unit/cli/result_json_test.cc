#include "cli/result_json.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mimobox/error.h"
#include "mimobox/result.h"

#include "tests/paths.h"

namespace mimobox::cli {
namespace {

using std::string_literals::operator""s;
using std::string_view_literals::operator""sv;
using Json = nlohmann::json;

// One line of printable ASCII that parses.
Json parse(const std::string& text) {
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  EXPECT_TRUE(std::all_of(text.begin(), text.end() - 1,
                          [](char byte) { return byte >= 0x20 && byte < 0x7f; }));
  return Json::parse(text);
}

TEST(ResultJson, HasEachFieldOfAResult) {
  const RunResult result = {
      .verdict = Verdict::kExited,
      .exit_code = 0xffffffffU,
      .stopped_in = {{.function = "f", .function_index = 3}},
      .out = {.data = "out", .tail = "put", .total_bytes = 8, .truncated = true},
      .err = {.data = "", .total_bytes = 0, .truncated = false},
      .limit_hit = LimitHit::kStdoutBytes,
      .metrics = {.load_time = std::chrono::nanoseconds{20},
                  .compile_time = std::chrono::nanoseconds{1},
                  .wall_time = std::chrono::nanoseconds{2},
                  .queue_time = std::chrono::nanoseconds{3},
                  .instantiate_time = std::chrono::nanoseconds{21},
                  .run_time = std::chrono::nanoseconds{22},
                  .callback_time = std::chrono::nanoseconds{4},
                  .teardown_time = std::chrono::nanoseconds{23},
                  .cpu_time = std::chrono::nanoseconds{24},
                  .peak_memory_bytes = 65536,
                  .denied_grows = 6,
                  .peak_table_elements = 12,
                  .denied_table_grows = 13,
                  .fuel_used = 14,
                  .host_calls = {{{1, 0},
                                  {2, 0},
                                  {3, 30},
                                  {4, 40},
                                  {5, 50},
                                  {6, 60},
                                  {7, 70},
                                  {8, 80},
                                  {9, 0},
                                  {10, 0},
                                  {11, 0},
                                  {12, 0},
                                  {13, 0}}},
                  .files_opened = 11},
  };
  EXPECT_EQ(parse(result_json(result, 1, 0)), Json::parse(R"({
    "verdict": "exited", "exit_code": 4294967295, "exit_status": 1, "timed_out": false,
    "signal": null, "trap": null,
    "stopped_in": [{"function": "f", "function_index": 3, "module_offset": null, "file": "",
                    "line": 0}],
    "callback_error": "", "limit_hit": "stdout_bytes",
    "stdout": {"data": "out", "tail": "put", "encoding": "utf-8", "total_bytes": 8, "truncated": true},
    "stderr": {"data": "", "tail": "", "encoding": "utf-8", "total_bytes": 0, "truncated": false},
    "metrics": {"load_time_ns": 20, "compile_time_ns": 1, "wall_time_ns": 2, "queue_time_ns": 3,
                "instantiate_time_ns": 21, "run_time_ns": 22, "callback_time_ns": 4,
                "teardown_time_ns": 23, "cpu_time_ns": 24, "peak_memory_bytes": 65536,
                "denied_grows": 6, "peak_table_elements": 12, "denied_table_grows": 13,
                "fuel_used": 14, "files_opened": 11, "host_calls": {
                  "arguments": {"calls": 1, "bytes": 0}, "clock": {"calls": 2, "bytes": 0},
                  "random": {"calls": 3, "bytes": 30}, "stream_read": {"calls": 4, "bytes": 40},
                  "stream_write": {"calls": 5, "bytes": 50}, "file_read": {"calls": 6, "bytes": 60},
                  "file_write": {"calls": 7, "bytes": 70},
                  "directory_read": {"calls": 8, "bytes": 80},
                  "descriptor": {"calls": 9, "bytes": 0}, "path": {"calls": 10, "bytes": 0},
                  "poll": {"calls": 11, "bytes": 0}, "process": {"calls": 12, "bytes": 0},
                  "socket": {"calls": 13, "bytes": 0}}}})"));
}

// docs/json.md names each field, and no other: what stands in backquotes in the first column of its
// tables before the section on errors.
TEST(ResultJson, IsWhatItsDocumentSays) {
  std::ifstream file(std::filesystem::path(testing::kSourceFolder) / "docs" / "json.md");
  std::set<std::string> documented;
  const std::regex name("`([a-z_.\\[\\]]+)`");
  for (std::string line; std::getline(file, line) && line != "## An error";) {
    if (!line.starts_with("| `")) continue;
    const std::string cell = line.substr(0, line.find('|', 1));
    for (std::sregex_iterator at(cell.begin(), cell.end(), name), end; at != end; ++at)
      documented.insert((*at)[1].str().substr((*at)[1].str().rfind('.') + 1));
  }
  std::set<std::string> printed;
  const auto collect = [&](const auto& self, const Json& json) -> void {
    for (const auto& [key, value] : json.items()) {
      if (json.is_object()) printed.insert(key);
      if (value.is_structured()) self(self, value);
    }
  };
  collect(collect, parse(result_json({.trap = Trap{.message = "", .frames = {Frame{}}}}, 0, 0)));
  EXPECT_EQ(documented, printed);
}

TEST(ResultJson, HasTheTrapAndItsFrames) {
  const RunResult result = {
      .verdict = Verdict::kTrapped,
      .trap = Trap{.code = TrapCode::kUnreachable,
                   .message = "unreachable code",
                   .frames = {{.function = "inner",
                               .function_index = 7,
                               .module_offset = 99,
                               .file = "a.c",
                               .line = 3},
                              {.function = "", .function_index = 8}}},
  };
  const Json json = parse(result_json(result, 134, 0));
  EXPECT_EQ(json["exit_code"], nullptr);
  EXPECT_EQ(json["trap"], Json::parse(R"({
    "code": "unreachable", "message": "unreachable code", "frames": [
      {"function": "inner", "function_index": 7, "module_offset": 99, "file": "a.c", "line": 3},
      {"function": "", "function_index": 8, "module_offset": null, "file": "", "line": 0}]})"));
}

TEST(ResultJson, NamesTheSignalThatEndedTheRun) {
  const Json json = parse(result_json({.verdict = Verdict::kCancelled}, 130, 2));
  EXPECT_EQ(json["verdict"], "cancelled");
  EXPECT_EQ(json["signal"], 2);
  EXPECT_EQ(json["exit_status"], 130);
}

TEST(ResultJson, HasBytesThatAreNoTextAsBase64) {
  RunResult result;
  result.out.data = "\xff\xfe\x00"sv;
  result.err.data = "caf\xc3\xa9\x00\x1b[31m\xe2\x80\xae"sv;
  const Json json = parse(result_json(result, 0, 0));
  EXPECT_EQ(json["stdout"]["encoding"], "base64");
  EXPECT_EQ(json["stdout"]["data"], "//4A");
  EXPECT_EQ(json["stderr"]["encoding"], "utf-8");
  EXPECT_EQ(json["stderr"]["data"], result.err.data);
}

TEST(ResultJson, StaysValidWithHostileNames) {
  const std::string hostile = "\x1b]0;x\x07\"}\n\xff\x7f\xc2\x9b"s;
  const RunResult result = {
      .verdict = Verdict::kTrapped,
      .trap = Trap{.message = hostile, .frames = {{.function = hostile, .file = hostile}}},
      .callback_error = hostile,
  };
  const Json json = parse(result_json(result, 134, 0));
  EXPECT_EQ(json["trap"]["frames"][0]["function"], "\x1b]0;x\x07\"}\n\xef\xbf\xbd\x7f\xc2\x9b");
}

TEST(ErrorJson, HasCodeMessageAndErrno) {
  const SandboxError error = {ErrorCode::kInvalidConfig, "a\x1b", 5};
  EXPECT_EQ(
      parse(error_json(error, 125)),
      Json::parse(R"({"error": {"code": "invalid_config", "message": "a\u001b", "os_errno": 5},
                            "exit_status": 125})"));
  EXPECT_EQ(parse(error_json("usage", "wrong", 0, 125))["error"]["code"], "usage");
}

}  // namespace
}  // namespace mimobox::cli
