#include "cli/bench_format.h"

#include <chrono>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace mimobox::cli {
namespace {

/// Three digits, whatever the size.
std::string three_digits(double value, std::string_view unit) {
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f}{}", value, decimals, unit);
}

}  // namespace

std::string format_time(std::chrono::nanoseconds time) {
  const auto ns = static_cast<double>(time.count());
  if (ns < 999.5) return fmt::format("{} ns", time.count());
  if (ns < 999.5e3) return three_digits(ns / 1e3, " us");
  if (ns < 999.5e6) return three_digits(ns / 1e6, " ms");
  return three_digits(ns / 1e9, " s");
}

std::string format_rate(double per_second) {
  if (per_second < 999.5) return three_digits(per_second, "");
  if (per_second < 999.5e3) return three_digits(per_second / 1e3, " k");
  return three_digits(per_second / 1e6, " M");
}

std::string format_ratio(double ratio) {
  return fmt::format("{:.2f}x", ratio);
}

std::string describe(const std::string& workload, BenchStage stage) {
  const std::string_view label = bench_stage_label(stage);
  return workload.empty() ? std::string(label) : fmt::format("{}: {}", workload, label);
}

std::string describe(const BenchMachine& machine) {
  return fmt::format(
      "mimobox-wasm {} ({}) on {} x {}, {}", machine.version, machine.engine, machine.processors,
      machine.processor.empty() ? "an unnamed processor" : machine.processor, machine.system);
}

}  // namespace mimobox::cli
