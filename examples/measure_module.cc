// Says what running a module costs on this machine: measure_module MODULE
#include <chrono>
#include <iostream>

#include "mimobox/bench.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: measure_module MODULE\n";
    return 2;
  }
  auto workload = mimobox::bench_workload_of(argv[1]);
  if (!workload) {
    std::cerr << workload.error().message << '\n';
    return 1;
  }
  mimobox::BenchConfig config;
  config.workloads = {*workload};
  config.measuring_time = std::chrono::milliseconds{50};

  const auto report = mimobox::run_benchmark(config);
  if (!report) {
    std::cerr << report.error().message << '\n';
    return 1;
  }
  for (const mimobox::BenchMeasurement& measured : report->measurements) {
    std::cout << mimobox::bench_stage_label(measured.stage) << ": "
              << measured.times.p50 / std::chrono::microseconds{1} << " us, of "
              << measured.times.samples.size() << " samples\n";
  }
  for (const mimobox::BenchThroughput& measured : report->throughput) {
    std::cout << measured.threads << " threads: " << measured.runs_per_second << " runs/s\n";
  }
}
