#include "bench/checks.h"

#include <algorithm>

namespace mimobox {

bool BenchReport::passed() const {
  return std::ranges::all_of(checks, &BenchCheck::passed);
}

namespace bench {
namespace {

/// The engine belongs to no workload: each target of its stage is for it.
bool concerns(const BenchTarget& target, const std::string& workload, const BenchReport& report) {
  if (!target.workload.empty()) return target.workload == workload;
  if (workload.empty()) return true;
  const auto found = std::ranges::find(report.workloads, workload, &BenchWorkload::name);
  return found != report.workloads.end() && found->checked;
}

}  // namespace

std::vector<BenchCheck> check_targets(const BenchReport& report,
                                      const std::vector<BenchTarget>& targets) {
  std::vector<BenchCheck> checks;
  for (const BenchTarget& target : targets) {
    for (const BenchMeasurement& measured : report.measurements) {
      if (measured.stage != target.stage || measured.times.samples.empty()) continue;
      if (!concerns(target, measured.workload, report)) continue;
      checks.push_back({.target = target,
                        .workload = measured.workload,
                        .p50 = measured.times.p50,
                        .passed = measured.times.p50 < target.p50_below});
    }
  }
  return checks;
}

}  // namespace bench
}  // namespace mimobox
