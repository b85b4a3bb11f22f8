#include "cli/bench_format.h"

#include <chrono>

#include <gtest/gtest.h>

namespace mimobox::cli {
namespace {

using std::chrono::nanoseconds;

TEST(FormatTime, ShowsThreeDigits) {
  EXPECT_EQ(format_time(nanoseconds{0}), "0 ns");
  EXPECT_EQ(format_time(nanoseconds{999}), "999 ns");
  EXPECT_EQ(format_time(nanoseconds{1'000}), "1.00 us");
  EXPECT_EQ(format_time(nanoseconds{9'996}), "10.0 us");
  EXPECT_EQ(format_time(nanoseconds{12'340}), "12.3 us");
  EXPECT_EQ(format_time(nanoseconds{999'600}), "1.00 ms");
  EXPECT_EQ(format_time(nanoseconds{123'400'000}), "123 ms");
  EXPECT_EQ(format_time(nanoseconds{61'000'000'000}), "61.0 s");
}

TEST(FormatRate, ShowsThreeDigits) {
  EXPECT_EQ(format_rate(12.34), "12.3");
  EXPECT_EQ(format_rate(1234), "1.23 k");
  EXPECT_EQ(format_rate(345'600), "346 k");
  EXPECT_EQ(format_rate(1'234'000), "1.23 M");
}

}  // namespace
}  // namespace mimobox::cli
