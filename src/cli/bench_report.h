#ifndef MIMOBOX_CLI_BENCH_REPORT_H_
#define MIMOBOX_CLI_BENCH_REPORT_H_

#include <string>

#include "mimobox/bench.h"

// The report of a benchmark in each of its forms. Names of modules and what other programs say are
// escaped in all of them.

namespace mimobox::cli {

/// Tables for a person.
[[nodiscard]] std::string bench_text(const BenchReport& report);

/// One JSON object in one line of printable ASCII (docs/json.md has the names and units).
[[nodiscard]] std::string bench_json(const BenchReport& report, int exit_status);

/// One page that needs nothing else: tables and pictures, for light and dark, wide and narrow.
[[nodiscard]] std::string bench_html(const BenchReport& report);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_BENCH_REPORT_H_
