#ifndef MIMOBOX_BENCH_MACHINE_H_
#define MIMOBOX_BENCH_MACHINE_H_

#include "mimobox/bench.h"

namespace mimobox::bench {

/// What can be found out about this machine; the rest is left empty.
[[nodiscard]] BenchMachine describe_machine();

}  // namespace mimobox::bench

#endif  // MIMOBOX_BENCH_MACHINE_H_
