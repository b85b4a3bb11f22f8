#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

#include "mimobox/bench.h"

namespace mimobox {
namespace {

using std::chrono::nanoseconds;

/// Nearest rank; of at least one sample, ascending.
nanoseconds percentile(const std::vector<nanoseconds>& samples, std::size_t per_cent) {
  const std::size_t rank = (samples.size() * per_cent + 99) / 100;
  return samples[std::max<std::size_t>(rank, 1) - 1];
}

/// Kept as a mean and a remainder, so that no sum can overflow.
nanoseconds average(const std::vector<nanoseconds>& samples) {
  const auto count = static_cast<nanoseconds::rep>(samples.size());
  nanoseconds::rep mean = 0;
  nanoseconds::rep rest = 0;
  for (const nanoseconds sample : samples) {
    mean += sample.count() / count;
    rest += sample.count() % count;
  }
  return nanoseconds{mean + rest / count};
}

}  // namespace

BenchTimes bench_times(std::vector<nanoseconds> samples) {
  BenchTimes times;
  if (samples.empty()) return times;
  std::ranges::sort(samples);
  times.min = samples.front();
  times.p50 = percentile(samples, 50);
  times.p95 = percentile(samples, 95);
  times.p99 = percentile(samples, 99);
  times.average = average(samples);
  times.max = samples.back();
  times.samples = std::move(samples);
  return times;
}

}  // namespace mimobox
