#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mimobox/bench.h"

#include "bench/checks.h"
#include "bench/comparison.h"
#include "bench/in_process.h"
#include "bench/machine.h"
#include "bench/prepared_workload.h"
#include "bench/temporary_folder.h"
#include "bench/throughput.h"
#include "bench/whole_process.h"

namespace mimobox {
namespace {

using bench::PreparedWorkload;

bool is_whole_process(BenchStage stage) {
  return stage == BenchStage::kProcessCold || stage == BenchStage::kProcessWarm;
}

/// All steps of a benchmark are planned first, so that progress has a number to go by.
class Benchmark {
 public:
  Benchmark(const BenchConfig& config, const bench::TemporaryFolder& home)
      : config_(config), home_(home) {
    report_.machine = bench::describe_machine();
  }

  Result<BenchReport> run() {
    if (auto prepared = prepare(); !prepared) return std::unexpected(std::move(prepared).error());
    plan();
    for (std::size_t i = 0; i < steps_.size() && !config_.stop.stop_requested(); ++i) {
      if (config_.progress) config_.progress({i + 1, steps_.size(), steps_[i].what});
      if (auto done = steps_[i].take(); !done) return std::unexpected(std::move(done).error());
    }
    report_.stopped = config_.stop.stop_requested();
    report_.checks = bench::check_targets(report_, config_.targets);
    return std::move(report_);
  }

 private:
  struct Step {
    std::string what;
    std::function<Result<void>()> take;
  };

  Result<void> prepare() {
    for (const BenchWorkload& workload : config_.workloads) {
      auto prepared = PreparedWorkload::create(workload, home_);
      if (!prepared) return std::unexpected(std::move(prepared).error());
      workloads_.push_back(*std::move(prepared));
      BenchWorkload told = workload;
      told.module = {};
      told.input = {};
      report_.workloads.push_back(std::move(told));
    }
    if (config_.peers.empty() || config_.command.empty()) return {};
    auto peers = bench::find_peers(config_, home_, report_.missing);
    if (!peers) return std::unexpected(std::move(peers).error());
    peers_ = *std::move(peers);
    return {};
  }

  void plan() {
    measure("engine creation", [this] { return bench::measure_engine(config_); });
    for (const PreparedWorkload& workload : workloads_)
      plan_stages(workload);
    for (const PreparedWorkload& workload : workloads_) {
      if (workload.workload().throughput) plan_throughput(workload);
    }
    plan_comparisons();
    if (config_.command.empty()) {
      report_.missing.push_back(
          {"whole processes", "no path of the command mimobox-wasm is given"});
    }
  }

  void plan_stages(const PreparedWorkload& workload) {
    for (const BenchStage stage : workload.workload().stages) {
      if (is_whole_process(stage) && config_.command.empty()) continue;
      measure(fmt::format("{}: {}", workload.workload().name, bench_stage_label(stage)),
              [this, &workload, stage] {
                return is_whole_process(stage)
                           ? bench::measure_process(config_, workload, home_, stage)
                           : bench::measure_in_process(config_, workload, stage);
              });
    }
  }

  void plan_throughput(const PreparedWorkload& workload) {
    for (const std::size_t threads : bench::thread_counts(config_)) {
      steps_.push_back(
          {fmt::format("{}: throughput on {} threads", workload.workload().name, threads),
           [this, &workload, threads]() -> Result<void> {
             auto measured = bench::measure_throughput(config_, workload, threads);
             if (!measured) return std::unexpected(std::move(measured).error());
             add(*std::move(measured));
             return {};
           }});
    }
  }

  void plan_comparisons() {
    if (peers_.empty()) return;
    for (const PreparedWorkload& workload : workloads_) {
      if (!workload.workload().compared) continue;
      steps_.push_back({fmt::format("{}: comparison", workload.workload().name),
                        [this, &workload]() -> Result<void> {
                          auto compared = bench::compare(config_, workload, peers_, home_);
                          if (!compared) return std::unexpected(std::move(compared).error());
                          report_.comparisons.push_back(*std::move(compared));
                          return {};
                        }});
    }
  }

  template <class Take>
  void measure(std::string what, Take take) {
    steps_.push_back({std::move(what), [this, take]() -> Result<void> {
                        auto measured = take();
                        if (!measured) return std::unexpected(std::move(measured).error());
                        report_.measurements.push_back(*std::move(measured));
                        return {};
                      }});
  }

  void add(BenchThroughput measured) {
    double first = measured.runs_per_second;
    for (const BenchThroughput& other : report_.throughput) {
      if (other.workload != measured.workload) continue;
      first = other.runs_per_second;
      break;
    }
    measured.speed_up = first > 0 ? measured.runs_per_second / first : 0;
    report_.throughput.push_back(std::move(measured));
  }

  const BenchConfig& config_;
  const bench::TemporaryFolder& home_;
  std::vector<PreparedWorkload> workloads_;
  std::vector<bench::FoundPeer> peers_;
  std::vector<Step> steps_;
  BenchReport report_;
};

}  // namespace

Result<BenchReport> run_benchmark(const BenchConfig& config) {
  if (auto valid = config.validate(); !valid) return std::unexpected(std::move(valid).error());
  const auto home = bench::TemporaryFolder::create();
  if (!home) return std::unexpected(home.error());
  return Benchmark(config, *home).run();
}

}  // namespace mimobox
