#include "sandbox/run.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "sandbox/verdict.h"

namespace mimobox::internal {
namespace {

/// The guest's own number.
std::optional<std::uint32_t> exit_code_of(const engine::GuestOutcome& outcome,
                                          const wasi::Host& host) {
  if (outcome.end == engine::GuestEnd::kReturned) return outcome.returned_code;
  if (outcome.end == engine::GuestEnd::kExited) return host.exit_code();
  return std::nullopt;
}

/// Functions without a name of their own go by that of their export.
void name_frames(std::vector<Frame>& frames, const LoadedModule& module, RuntimeImpl& runtime) {
  for (Frame& frame : frames) {
    if (!frame.function.empty()) continue;
    const auto& exports = module.contents->info(runtime).exports;
    const auto found = std::ranges::find_if(exports, [&](const ExportInfo& item) {
      return item.kind == ItemKind::kFunction && item.index == frame.function_index;
    });
    if (found != exports.end()) frame.function = found->name;
  }
}

}  // namespace

void Run::tell(Metrics& metrics, std::chrono::steady_clock::time_point ended) const {
  const bool compiled = code_source == CodeSource::kCompiled;
  metrics.code_source = code_source;
  metrics.load_time = module.load_time + (compiled ? std::chrono::nanoseconds{0} : code_time);
  metrics.compile_time = compiled ? code_time : std::chrono::nanoseconds{0};
  metrics.wall_time = ended - begun - code_time;
  metrics.queue_time = queue_time;
  if (limits.fuel) metrics.fuel_used = 0;
}

RunResult Run::ended_before(Verdict verdict) const {
  RunResult result{.verdict = verdict, .limit_hit = limit_hit_of(verdict, {}, LimitHit::kNone)};
  tell(result.metrics, std::chrono::steady_clock::now());
  return result;
}

Result<RunResult> tell(const Run& run, const RunEnd& end) {
  engine::GuestOutcome& outcome = end.outcome;
  if (outcome.trap) name_frames(outcome.trap->frames, run.module, end.runtime);
  name_frames(outcome.stopped_in, run.module, end.runtime);
  // Filled where it is: the result is large.
  Result<RunResult> told;
  RunResult& result = *told;
  result.verdict = verdict_of(outcome, end.stop_reason);
  result.exit_code = exit_code_of(outcome, end.host.wasi());
  result.trap = std::move(outcome.trap);
  result.stopped_in = std::move(outcome.stopped_in);
  result.callback_error = end.callbacks.error();
  result.out = end.host.take_output();
  result.err = end.host.take_error();
  result.limit_hit = limit_hit_of(result.verdict, outcome, end.host.limit_hit());
  if (run.request.keep_scratch) result.scratch = end.scratches.contents();

  Metrics& metrics = result.metrics;
  run.tell(metrics, end.begun + outcome.times.all());
  metrics.instantiate_time = outcome.times.instantiate;
  metrics.run_time = outcome.times.run;
  metrics.callback_time = end.callbacks.time();
  metrics.teardown_time = outcome.times.teardown;
  metrics.cpu_time = end.cpu_time;
  metrics.peak_memory_bytes = outcome.peak_memory_bytes;
  metrics.denied_grows = outcome.denied_grows;
  metrics.peak_table_elements = outcome.peak_table_elements;
  metrics.denied_table_grows = outcome.denied_table_grows;
  metrics.fuel_used = outcome.fuel_used;
  metrics.host_calls = end.host.calls();
  metrics.files_opened = end.host.wasi().metrics().files_opened;
  return told;
}

}  // namespace mimobox::internal
