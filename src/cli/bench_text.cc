#include <cstddef>
#include <string>

#include <fmt/format.h>

#include "mimobox/bench.h"

#include "cli/bench_format.h"
#include "cli/bench_report.h"
#include "cli/escape.h"
#include "cli/parse.h"
#include "cli/text_table.h"

namespace mimobox::cli {
namespace {

constexpr std::size_t kWidestVersion = 40;

std::string section(std::string_view title, const TextTable& table) {
  return table.empty() ? "" : fmt::format("\n{}\n\n{}", title, table.text());
}

std::string measurements(const BenchReport& report) {
  TextTable table(
      {"workload", "measured", "n", "min", "P50", "P95", "P99", "average", "max", "memory"}, 2);
  for (const BenchMeasurement& measured : report.measurements) {
    const BenchTimes& times = measured.times;
    table.add({escape_for_terminal(measured.workload),
               std::string(bench_stage_label(measured.stage)), std::to_string(times.samples.size()),
               format_time(times.min), format_time(times.p50), format_time(times.p95),
               format_time(times.p99), format_time(times.average), format_time(times.max),
               measured.peak_memory_bytes > 0 ? format_bytes(measured.peak_memory_bytes) : ""});
  }
  return section("Times", table);
}

std::string throughput(const BenchReport& report) {
  TextTable table({"workload", "threads", "runs", "runs/s", "speed-up"}, 1);
  for (const BenchThroughput& measured : report.throughput) {
    table.add({escape_for_terminal(measured.workload), std::to_string(measured.threads),
               std::to_string(measured.runs), format_rate(measured.runs_per_second),
               format_ratio(measured.speed_up)});
  }
  return section("Throughput", table);
}

std::string comparisons(const BenchReport& report) {
  TextTable table({"workload", "program", "version", "n", "min", "P50", "ratio"}, 3);
  for (const BenchComparison& comparison : report.comparisons) {
    for (const BenchContender& contender : comparison.contenders) {
      if (!contender.failure.empty()) continue;
      table.add({escape_for_terminal(comparison.workload), contender.name,
                 escape_for_terminal(contender.version.substr(0, kWidestVersion)),
                 std::to_string(contender.times.samples.size()), format_time(contender.times.min),
                 format_time(contender.times.p50), format_ratio(contender.ratio)});
    }
  }
  return section("Whole processes, caches filled, in alternation", table);
}

std::string missing(const BenchReport& report) {
  std::string lines;
  for (const BenchMissing& missing : report.missing)
    lines += fmt::format("  {}: {}\n", escape_for_terminal(missing.what),
                         escape_for_terminal(missing.why));
  for (const BenchComparison& comparison : report.comparisons) {
    for (const BenchContender& contender : comparison.contenders) {
      if (contender.failure.empty()) continue;
      lines +=
          fmt::format("  {} on {}: {}\n", contender.name, escape_for_terminal(comparison.workload),
                      escape_for_terminal(contender.failure));
    }
  }
  return lines.empty() ? "" : "\nNot measured\n\n" + lines;
}

std::string targets(const BenchReport& report) {
  std::string lines;
  for (const BenchCheck& check : report.checks) {
    lines += fmt::format("  [{}] {}: P50 {} {} {}\n", check.passed ? "PASS" : "FAIL",
                         escape_for_terminal(describe(check.workload, check.target.stage)),
                         format_time(check.p50),
                         check.passed ? "<" : ">=", format_time(check.target.p50_below));
  }
  return lines.empty() ? "" : "\nTargets\n\n" + lines;
}

}  // namespace

std::string bench_text(const BenchReport& report) {
  return escape_for_terminal(describe(report.machine)) + "\n" + measurements(report) +
         throughput(report) + comparisons(report) + missing(report) + targets(report);
}

}  // namespace mimobox::cli
