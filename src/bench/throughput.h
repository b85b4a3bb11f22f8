#ifndef MIMOBOX_BENCH_THROUGHPUT_H_
#define MIMOBOX_BENCH_THROUGHPUT_H_

#include <cstddef>
#include <vector>

#include "mimobox/bench.h"

#include "bench/prepared_workload.h"

namespace mimobox::bench {

/// `BenchConfig::threads`, or the default.
[[nodiscard]] std::vector<std::size_t> thread_counts(const BenchConfig& config);

/// Runs of one module in one sandbox on so many threads at once. `speed_up` is left at 0.
[[nodiscard]] Result<BenchThroughput> measure_throughput(const BenchConfig& config,
                                                         const PreparedWorkload& workload,
                                                         std::size_t threads);

}  // namespace mimobox::bench

#endif  // MIMOBOX_BENCH_THROUGHPUT_H_
