#include "cli/bench_svg.h"

#include <chrono>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mimobox::cli {
namespace {

using std::chrono::nanoseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(TimeScale, ReachesFromDecadeToDecade) {
  const BenchTimes some = bench_times({nanoseconds{3'000}, nanoseconds{40'000}});
  const BenchTimes others = bench_times({nanoseconds{200'000}});
  const TimeScale scale({&some, &others});
  EXPECT_THAT(scale.ticks(), ElementsAre(nanoseconds{1'000}, nanoseconds{10'000},
                                         nanoseconds{100'000}, nanoseconds{1'000'000}));
  EXPECT_DOUBLE_EQ(scale.at(nanoseconds{1'000}), 0.0);
  EXPECT_DOUBLE_EQ(scale.at(nanoseconds{1'000'000}), 1.0);
  EXPECT_NEAR(scale.at(nanoseconds{31'623}), 0.5, 1e-5);
}

TEST(TimeScale, TakesWhatIsOutsideToItsEnds) {
  const BenchTimes some = bench_times({nanoseconds{3'000}});
  const TimeScale scale({&some});
  EXPECT_DOUBLE_EQ(scale.at(nanoseconds{0}), 0.0);
  EXPECT_DOUBLE_EQ(scale.at(nanoseconds{1'000'000'000}), 1.0);
}

TEST(TimeScale, IsThereWithoutSamples) {
  const BenchTimes none;
  EXPECT_EQ(TimeScale({&none}).ticks().size(), 2U);
}

TEST(DistributionSvg, MarksTheMedian) {
  const BenchTimes times =
      bench_times({nanoseconds{1'000}, nanoseconds{1'000}, nanoseconds{10'000}});
  const std::string svg = distribution_svg(times, TimeScale({&times}));
  EXPECT_THAT(svg, HasSubstr(R"(class="p50" x1="0.0")"));
  EXPECT_THAT(svg, HasSubstr(R"(class="p99" x1="1000.0")"));
}

TEST(BarSvg, IsAsWideAsItsShare) {
  EXPECT_THAT(bar_svg(0.25, true), HasSubstr(R"(width="250.0")"));
  EXPECT_THAT(bar_svg(7, false), HasSubstr(R"(class="other" x="0" y="6" width="1000.0")"));
}

}  // namespace
}  // namespace mimobox::cli
