#include "cli/result_json.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "mimobox/error.h"
#include "mimobox/result.h"

#include "cli/json_line.h"
#include "cli/text_encoding.h"

namespace mimobox::cli {
namespace {

using Json = nlohmann::ordered_json;

Json frame_json(const Frame& frame) {
  return {
      {"function", frame.function},
      {"function_index", frame.function_index},
      {"module_offset", frame.module_offset ? Json(*frame.module_offset) : Json()},
      {"file", frame.file},
      {"line", frame.line},
  };
}

Json frames_json(const std::vector<Frame>& frames) {
  Json list = Json::array();
  for (const Frame& frame : frames)
    list.push_back(frame_json(frame));
  return list;
}

Json trap_json(const Trap& trap) {
  return {
      {"code", trap_code_name(trap.code)},
      {"message", trap.message},
      {"frames", frames_json(trap.frames)},
  };
}

Json stream_json(OutputStream stream) {
  const bool text = is_utf8(stream.data) && is_utf8(stream.tail);
  return {
      {"data", text ? std::move(stream.data) : base64(stream.data)},
      {"tail", text ? std::move(stream.tail) : base64(stream.tail)},
      {"encoding", text ? "utf-8" : "base64"},
      {"total_bytes", stream.total_bytes},
      {"truncated", stream.truncated},
  };
}

Json host_calls_json(const Metrics& metrics) {
  Json calls = Json::object();
  for (std::size_t i = 0; i < kHostCallKinds; ++i) {
    const HostCallCount& count = metrics.host_calls[i];
    calls[host_call_kind_name(static_cast<HostCallKind>(i))] = {{"calls", count.calls},
                                                                {"bytes", count.bytes}};
  }
  return calls;
}

Json metrics_json(const Metrics& metrics) {
  return {
      {"load_time_ns", metrics.load_time.count()},
      {"compile_time_ns", metrics.compile_time.count()},
      {"wall_time_ns", metrics.wall_time.count()},
      {"queue_time_ns", metrics.queue_time.count()},
      {"instantiate_time_ns", metrics.instantiate_time.count()},
      {"run_time_ns", metrics.run_time.count()},
      {"callback_time_ns", metrics.callback_time.count()},
      {"teardown_time_ns", metrics.teardown_time.count()},
      {"cpu_time_ns", metrics.cpu_time ? Json(metrics.cpu_time->count()) : Json()},
      {"peak_memory_bytes", metrics.peak_memory_bytes},
      {"denied_grows", metrics.denied_grows},
      {"peak_table_elements", metrics.peak_table_elements},
      {"denied_table_grows", metrics.denied_table_grows},
      {"fuel_used", metrics.fuel_used ? Json(*metrics.fuel_used) : Json()},
      {"files_opened", metrics.files_opened},
      {"host_calls", host_calls_json(metrics)},
  };
}

}  // namespace

std::string result_json(RunResult result, int exit_status, int signal) {
  return json_line({
      {"verdict", verdict_name(result.verdict)},
      {"exit_code", result.exit_code ? Json(*result.exit_code) : Json()},
      {"exit_status", exit_status},
      {"timed_out", result.timed_out()},
      {"signal", signal > 0 ? Json(signal) : Json()},
      {"trap", result.trap ? trap_json(*result.trap) : Json()},
      {"stopped_in", frames_json(result.stopped_in)},
      {"callback_error", result.callback_error},
      {"limit_hit",
       result.limit_hit == LimitHit::kNone ? Json() : Json(limit_hit_name(result.limit_hit))},
      {"stdout", stream_json(std::move(result.out))},
      {"stderr", stream_json(std::move(result.err))},
      {"metrics", metrics_json(result.metrics)},
  });
}

std::string error_json(std::string_view code, std::string_view message, int os_errno,
                       int exit_status) {
  return json_line({
      {"error", {{"code", code}, {"message", message}, {"os_errno", os_errno}}},
      {"exit_status", exit_status},
  });
}

std::string error_json(const SandboxError& error, int exit_status) {
  return error_json(error_code_name(error.code), error.message, error.os_errno, exit_status);
}

}  // namespace mimobox::cli
