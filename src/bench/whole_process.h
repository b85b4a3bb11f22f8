#ifndef MIMOBOX_BENCH_WHOLE_PROCESS_H_
#define MIMOBOX_BENCH_WHOLE_PROCESS_H_

#include <string>

#include "mimobox/bench.h"

#include "bench/prepared_workload.h"
#include "bench/process.h"
#include "bench/temporary_folder.h"

namespace mimobox::bench {

/// How long a process of a benchmark may take before it is killed.
inline constexpr std::chrono::seconds kProcessLimit{120};

/// The command as a new process, in `kProcessCold` or `kProcessWarm`.
[[nodiscard]] Result<BenchMeasurement> measure_process(const BenchConfig& config,
                                                       const PreparedWorkload& workload,
                                                       const TemporaryFolder& home,
                                                       BenchStage stage);

/// Why a process does not count: it was killed, or ended with another status than 0. What it
/// said of it on stderr, in `error_path`, is part of it. Empty when it counts.
[[nodiscard]] std::string why_failed(const ProcessEnd& end, const std::string& error_path);

}  // namespace mimobox::bench

#endif  // MIMOBOX_BENCH_WHOLE_PROCESS_H_
