#include <chrono>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "mimobox/bench.h"

namespace mimobox {
namespace {

using std::chrono::nanoseconds;

std::vector<nanoseconds> one_to(int last) {
  std::vector<nanoseconds> samples;
  for (int i = last; i >= 1; --i)
    samples.emplace_back(i);
  return samples;
}

TEST(BenchTimes, TakesPercentilesByNearestRank) {
  const BenchTimes times = bench_times(one_to(200));
  EXPECT_EQ(times.min, nanoseconds{1});
  EXPECT_EQ(times.p50, nanoseconds{100});
  EXPECT_EQ(times.p95, nanoseconds{190});
  EXPECT_EQ(times.p99, nanoseconds{198});
  EXPECT_EQ(times.average, nanoseconds{100});
  EXPECT_EQ(times.max, nanoseconds{200});
}

TEST(BenchTimes, RoundsRanksUp) {
  const BenchTimes times = bench_times(one_to(5));
  EXPECT_EQ(times.p50, nanoseconds{3});
  EXPECT_EQ(times.p95, nanoseconds{5});
  EXPECT_EQ(times.p99, nanoseconds{5});
}

TEST(BenchTimes, SortsTheSamples) {
  const BenchTimes times = bench_times({nanoseconds{3}, nanoseconds{1}, nanoseconds{2}});
  EXPECT_EQ(times.samples, (std::vector{nanoseconds{1}, nanoseconds{2}, nanoseconds{3}}));
}

TEST(BenchTimes, OfOneSampleAreThatSample) {
  const BenchTimes times = bench_times({nanoseconds{7}});
  for (const nanoseconds time :
       {times.min, times.p50, times.p95, times.p99, times.average, times.max}) {
    EXPECT_EQ(time, nanoseconds{7});
  }
}

TEST(BenchTimes, OfNoSampleAreZero) {
  EXPECT_EQ(bench_times({}), BenchTimes{});
}

TEST(BenchTimes, AverageDoesNotOverflow) {
  const nanoseconds most{std::numeric_limits<nanoseconds::rep>::max()};
  EXPECT_EQ(bench_times({most, most, most}).average, most);
}

}  // namespace
}  // namespace mimobox
