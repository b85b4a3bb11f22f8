#ifndef MIMOBOX_BENCH_IN_PROCESS_H_
#define MIMOBOX_BENCH_IN_PROCESS_H_

#include "mimobox/bench.h"
#include "mimobox/result.h"

#include "bench/prepared_workload.h"

// The stages that run in this process, through the public API as any embedder would.

namespace mimobox::bench {

/// A new runtime with its engine, again and again.
[[nodiscard]] Result<BenchMeasurement> measure_engine(const BenchConfig& config);

/// A workload in one of the other stages in this process.
[[nodiscard]] Result<BenchMeasurement> measure_in_process(const BenchConfig& config,
                                                          const PreparedWorkload& workload,
                                                          BenchStage stage);

/// The result of a run that ended as every run of a benchmark has to, with exit code 0.
/// Error: `kInvalidConfig` when it ended in another way, and whatever kept it from beginning.
[[nodiscard]] Result<RunResult> succeeded(const BenchWorkload& workload, Result<RunResult> result);

}  // namespace mimobox::bench

#endif  // MIMOBOX_BENCH_IN_PROCESS_H_
