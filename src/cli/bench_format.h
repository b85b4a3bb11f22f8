#ifndef MIMOBOX_CLI_BENCH_FORMAT_H_
#define MIMOBOX_CLI_BENCH_FORMAT_H_

#include <chrono>
#include <string>

#include "mimobox/bench.h"

namespace mimobox::cli {

/// A measured time with three digits: "850 ns", "3.12 us", "45.6 ms", "1.23 s".
[[nodiscard]] std::string format_time(std::chrono::nanoseconds time);

/// A number of runs in a second with three digits: "123", "45.6 k", "1.23 M".
[[nodiscard]] std::string format_rate(double per_second);

/// "1.00x"
[[nodiscard]] std::string format_ratio(double ratio);

/// "nothing: hot, from a path", or the stage alone where there is no workload.
[[nodiscard]] std::string describe(const std::string& workload, BenchStage stage);

/// "4 processors of X, Linux 6.1, ..." in one line.
[[nodiscard]] std::string describe(const BenchMachine& machine);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_BENCH_FORMAT_H_
