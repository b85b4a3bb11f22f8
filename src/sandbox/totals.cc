#include "sandbox/totals.h"

#include <chrono>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace mimobox::internal {
namespace {

template <class Enum>
constexpr std::size_t count_until(Enum last) {
  return static_cast<std::size_t>(std::to_underlying(last)) + 1;
}

constexpr std::array<std::string_view, 7> kPhases = {"load", "compile",  "queue",   "instantiate",
                                                     "run",  "callback", "teardown"};
constexpr std::size_t kCodeSources = count_until(CodeSource::kCompiled);
constexpr std::array<std::string_view, 2> kStreams = {"stdout", "stderr"};

}  // namespace

/// Where the counters of each family stand in a shard.
struct TotalsLayout {
  static constexpr std::size_t kVerdicts = 0;
  static constexpr std::size_t kErrors = kVerdicts + count_until(Verdict::kCallbackFailed);
  static constexpr std::size_t kLimits = kErrors + count_until(ErrorCode::kInternal);
  static constexpr std::size_t kSeconds = kLimits + count_until(LimitHit::kScratchFiles);
  static constexpr std::size_t kCpu = kSeconds + kPhases.size();
  static constexpr std::size_t kFuel = kCpu + 1;
  static constexpr std::size_t kDeniedGrows = kFuel + 1;
  static constexpr std::size_t kDeniedTableGrows = kDeniedGrows + 1;
  static constexpr std::size_t kFilesOpened = kDeniedTableGrows + 1;
  static constexpr std::size_t kCalls = kFilesOpened + 1;
  static constexpr std::size_t kCallBytes = kCalls + kHostCallKinds;
  static constexpr std::size_t kOutputBytes = kCallBytes + kHostCallKinds;
  static constexpr std::size_t kOutputsCut = kOutputBytes + kStreams.size();
  static constexpr std::size_t kCode = kOutputsCut + kStreams.size();
  static constexpr std::size_t kEnd = kCode + kCodeSources;
  static_assert(kEnd <= Totals::kCounters);
};

namespace {

using Layout = TotalsLayout;

/// One metric with its values by label.
struct Family {
  std::string_view name;
  std::string_view help;
  std::string_view label;  ///< empty: one value without
  std::size_t first;
  std::size_t count;
  std::string_view (*label_value)(std::size_t index);
  bool is_time = false;  ///< nanoseconds, told as seconds
};

std::string_view no_label(std::size_t /*index*/) {
  return {};
}

constexpr Family kFamilies[] = {
    {"mimobox_runs_total", "Runs that ended, by verdict", "verdict", Layout::kVerdicts,
     Layout::kErrors - Layout::kVerdicts,
     [](std::size_t i) { return verdict_name(static_cast<Verdict>(i)); }},
    {"mimobox_run_errors_total", "Runs that could not begin, by error", "code", Layout::kErrors,
     Layout::kLimits - Layout::kErrors,
     [](std::size_t i) { return error_code_name(static_cast<ErrorCode>(i)); }},
    {"mimobox_limits_hit_total", "Runs by the bound that they ran into", "limit",
     Layout::kLimits + 1, Layout::kSeconds - Layout::kLimits - 1,
     [](std::size_t i) { return limit_hit_name(static_cast<LimitHit>(i + 1)); }},
    {"mimobox_run_code_total", "Runs that ended, by where their code came from", "source",
     Layout::kCode, kCodeSources,
     [](std::size_t i) { return code_source_name(static_cast<CodeSource>(i)); }},
    {"mimobox_run_seconds_total", "Wall-clock time of runs, by phase", "phase", Layout::kSeconds,
     kPhases.size(), [](std::size_t i) { return kPhases[i]; }, true},
    {"mimobox_cpu_seconds_total", "CPU time of runs, where it was measured", "", Layout::kCpu, 1,
     no_label, true},
    {"mimobox_fuel_used_total", "Fuel used", "", Layout::kFuel, 1, no_label},
    {"mimobox_denied_grows_total", "Grows of memories that were denied", "", Layout::kDeniedGrows,
     1, no_label},
    {"mimobox_denied_table_grows_total", "Grows of tables that were denied", "",
     Layout::kDeniedTableGrows, 1, no_label},
    {"mimobox_files_opened_total", "Files and folders that guests opened", "", Layout::kFilesOpened,
     1, no_label},
    {"mimobox_host_calls_total", "WASI calls, by kind", "kind", Layout::kCalls, kHostCallKinds,
     [](std::size_t i) { return host_call_kind_name(static_cast<HostCallKind>(i)); }},
    {"mimobox_host_call_bytes_total", "Bytes that WASI calls moved, by kind", "kind",
     Layout::kCallBytes, kHostCallKinds,
     [](std::size_t i) { return host_call_kind_name(static_cast<HostCallKind>(i)); }},
    {"mimobox_output_bytes_total", "Bytes that guests wrote to their streams", "stream",
     Layout::kOutputBytes, kStreams.size(), [](std::size_t i) { return kStreams[i]; }},
    {"mimobox_outputs_truncated_total", "Streams that were longer than their limit", "stream",
     Layout::kOutputsCut, kStreams.size(), [](std::size_t i) { return kStreams[i]; }},
};

std::string value_text(const Family& family, std::uint64_t value) {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  return family.is_time ? fmt::format("{}.{:09}", value / kSecond, value % kSecond)
                        : fmt::format("{}", value);
}

std::uint64_t number(std::chrono::nanoseconds time) {
  return time.count() < 0 ? 0 : static_cast<std::uint64_t>(time.count());
}

}  // namespace

Totals::Counters Totals::sum() const noexcept {
  Counters total{};
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    for (std::size_t i = 0; i < kCounters; ++i)
      total[i] += shard.counters[i];
  }
  return total;
}

void Totals::count(const RunResult& result, std::chrono::nanoseconds loading) noexcept {
  const Metrics& metrics = result.metrics;
  Shard& mine = shard();
  const std::lock_guard lock(mine.mutex);
  Counters& sums = mine.counters;
  ++sums[Layout::kVerdicts + std::to_underlying(result.verdict)];
  if (result.limit_hit != LimitHit::kNone) {
    ++sums[Layout::kLimits + std::to_underlying(result.limit_hit)];
  }
  ++sums[Layout::kCode + std::to_underlying(metrics.code_source)];
  // Not the metrics' own `load_time`, which each run of a module has.
  sums[Layout::kSeconds] += number(loading);
  sums[Layout::kSeconds + 1] += number(metrics.compile_time);
  sums[Layout::kSeconds + 2] += number(metrics.queue_time);
  sums[Layout::kSeconds + 3] += number(metrics.instantiate_time);
  sums[Layout::kSeconds + 4] += number(metrics.run_time);
  sums[Layout::kSeconds + 5] += number(metrics.callback_time);
  sums[Layout::kSeconds + 6] += number(metrics.teardown_time);
  if (metrics.cpu_time) sums[Layout::kCpu] += number(*metrics.cpu_time);
  if (metrics.fuel_used) sums[Layout::kFuel] += *metrics.fuel_used;
  sums[Layout::kDeniedGrows] += metrics.denied_grows;
  sums[Layout::kDeniedTableGrows] += metrics.denied_table_grows;
  sums[Layout::kFilesOpened] += metrics.files_opened;
  for (std::size_t kind = 0; kind < kHostCallKinds; ++kind) {
    sums[Layout::kCalls + kind] += metrics.host_calls[kind].calls;
    sums[Layout::kCallBytes + kind] += metrics.host_calls[kind].bytes;
  }
  sums[Layout::kOutputBytes] += result.out.total_bytes;
  sums[Layout::kOutputBytes + 1] += result.err.total_bytes;
  sums[Layout::kOutputsCut] += result.out.truncated ? 1U : 0U;
  sums[Layout::kOutputsCut + 1] += result.err.truncated ? 1U : 0U;
}

void Totals::count(ErrorCode error, std::chrono::nanoseconds loading) noexcept {
  Shard& mine = shard();
  const std::lock_guard lock(mine.mutex);
  ++mine.counters[Layout::kErrors + std::to_underlying(error)];
  mine.counters[Layout::kSeconds] += number(loading);
}

void Totals::count_load(std::chrono::nanoseconds time) noexcept {
  Shard& mine = shard();
  const std::lock_guard lock(mine.mutex);
  mine.counters[Layout::kSeconds] += number(time);
}

std::string Totals::text() const {
  std::string text;
  const Counters sums = sum();
  for (const Family& family : kFamilies) {
    fmt::format_to(std::back_inserter(text), "# HELP {0} {1}\n# TYPE {0} counter\n", family.name,
                   family.help);
    for (std::size_t i = 0; i < family.count; ++i) {
      const std::string value = value_text(family, sums[family.first + i]);
      if (family.label.empty()) {
        fmt::format_to(std::back_inserter(text), "{} {}\n", family.name, value);
      } else {
        fmt::format_to(std::back_inserter(text), "{}{{{}=\"{}\"}} {}\n", family.name, family.label,
                       family.label_value(i), value);
      }
    }
  }
  return text;
}

std::string metric_text(std::string_view name, std::string_view type, std::string_view help,
                        std::uint64_t value) {
  return fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help, type, value);
}

}  // namespace mimobox::internal
