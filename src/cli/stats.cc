#include "cli/stats.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "mimobox/result.h"

#include "cli/parse.h"

namespace mimobox::cli {
namespace {

void add(std::string& text, std::string_view name, std::string_view value) {
  fmt::format_to(std::back_inserter(text), "  {:<16}{}\n", name, value);
}

void add_time(std::string& text, std::string_view name, std::chrono::nanoseconds time) {
  if (time.count() != 0) add(text, name, format_measured(time));
}

std::string counted(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string denied(std::uint64_t grows) {
  return grows == 0 ? "" : ", denied more " + counted(grows, "time");
}

void add_times(std::string& text, const Metrics& metrics) {
  add_time(text, "load", metrics.load_time);
  add_time(text, "compile", metrics.compile_time);
  add_time(text, "wall time", metrics.wall_time);
  add_time(text, "  queue", metrics.queue_time);
  add_time(text, "  instantiate", metrics.instantiate_time);
  add_time(text, "  run", metrics.run_time);
  add_time(text, "  callbacks", metrics.callback_time);
  add_time(text, "  teardown", metrics.teardown_time);
  if (metrics.cpu_time) add_time(text, "CPU time", *metrics.cpu_time);
}

void add_stream(std::string& text, std::string_view name, const OutputStream& stream) {
  if (stream.total_bytes == 0) return;
  add(text, name, format_bytes(stream.total_bytes) + (stream.truncated ? ", cut" : ""));
}

void add_calls(std::string& text, const Metrics& metrics) {
  for (std::size_t i = 0; i < kHostCallKinds; ++i) {
    const HostCallCount& count = metrics.host_calls[i];
    if (count.calls == 0) continue;
    std::string value = counted(count.calls, "call");
    if (count.bytes != 0) value += ", " + format_bytes(count.bytes);
    add(text, host_call_kind_name(static_cast<HostCallKind>(i)), value);
  }
}

}  // namespace

std::string stats_text(const RunResult& result) {
  const Metrics& metrics = result.metrics;
  std::string text = "stats:\n";
  add(text, "verdict", verdict_name(result.verdict));
  if (result.limit_hit != LimitHit::kNone) add(text, "limit hit", limit_hit_name(result.limit_hit));
  add(text, "code from", code_source_name(metrics.code_source));
  add_times(text, metrics);
  if (metrics.fuel_used) add(text, "fuel", fmt::format("{}", *metrics.fuel_used));
  add(text, "memory", format_bytes(metrics.peak_memory_bytes) + denied(metrics.denied_grows));
  if (metrics.peak_table_elements != 0 || metrics.denied_table_grows != 0) {
    add(text, "table elements",
        fmt::format("{}{}", metrics.peak_table_elements, denied(metrics.denied_table_grows)));
  }
  add_stream(text, "stdout", result.out);
  add_stream(text, "stderr", result.err);
  if (metrics.files_opened != 0) add(text, "files opened", fmt::format("{}", metrics.files_opened));
  add_calls(text, metrics);
  text.pop_back();
  return text;
}

}  // namespace mimobox::cli
