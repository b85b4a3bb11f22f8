#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "mimobox/bench.h"

#include "cli/bench_format.h"
#include "cli/bench_report.h"
#include "cli/bench_svg.h"
#include "cli/escape.h"
#include "cli/parse.h"

namespace mimobox::cli {
namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --ink: #1c2430; --soft: #5d6878;
  --line: #dfe3e9; --ours: #2563c9; --other: #9aa6b5; --late: #c2571a; --good: #1a7f4b; --bad: #c0392b; }
@media (prefers-color-scheme: dark) { :root { --page: #12161c; --card: #1a2029; --ink: #e6eaf0;
  --soft: #98a4b3; --line: #2d3643; --ours: #6ea0f5; --other: #64707f; --late: #f09a5c; --good: #4fc78a;
  --bad: #f0796d; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1000px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 32px 0 8px; }
h3 { font-size: 15px; margin: 0; } p { margin: 0 0 12px; } .soft { color: var(--soft); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 14px 16px;
  margin: 0 0 14px; }
.row { display: grid; grid-template-columns: 190px minmax(0, 1fr) 150px; gap: 4px 14px;
  align-items: center; padding: 5px 0; }
.row + .row { border-top: 1px solid var(--line); }
.name { overflow-wrap: anywhere; } .value { text-align: right; font-variant-numeric: tabular-nums; }
svg { display: block; width: 100%; height: 36px; }
svg * { vector-effect: non-scaling-stroke; }
.grid { stroke: var(--line); } .curve { fill: var(--ours); fill-opacity: .35; stroke: var(--ours); }
.p50 { stroke: var(--ours); stroke-width: 2.5; } .p99 { stroke: var(--late); stroke-dasharray: 3 2; stroke-width: 1.5; }
rect.ours { fill: var(--ours); } rect.other { fill: var(--other); }
.axis { position: relative; height: 20px; font-size: 12px; color: var(--soft); }
.axis span { position: absolute; transform: translateX(-50%); white-space: nowrap; }
.axis span:first-child { transform: none; } .axis span:last-child { transform: translateX(-100%); }
.key { display: inline-block; width: 18px; border-top: 2.5px solid var(--ours); vertical-align: middle; }
.key.late { border-top: 1.5px dashed var(--late); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 13.5px; }
th, td { padding: 4px 8px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 500; } .left { text-align: left; }
.verdict { font-weight: 700; } .pass { color: var(--good); } .fail { color: var(--bad); }
ul { list-style: none; margin: 0; padding: 0; } li { padding: 2px 0; overflow-wrap: anywhere; }
@media (max-width: 640px) { .row { grid-template-columns: 1fr auto; }
  .row > .picture { grid-column: 1 / -1; grid-row: 2; } .row > .axis-gap { display: none; } }
)";

/// Text of a page: nothing in it is markup, and what is no printable ASCII is escaped.
std::string html(std::string_view text) {
  std::string shown;
  for (const char character : escape_for_terminal(text)) {
    switch (character) {
      case '&':
        shown += "&amp;";
        break;
      case '<':
        shown += "&lt;";
        break;
      case '>':
        shown += "&gt;";
        break;
      case '"':
        shown += "&quot;";
        break;
      default:
        shown += character;
    }
  }
  return shown;
}

std::string row(std::string_view name, std::string_view picture, std::string_view value) {
  return fmt::format(
      "<div class=\"row\"><div class=\"name\">{}</div><div class=\"picture\">{}</div>"
      "<div class=\"value\">{}</div></div>\n",
      name, picture, value);
}

std::string axis(const TimeScale& scale) {
  std::string ticks;
  for (const std::chrono::nanoseconds tick : scale.ticks()) {
    const double at = scale.at(tick) * 100;
    const auto ns = tick.count();
    const std::string shown = ns < 1'000           ? fmt::format("{} ns", ns)
                              : ns < 1'000'000     ? fmt::format("{} us", ns / 1'000)
                              : ns < 1'000'000'000 ? fmt::format("{} ms", ns / 1'000'000)
                                                   : fmt::format("{} s", ns / 1'000'000'000);
    ticks += fmt::format("<span style=\"left:{:.2f}%\">{}</span>", at, shown);
  }
  return fmt::format(
      "<div class=\"row\"><div class=\"axis-gap\"></div><div class=\"picture axis\">{}"
      "</div><div class=\"axis-gap\"></div></div>\n",
      ticks);
}

std::string targets(const BenchReport& report) {
  std::string items;
  for (const BenchCheck& check : report.checks) {
    items += fmt::format("<li><span class=\"verdict {}\">{}</span> {}: P50 {} {} {}</li>\n",
                         check.passed ? "pass" : "fail", check.passed ? "PASS" : "FAIL",
                         html(describe(check.workload, check.target.stage)), format_time(check.p50),
                         check.passed ? "&lt;" : "&ge;", format_time(check.target.p50_below));
  }
  if (items.empty()) return "";
  return fmt::format("<h2>Targets</h2>\n<div class=\"card\"><ul>\n{}</ul></div>\n", items);
}

/// A distribution and the words beside it.
struct Picture {
  std::string name;  ///< HTML
  const BenchTimes* times;
};

/// A card of pictures on one scale; nothing without pictures.
std::string card(std::string_view title, std::string_view summary,
                 const std::vector<Picture>& pictures) {
  if (pictures.empty()) return "";
  std::vector<const BenchTimes*> all;
  for (const Picture& picture : pictures)
    all.push_back(picture.times);
  const TimeScale scale(all);
  std::string rows;
  for (const Picture& picture : pictures) {
    rows +=
        row(picture.name, distribution_svg(*picture.times, scale), format_time(picture.times->p50));
  }
  return fmt::format("<div class=\"card\"><h3>{}</h3><p class=\"soft\">{}</p>\n{}{}</div>\n",
                     html(title), html(summary), rows, axis(scale));
}

/// A card for the engine and for each workload of several stages; those of one stage share one.
std::string all_distributions(const BenchReport& report) {
  std::string cards;
  std::vector<Picture> alone;
  for (const BenchMeasurement& measured : report.measurements) {
    if (measured.workload.empty()) {
      cards += card("engine", "a new runtime, without a module",
                    {{std::string(bench_stage_label(measured.stage)), &measured.times}});
    }
  }
  for (const BenchWorkload& workload : report.workloads) {
    std::vector<Picture> pictures;
    for (const BenchMeasurement& measured : report.measurements) {
      if (measured.workload != workload.name) continue;
      pictures.push_back({std::string(bench_stage_label(measured.stage)), &measured.times});
    }
    if (pictures.size() == 1) {
      alone.push_back({fmt::format("{} <span class=\"soft\">{}</span>", html(workload.name),
                                   html(workload.summary)),
                       pictures[0].times});
    } else {
      cards += card(workload.name, workload.summary, pictures);
    }
  }
  cards += card("other workloads", "a fresh instance each time, the module in hand", alone);
  return "<h2>Distributions</h2>\n<p class=\"soft\">How often which time was measured, on a "
         "logarithmic scale; the height is the root of the count. <span class=\"key\"></span> P50, "
         "<span class=\"key late\"></span> P99. The figure is the P50.</p>\n" +
         cards;
}

std::string throughput(const BenchReport& report) {
  if (report.throughput.empty()) return "";
  std::string cards;
  for (const BenchWorkload& workload : report.workloads) {
    double most = 0;
    for (const BenchThroughput& measured : report.throughput) {
      if (measured.workload == workload.name) most = std::max(most, measured.runs_per_second);
    }
    if (most <= 0) continue;
    std::string rows;
    for (const BenchThroughput& measured : report.throughput) {
      if (measured.workload != workload.name) continue;
      rows += row(fmt::format("{} thread{}", measured.threads, measured.threads == 1 ? "" : "s"),
                  bar_svg(measured.runs_per_second / most, true),
                  fmt::format("{}/s, {}", format_rate(measured.runs_per_second),
                              format_ratio(measured.speed_up)));
    }
    cards += fmt::format("<div class=\"card\"><h3>{}</h3>\n{}</div>\n", html(workload.name), rows);
  }
  return "<h2>Throughput</h2>\n<p class=\"soft\">Runs in a second, in one sandbox.</p>\n" + cards;
}

std::string comparison(const BenchComparison& compared) {
  std::chrono::nanoseconds longest{1};
  for (const BenchContender& contender : compared.contenders)
    longest = std::max(longest, contender.times.p50);
  std::string rows;
  for (std::size_t i = 0; i < compared.contenders.size(); ++i) {
    const BenchContender& contender = compared.contenders[i];
    const std::string name = fmt::format("{} <span class=\"soft\">{}</span>", html(contender.name),
                                         html(contender.version.substr(0, 40)));
    if (!contender.failure.empty()) {
      rows += row(name, html(contender.failure), "");
      continue;
    }
    const double share =
        static_cast<double>(contender.times.p50.count()) / static_cast<double>(longest.count());
    rows +=
        row(name, bar_svg(share, i == 0),
            fmt::format("{}, {}", format_time(contender.times.p50), format_ratio(contender.ratio)));
  }
  return fmt::format("<div class=\"card\"><h3>{}</h3>\n{}</div>\n", html(compared.workload), rows);
}

std::string comparisons(const BenchReport& report) {
  if (report.comparisons.empty()) return "";
  std::string cards;
  for (const BenchComparison& compared : report.comparisons)
    cards += comparison(compared);
  return "<h2>Whole processes</h2>\n<p class=\"soft\">The same module by each program, in "
         "alternation, their caches of compiled code filled; medians, and ratios to ours. Shorter "
         "is faster.</p>\n" +
         cards;
}

std::string missing(const BenchReport& report) {
  std::string items;
  for (const BenchMissing& missing : report.missing)
    items += fmt::format("<li>{}: {}</li>\n", html(missing.what), html(missing.why));
  if (items.empty()) return "";
  return fmt::format("<h2>Not measured</h2>\n<div class=\"card\"><ul>\n{}</ul></div>\n", items);
}

std::string figures(const BenchReport& report) {
  std::string rows;
  for (const BenchMeasurement& measured : report.measurements) {
    const BenchTimes& times = measured.times;
    rows += fmt::format(
        "<tr><td class=\"left\">{}</td><td class=\"left\">{}</td><td>{}</td><td>{}</td><td>{}</td>"
        "<td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        html(measured.workload), bench_stage_label(measured.stage), times.samples.size(),
        format_time(times.min), format_time(times.p50), format_time(times.p95),
        format_time(times.p99), format_time(times.average), format_time(times.max),
        measured.peak_memory_bytes > 0 ? format_bytes(measured.peak_memory_bytes) : "");
  }
  return fmt::format(
      "<h2>All figures</h2>\n<div class=\"card scroll\"><table>\n<tr><th "
      "class=\"left\">workload</th>"
      "<th class=\"left\">measured</th><th>n</th><th>min</th><th>P50</th><th>P95</th><th>P99</th>"
      "<th>average</th><th>max</th><th>memory</th></tr>\n{}</table></div>\n",
      rows);
}

}  // namespace

std::string bench_html(const BenchReport& report) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<title>mimobox-wasm bench</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n"
      "<h1>What a run costs</h1>\n<p "
      "class=\"soft\">{}</p>\n{}{}{}{}{}{}</main>\n</body>\n</html>\n",
      kStyle, html(describe(report.machine)), targets(report), all_distributions(report),
      throughput(report), comparisons(report), figures(report), missing(report));
}

}  // namespace mimobox::cli
