#ifndef MIMOBOX_CLI_BENCH_SVG_H_
#define MIMOBOX_CLI_BENCH_SVG_H_

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "mimobox/bench.h"

// Pictures of a benchmark's page: inline SVG without any text in it, stretched to the width there
// is; the words stand beside them in HTML, where they stay readable when it is narrow.

namespace mimobox::cli {

/// A logarithmic scale of whole decades around some times.
class TimeScale {
 public:
  /// From the decade of the shortest to that of the longest sample; of none, 1 to 10 us.
  explicit TimeScale(const std::vector<const BenchTimes*>& all);

  /// Where a time is, from 0 to 1.
  [[nodiscard]] double at(std::chrono::nanoseconds time) const;
  /// The decades, first and last included.
  [[nodiscard]] std::vector<std::chrono::nanoseconds> ticks() const;

 private:
  int first_ = 3;  // powers of ten, in ns
  int last_ = 4;
};

/// How often samples fell where: a filled curve, with marks at P50 and P99.
[[nodiscard]] std::string distribution_svg(const BenchTimes& times, const TimeScale& scale);

/// A bar of that share of the width, 0 to 1. `ours` has the colour of emphasis.
[[nodiscard]] std::string bar_svg(double share, bool ours);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_BENCH_SVG_H_
