#include "bench/checks.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace mimobox::bench {
namespace {

using std::chrono::nanoseconds;

BenchMeasurement measured(const std::string& workload, BenchStage stage, int p50) {
  return {.workload = workload, .stage = stage, .times = bench_times({nanoseconds{p50}})};
}

BenchReport report() {
  BenchReport report;
  report.workloads = {{.name = "a", .checked = true}, {.name = "b", .checked = false}};
  report.measurements = {measured("", BenchStage::kEngine, 10), measured("a", BenchStage::kHot, 10),
                         measured("a", BenchStage::kCold, 99), measured("b", BenchStage::kHot, 10)};
  return report;
}

TEST(BenchChecks, PassBelowTheTargetOnly) {
  for (const auto& [limit, passed] : {std::pair{11, true}, {10, false}, {9, false}}) {
    const auto checks = check_targets(report(), {{BenchStage::kHot, nanoseconds{limit}}});
    ASSERT_EQ(checks.size(), 1U);
    EXPECT_EQ(checks[0].passed, passed) << limit;
    EXPECT_EQ(checks[0].p50, nanoseconds{10});
  }
}

TEST(BenchChecks, WithoutANameAreForCheckedWorkloads) {
  const auto checks = check_targets(report(), {{BenchStage::kHot, nanoseconds{11}}});
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_EQ(checks[0].workload, "a");
}

TEST(BenchChecks, WithANameAreForThatWorkload) {
  const auto checks = check_targets(report(), {{BenchStage::kHot, nanoseconds{11}, "b"}});
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_EQ(checks[0].workload, "b");
}

TEST(BenchChecks, OfTheEngineNeedNoWorkload) {
  EXPECT_EQ(check_targets(report(), {{BenchStage::kEngine, nanoseconds{11}}}).size(), 1U);
}

TEST(BenchChecks, NeedAMeasurementWithSamples) {
  BenchReport stopped = report();
  stopped.measurements[1].times = {};
  EXPECT_TRUE(check_targets(stopped, {{BenchStage::kHot, nanoseconds{11}}}).empty());
  EXPECT_TRUE(check_targets(stopped, {{BenchStage::kCompile, nanoseconds{11}}}).empty());
}

TEST(BenchReport, PassesUnlessACheckFailed) {
  BenchReport all = report();
  EXPECT_TRUE(all.passed());
  all.checks = check_targets(all, {{BenchStage::kHot, nanoseconds{11}}});
  EXPECT_TRUE(all.passed());
  all.checks = check_targets(
      all, {{BenchStage::kHot, nanoseconds{11}}, {BenchStage::kCold, nanoseconds{11}}});
  EXPECT_FALSE(all.passed());
}

}  // namespace
}  // namespace mimobox::bench
