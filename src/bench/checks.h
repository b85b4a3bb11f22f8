#ifndef MIMOBOX_BENCH_CHECKS_H_
#define MIMOBOX_BENCH_CHECKS_H_

#include <vector>

#include "mimobox/bench.h"

namespace mimobox::bench {

/// Each target against each measurement that it concerns and that has samples.
[[nodiscard]] std::vector<BenchCheck> check_targets(const BenchReport& report,
                                                    const std::vector<BenchTarget>& targets);

}  // namespace mimobox::bench

#endif  // MIMOBOX_BENCH_CHECKS_H_
