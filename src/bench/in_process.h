#ifndef MIMOBOX_BENCH_IN_PROCESS_H_
#define MIMOBOX_BENCH_IN_PROCESS_H_

#include "mimobox/bench.h"
#include "mimobox/config.h"
#include "mimobox/result.h"

#include "bench/prepared_workload.h"
#include "bench/temporary_folder.h"

// The stages that run in this process, through the public API as any embedder would.

namespace mimobox::bench {

/// What a runtime of a benchmark is made of: no compiled code outlives it.
[[nodiscard]] RuntimeConfig without_disk_cache();

/// A new runtime with its engine, again and again.
[[nodiscard]] Result<BenchMeasurement> measure_engine(const BenchConfig& config);

/// A workload in one of the other stages in this process. Each run's code has to come from where
/// the stage says: anything else is `kInternal`.
[[nodiscard]] Result<BenchMeasurement> measure_in_process(const BenchConfig& config,
                                                          const PreparedWorkload& workload,
                                                          const TemporaryFolder& home,
                                                          BenchStage stage);

/// The result of a run that ended as every run of a benchmark has to, with exit code 0.
/// Error: `kInvalidConfig` when it ended in another way, and whatever kept it from beginning.
[[nodiscard]] Result<RunResult> succeeded(const BenchWorkload& workload, Result<RunResult> result);

}  // namespace mimobox::bench

#endif  // MIMOBOX_BENCH_IN_PROCESS_H_
