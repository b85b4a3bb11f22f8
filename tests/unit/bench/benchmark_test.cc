#include <algorithm>
#include <chrono>
#include <cstddef>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mimobox/bench.h"

namespace mimobox {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::string_view kNothing = R"((module (memory (export "memory") 1)
  (func (export "_start"))))";

const std::vector<BenchStage> kInProcess = {BenchStage::kCompile, BenchStage::kCold,
                                            BenchStage::kNewSandbox, BenchStage::kHotPath,
                                            BenchStage::kHot};

BenchWorkload workload(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {.name = "small.wat",
          .module = {bytes.begin(), bytes.end()},
          .stages = kInProcess,
          .throughput = true,
          .checked = true};
}

BenchConfig config_of(const BenchWorkload& of) {
  BenchConfig config;
  config.workloads = {of};
  config.iterations = 2;
  config.threads = {1, 2};
  return config;
}

TEST(RunBenchmark, MeasuresEachStageAsOftenAsAsked) {
  const auto report = run_benchmark(config_of(workload(kNothing)));
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_THAT(report->measurements, SizeIs(1 + kInProcess.size()));
  EXPECT_EQ(report->measurements[0].stage, BenchStage::kEngine);
  for (std::size_t i = 0; i < kInProcess.size(); ++i) {
    const BenchMeasurement& measured = report->measurements[i + 1];
    EXPECT_EQ(measured.workload, "small.wat");
    EXPECT_EQ(measured.stage, kInProcess[i]);
    EXPECT_THAT(measured.times.samples, SizeIs(2));
    EXPECT_GT(measured.times.min.count(), 0);
    EXPECT_EQ(measured.peak_memory_bytes, kInProcess[i] == BenchStage::kCompile ? 0U : 65536U);
  }
  EXPECT_FALSE(report->stopped);
  EXPECT_FALSE(report->machine.system.empty());
}

TEST(RunBenchmark, MeasuresThroughput) {
  const auto report = run_benchmark(config_of(workload(kNothing)));
  ASSERT_TRUE(report);
  ASSERT_THAT(report->throughput, SizeIs(2));
  EXPECT_EQ(report->throughput[0].threads, 1U);
  EXPECT_EQ(report->throughput[0].runs, 2U);
  EXPECT_EQ(report->throughput[0].speed_up, 1.0);
  EXPECT_EQ(report->throughput[1].threads, 2U);
  EXPECT_EQ(report->throughput[1].runs, 4U);
  EXPECT_GT(report->throughput[1].runs_per_second, 0.0);
}

TEST(RunBenchmark, TellsItsProgress) {
  BenchConfig config = config_of(workload(kNothing));
  std::vector<std::size_t> steps;
  std::vector<std::string> what;
  config.progress = [&](const BenchProgress& progress) {
    steps.push_back(progress.step);
    what.emplace_back(progress.what);
    EXPECT_EQ(progress.steps, 1 + kInProcess.size() + 2);
  };
  ASSERT_TRUE(run_benchmark(config));
  ASSERT_THAT(steps, SizeIs(1 + kInProcess.size() + 2));
  EXPECT_TRUE(std::ranges::is_sorted(steps));
  EXPECT_EQ(what[1], "small.wat: first compile");
}

TEST(RunBenchmark, SaysThatWholeProcessesNeedTheCommand) {
  BenchWorkload with_process = workload(kNothing);
  with_process.stages = {BenchStage::kProcessCold};
  const auto report = run_benchmark(config_of(with_process));
  ASSERT_TRUE(report);
  EXPECT_THAT(report->measurements, SizeIs(1));
  ASSERT_THAT(report->missing, SizeIs(1));
  EXPECT_EQ(report->missing[0].what, "whole processes");
}

TEST(RunBenchmark, ChecksTheTargets) {
  BenchConfig config = config_of(workload(kNothing));
  config.targets = {{BenchStage::kHot, std::chrono::nanoseconds{1}}};
  const auto missed = run_benchmark(config);
  ASSERT_THAT(missed->checks, SizeIs(1));
  EXPECT_FALSE(missed->passed());
  config.targets = {{BenchStage::kHot, std::chrono::hours{1}}};
  EXPECT_TRUE(run_benchmark(config)->passed());
}

TEST(RunBenchmark, IsAnErrorForAWorkloadThatFails) {
  for (const auto& [body, why] : {std::pair<std::string, std::string>{"unreachable", "trapped"},
                                  {"i32.const 3 call $exit", "exit code 3"}}) {
    const auto report = run_benchmark(config_of(workload(
        R"((module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
           (memory (export "memory") 1) (func (export "_start") )" +
        body + "))")));
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::kInvalidConfig);
    EXPECT_THAT(report.error().message, HasSubstr("small.wat"));
    EXPECT_THAT(report.error().message, HasSubstr(why));
  }
}

TEST(RunBenchmark, IsAnErrorForWhatIsNoModule) {
  EXPECT_EQ(run_benchmark(config_of(workload("no module"))).error().code,
            ErrorCode::kModuleInvalid);
}

TEST(RunBenchmark, StopsWhenAsked) {
  BenchConfig config = config_of(workload(kNothing));
  std::stop_source stop;
  config.stop = stop.get_token();
  config.progress = [&](const BenchProgress& progress) {
    if (progress.step == 2) stop.request_stop();
  };
  const auto report = run_benchmark(config);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->stopped);
  EXPECT_THAT(report->measurements, SizeIs(2));
  EXPECT_THAT(report->measurements[1].times.samples, SizeIs(0));
}

TEST(BuiltinWorkloads, RunAndEndWell) {
  BenchConfig config;
  ASSERT_FALSE(config.workloads.empty());
  config.iterations = 1;
  config.threads = {1};
  const auto report = run_benchmark(config);
  ASSERT_TRUE(report) << report.error().message;
  for (const BenchWorkload& of : config.workloads) {
    EXPECT_TRUE(std::ranges::any_of(report->measurements, [&](const BenchMeasurement& measured) {
      return measured.workload == of.name && measured.stage == BenchStage::kHot;
    })) << of.name;
  }
}

TEST(BuiltinWorkloads, UseTheMemoryThatTheySay) {
  BenchConfig config;
  config.iterations = 1;
  std::erase_if(config.workloads,
                [](const BenchWorkload& of) { return !of.name.starts_with("memory-"); });
  ASSERT_THAT(config.workloads, SizeIs(4));
  const auto report = run_benchmark(config);
  ASSERT_TRUE(report) << report.error().message;
  for (const BenchMeasurement& measured : report->measurements) {
    if (measured.workload.empty()) continue;
    EXPECT_LE(measured.peak_memory_bytes, measured.memory_limit_bytes);
    EXPECT_GT(measured.peak_memory_bytes, measured.memory_limit_bytes * 9 / 10);
  }
}

}  // namespace
}  // namespace mimobox
