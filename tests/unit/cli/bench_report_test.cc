#include "cli/bench_report.h"

#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "mimobox/bench.h"

namespace mimobox::cli {
namespace {

using std::chrono::microseconds;
using ::testing::HasSubstr;
using ::testing::Not;

BenchReport sample_report() {
  BenchReport report;
  report.machine = {.processor = "A <processor>",
                    .processors = 2,
                    .system = "Linux",
                    .engine = "engine 1",
                    .version = "0.1"};
  report.workloads = {
      {.name = "a.wasm", .summary = "hostile </h3> \x1b[1m & more", .checked = true}};
  report.measurements = {
      {.stage = BenchStage::kEngine, .times = bench_times({microseconds{60}})},
      {.workload = "a.wasm",
       .stage = BenchStage::kHotPath,
       .times = bench_times({microseconds{3}, microseconds{4}, microseconds{50}}),
       .peak_memory_bytes = 65536,
       .memory_limit_bytes = 1 << 20}};
  report.throughput = {{"a.wasm", 1, 100, 1000.0, 1.0}, {"a.wasm", 2, 200, 1900.0, 1.9}};
  report.comparisons = {
      {.workload = "a.wasm",
       .contenders = {{.name = "mimobox-wasm",
                       .program = "/bin/m",
                       .version = "0.1",
                       .times = bench_times({microseconds{1000}}),
                       .ratio = 1.0},
                      {.name = "wasmtime",
                       .program = "/bin/w",
                       .version = "9 <b>\x1b",
                       .times = bench_times({microseconds{2500}}),
                       .ratio = 2.5},
                      {.name = "node", .program = "/bin/n", .failure = "exit status 1: <i>\x07"}}}};
  report.missing = {{"wazero", "not & here"}};
  report.checks = {{{BenchStage::kHotPath, microseconds{10}}, "a.wasm", microseconds{4}, true},
                   {{BenchStage::kCold, microseconds{10}}, "a.wasm", microseconds{11}, false}};
  return report;
}

/// Whether every element of a page is closed in its turn, and what is in it is no markup.
::testing::AssertionResult is_well_formed(std::string page) {
  const auto style = page.find("<style>");
  const auto style_end = page.find("</style>");
  if (style == std::string::npos || style_end == std::string::npos) {
    return ::testing::AssertionFailure() << "no style";
  }
  page.erase(style, style_end + 8 - style);
  std::vector<std::string> open;
  for (std::size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at)) {
    const std::size_t end = page.find('>', at);
    if (end == std::string::npos) return ::testing::AssertionFailure() << "an open '<'";
    const std::string tag = page.substr(at + 1, end - at - 1);
    at = end;
    if (tag.find('<') != std::string::npos) return ::testing::AssertionFailure() << tag;
    if (tag.starts_with("!") || tag.ends_with("/")) continue;
    if (!tag.starts_with("/")) {
      open.push_back(tag.substr(0, tag.find(' ')));
      continue;
    }
    if (open.empty() || open.back() != tag.substr(1)) {
      return ::testing::AssertionFailure() << tag << " closes nothing";
    }
    open.pop_back();
  }
  if (!open.empty()) return ::testing::AssertionFailure() << open.back() << " is not closed";
  return ::testing::AssertionSuccess();
}

TEST(BenchText, ShowsWhatWasMeasured) {
  const std::string text = bench_text(sample_report());
  EXPECT_THAT(text, HasSubstr("engine creation"));
  EXPECT_THAT(text, HasSubstr("a.wasm    hot, from a path  3  3.00 us  4.00 us  50.0 us  50.0 us  "
                              "19.0 us  50.0 us  64 KiB"));
  EXPECT_THAT(text, HasSubstr("1.90 k     1.90x"));
  EXPECT_THAT(text, HasSubstr("2.50 ms  2.50x"));
}

TEST(BenchText, SaysWhatIsMissing) {
  const std::string text = bench_text(sample_report());
  EXPECT_THAT(text, HasSubstr("wazero: not & here"));
  EXPECT_THAT(text, HasSubstr("node on a.wasm: exit status 1: <i>\\x07"));
}

TEST(BenchText, JudgesTheTargets) {
  const std::string text = bench_text(sample_report());
  EXPECT_THAT(text, HasSubstr("[PASS] a.wasm: hot, from a path: P50 4.00 us < 10.0 us"));
  EXPECT_THAT(text, HasSubstr("[FAIL] a.wasm: cold, all of it new: P50 11.0 us >= 10.0 us"));
}

TEST(BenchText, IsPrintable) {
  for (const char character : bench_text(sample_report()))
    EXPECT_TRUE(character == '\n' || (character >= ' ' && character <= '~'));
}

TEST(BenchText, LeavesOutWhatIsNotThere) {
  const std::string text = bench_text({});
  for (const char* const title : {"Times", "Throughput", "Whole", "Not measured", "Targets"})
    EXPECT_THAT(text, Not(HasSubstr(title)));
}

TEST(BenchJson, HasEveryField) {
  const auto json = nlohmann::json::parse(bench_json(sample_report(), 1));
  EXPECT_EQ(json["machine"]["processors"], 2);
  EXPECT_EQ(json["workloads"][0]["name"], "a.wasm");
  EXPECT_TRUE(json["measurements"][0]["workload"].is_null());
  const auto& hot = json["measurements"][1];
  EXPECT_EQ(hot["stage"], "hot_path");
  EXPECT_EQ(hot["samples"], 3);
  EXPECT_EQ(hot["min_ns"], 3000);
  EXPECT_EQ(hot["p50_ns"], 4000);
  EXPECT_EQ(hot["p95_ns"], 50000);
  EXPECT_EQ(hot["p99_ns"], 50000);
  EXPECT_EQ(hot["average_ns"], 19000);
  EXPECT_EQ(hot["max_ns"], 50000);
  EXPECT_EQ(hot["peak_memory_bytes"], 65536);
  EXPECT_EQ(hot["memory_limit_bytes"], 1 << 20);
  EXPECT_EQ(json["throughput"][1]["speed_up"], 1.9);
  const auto& contenders = json["comparisons"][0]["contenders"];
  EXPECT_EQ(contenders[1]["ratio"], 2.5);
  EXPECT_TRUE(contenders[1]["failure"].is_null());
  EXPECT_TRUE(contenders[2]["ratio"].is_null());
  EXPECT_EQ(contenders[2]["failure"], "exit status 1: <i>\x07");
  EXPECT_EQ(json["missing"][0]["what"], "wazero");
  EXPECT_EQ(json["targets"][0]["p50_below_ns"], 10000);
  EXPECT_EQ(json["targets"][0]["passed"], true);
  EXPECT_EQ(json["passed"], false);
  EXPECT_EQ(json["stopped"], false);
  EXPECT_EQ(json["exit_status"], 1);
}

TEST(BenchHtml, IsWellFormedWhateverTheTextsAre) {
  const std::string page = bench_html(sample_report());
  EXPECT_TRUE(is_well_formed(page));
  EXPECT_THAT(page, HasSubstr("hostile &lt;/h3&gt; \\x1b[1m &amp; more"));
  EXPECT_TRUE(is_well_formed(bench_html({})));
}

TEST(BenchHtml, NeedsNothingElse) {
  const std::string page = bench_html(sample_report());
  for (const char* const outside : {"http:", "https:", "src=", "url(", "<script", "@import"})
    EXPECT_THAT(page, Not(HasSubstr(outside)));
}

TEST(BenchHtml, DrawsEachMeasurementAndContender) {
  const std::string page = bench_html(sample_report());
  const auto count = [&](std::string_view what) {
    std::size_t found = 0;
    for (std::size_t at = page.find(what); at != std::string::npos; at = page.find(what, at + 1))
      ++found;
    return found;
  };
  EXPECT_EQ(count("class=\"curve\""), 2U);
  EXPECT_EQ(count("<rect"), 2U + 2U);  // throughput and the contenders that ran
  EXPECT_EQ(count("exit status 1: &lt;i&gt;"), 1U);
}

}  // namespace
}  // namespace mimobox::cli
