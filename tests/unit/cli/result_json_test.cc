#include "cli/result_json.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mimobox/error.h"
#include "mimobox/result.h"

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
      .out = {.data = "out", .total_bytes = 5, .truncated = true},
      .err = {.data = "", .total_bytes = 0, .truncated = false},
      .metrics = {.code_source = CodeSource::kDiskCache,
                  .compile_time = std::chrono::nanoseconds{1},
                  .load_time = std::chrono::nanoseconds{16},
                  .wall_time = std::chrono::nanoseconds{2},
                  .queue_time = std::chrono::nanoseconds{3},
                  .callback_time = std::chrono::nanoseconds{4},
                  .peak_memory_bytes = 65536,
                  .denied_grows = 6,
                  .file_bytes_read = 7,
                  .file_bytes_written = 8,
                  .file_read_calls = 9,
                  .file_write_calls = 10,
                  .files_opened = 11},
  };
  EXPECT_EQ(parse(result_json(result, 1, 0)), Json::parse(R"({
    "verdict": "exited", "exit_code": 4294967295, "exit_status": 1, "timed_out": false,
    "signal": null, "trap": null, "callback_error": "", "file_limit_hit": null,
    "stdout": {"data": "out", "encoding": "utf-8", "total_bytes": 5, "truncated": true},
    "stderr": {"data": "", "encoding": "utf-8", "total_bytes": 0, "truncated": false},
    "metrics": {"code_source": "disk_cache", "compile_time_ns": 1, "load_time_ns": 16, "wall_time_ns": 2, "queue_time_ns": 3, "callback_time_ns": 4,
                "peak_memory_bytes": 65536, "denied_grows": 6, "file_bytes_read": 7,
                "file_bytes_written": 8, "file_read_calls": 9, "file_write_calls": 10,
                "files_opened": 11}})"));
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
