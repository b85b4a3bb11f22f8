#ifndef MIMOBOX_SANDBOX_RUN_H_
#define MIMOBOX_SANDBOX_RUN_H_

#include <chrono>
#include <cstdint>
#include <optional>

#include "mimobox/config.h"
#include "mimobox/error.h"
#include "mimobox/result.h"
#include "mimobox/run_request.h"

#include "engine/instance.h"
#include "sandbox/callbacks.h"
#include "sandbox/guest_host.h"
#include "sandbox/module_impl.h"
#include "sandbox/run_scratches.h"
#include "sandbox/runs_in_flight.h"

namespace mimobox::internal {

/// One run on its way through the steps of `WasmSandbox`: what it was called with, borrowed, and
/// what it waited for so far.
struct Run {
  RunEntry& entry;
  const LoadedModule& module;
  const RunRequest& request;
  const Limits& limits;
  std::chrono::steady_clock::time_point begun;
  CodeSource code_source = CodeSource::kMemory;
  std::chrono::nanoseconds code_time{0};
  std::chrono::nanoseconds queue_time{0};

  /// Getting the code has its own limit: the wall time does not count it.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> deadline() const {
    if (!limits.wall_time) return std::nullopt;
    return begun + code_time + *limits.wall_time;
  }
  /// Sets what every run has, of one that ended then.
  void tell(Metrics& metrics, std::chrono::steady_clock::time_point ended) const;
  /// The result of a run whose guest never began.
  [[nodiscard]] RunResult ended_before(Verdict verdict) const;
};

/// What there is to be told of a guest that ran, borrowed; what it left moves out of it.
struct RunEnd {
  engine::GuestOutcome& outcome;
  std::chrono::steady_clock::time_point begun;  ///< when the first step for the guest was
  std::uint32_t stop_reason = 0;
  std::optional<std::chrono::nanoseconds> cpu_time = {};
  RuntimeImpl& runtime;
  GuestHost& host;
  const Callbacks& callbacks;
  const RunScratches& scratches;
};

/// The result of a run whose guest began.
[[nodiscard]] Result<RunResult> tell(const Run& run, const RunEnd& end);

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_RUN_H_
