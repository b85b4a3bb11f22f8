// What a result and a runtime tell of what runs cost.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/harness.h"
#include "tests/paths.h"

namespace mimobox::testing {
namespace {

using std::chrono::nanoseconds;

TEST(WasmSandboxMetrics, NameTheStagesOfARun) {
  const Module module = load_guest("hello.wasm");
  const auto sandbox = make_sandbox();
  const Result<RunResult> first = sandbox->execute(module);
  const Result<RunResult> second = sandbox->execute(module);
  ASSERT_TRUE(first && second);
  EXPECT_GT(first->metrics.load_time, nanoseconds{0});
  EXPECT_EQ(second->metrics.load_time, first->metrics.load_time);
  EXPECT_GT(first->metrics.compile_time, nanoseconds{0});
  EXPECT_EQ(second->metrics.compile_time, nanoseconds{0});
  for (const Metrics& metrics : {first->metrics, second->metrics}) {
    for (const nanoseconds stage :
         {metrics.instantiate_time, metrics.run_time, metrics.teardown_time}) {
      EXPECT_GT(stage, nanoseconds{0});
    }
    EXPECT_EQ(metrics.callback_time, nanoseconds{0});
    EXPECT_LE(
        metrics.queue_time + metrics.instantiate_time + metrics.run_time + metrics.teardown_time,
        metrics.wall_time);
  }
}

TEST(WasmSandboxMetrics, CountAStartFunctionAsInstantiating) {
  const SandboxConfig config{.limits = {.wall_time = std::chrono::milliseconds{50}}};
  const Metrics start = run_guest("loop_in_start.wat", {}, config)->metrics;
  EXPECT_GT(start.instantiate_time, std::chrono::milliseconds{40});
  EXPECT_LT(start.run_time, std::chrono::milliseconds{10});
  const Metrics entry = run_guest("infinite_loop.wat", {}, config)->metrics;
  EXPECT_GT(entry.run_time, std::chrono::milliseconds{40});
}

TEST(WasmSandboxMetrics, CountCallsAndBytesByKind) {
  const Result<RunResult> result =
      run_guest("echo_stdin.wasm", {.input = InputBytes{"twelve bytes"}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  const Metrics& metrics = result->metrics;
  EXPECT_EQ(metrics.calls(HostCallKind::kStreamRead).bytes, 12U);
  EXPECT_EQ(metrics.calls(HostCallKind::kStreamRead).calls, 2U) << "the end is a call, too";
  EXPECT_EQ(metrics.calls(HostCallKind::kStreamWrite),
            (HostCallCount{.calls = 1, .bytes = result->out.total_bytes}));
  EXPECT_EQ(metrics.calls(HostCallKind::kSocket), HostCallCount{});
  EXPECT_EQ(metrics.calls(HostCallKind::kFileRead), HostCallCount{});
}

TEST(WasmSandboxMetrics, CountTheOtherKinds) {
  const Result<RunResult> random = run_guest("random_clock.wasm");
  ASSERT_TRUE(random.has_value()) << random.error().message;
  EXPECT_GT(random->metrics.calls(HostCallKind::kRandom).calls, 0U);
  EXPECT_GT(random->metrics.calls(HostCallKind::kRandom).bytes, 0U);
  EXPECT_GT(random->metrics.calls(HostCallKind::kClock).calls, 0U);
  EXPECT_GT(run_guest("args_env.wasm")->metrics.calls(HostCallKind::kArguments).calls, 0U);
  EXPECT_EQ(run_guest("exit_code.wasm", {.args = {"3"}})->metrics.calls(HostCallKind::kProcess),
            (HostCallCount{.calls = 1}));
  EXPECT_GT(run_guest("short_sleep.wasm")->metrics.calls(HostCallKind::kPoll).calls, 0U);
  const Result<RunResult> files = run_guest("file_tools.wasm", {.args = {"fill", "/data"}},
                                            {.scratch = {{.guest_path = "/data"}}});
  ASSERT_TRUE(files.has_value()) << files.error().message;
  EXPECT_GT(files->metrics.calls(HostCallKind::kFileWrite).bytes, 100'000U);
  EXPECT_GT(files->metrics.calls(HostCallKind::kPath).calls, 20U);
  EXPECT_GT(files->metrics.calls(HostCallKind::kDescriptor).calls, 20U);
  EXPECT_GE(files->metrics.files_opened, 20U);
}

/// The values of a Prometheus text by "name" or "name{label}". Each name is declared once, before
/// its values.
std::map<std::string, double> parse(const std::string& text) {
  std::map<std::string, double> values;
  std::set<std::string> declared;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    static const std::regex kHelp("# HELP (mimobox_[a-z_]+) [A-Z].*");
    static const std::regex kType("# TYPE (mimobox_[a-z_]+) (counter|gauge)");
    static const std::regex kValue(
        "((mimobox_[a-z_]+)(\\{[a-z]+=\"[a-z_]+\"\\})?) ([0-9]+(\\.[0-9]{9})?)");
    std::smatch match;
    if (std::regex_match(line, match, kHelp)) {
      EXPECT_TRUE(declared.insert(match[1]).second) << line;
    } else if (std::regex_match(line, match, kType)) {
      EXPECT_TRUE(declared.contains(match[1])) << line;
      EXPECT_EQ(match[1].str().ends_with("_total"), match[2] == "counter") << line;
    } else if (std::regex_match(line, match, kValue)) {
      EXPECT_TRUE(declared.contains(match[2])) << line;
      EXPECT_TRUE(values.emplace(match[1], std::stod(match[4])).second) << line;
    } else {
      ADD_FAILURE() << "no line of the format: " << line;
    }
  }
  EXPECT_TRUE(text.ends_with('\n'));
  return values;
}

std::map<std::string, double> totals(const Runtime& runtime) {
  return parse(runtime.metrics_text().value());
}

TEST(RuntimeMetrics, AreTheSumsOfItsRuns) {
  const Runtime runtime = Runtime::create({.measure_cpu_time = true}).value();
  auto values = totals(runtime);
  EXPECT_TRUE(std::ranges::all_of(values, [](const auto& value) { return value.second == 0; }));

  const auto sandbox =
      WasmSandbox::create(
          runtime, {.limits = {.wall_time = std::chrono::milliseconds{50}, .stderr_bytes = 5}})
          .value();
  const Module hello = runtime.load(guest_path("hello.wasm")).value();
  for (int run = 0; run < 3; ++run)
    ASSERT_TRUE(sandbox->execute(hello).has_value());
  ASSERT_TRUE(sandbox->execute(runtime.load(guest_path("infinite_loop.wat")).value()).has_value());
  ASSERT_FALSE(sandbox->execute(runtime.load(guest_path("no_start.wat")).value()).has_value());

  values = totals(runtime);
  EXPECT_EQ(values.at("mimobox_runs_total{verdict=\"exited\"}"), 3);
  EXPECT_EQ(values.at("mimobox_runs_total{verdict=\"time_limit\"}"), 1);
  EXPECT_EQ(values.at("mimobox_run_errors_total{code=\"no_entry_point\"}"), 1);
  EXPECT_EQ(values.at("mimobox_run_code_total{source=\"memory\"}"), 2);
  EXPECT_EQ(values.at("mimobox_run_code_total{source=\"disk_cache\"}") +
                values.at("mimobox_run_code_total{source=\"compiled\"}"),
            2);
  EXPECT_EQ(values.at("mimobox_limits_hit_total{limit=\"stderr_bytes\"}"), 3);
  EXPECT_EQ(values.at("mimobox_limits_hit_total{limit=\"wall_time\"}"), 1);
  EXPECT_EQ(values.at("mimobox_output_bytes_total{stream=\"stdout\"}"), 3 * 21);
  EXPECT_EQ(values.at("mimobox_outputs_truncated_total{stream=\"stderr\"}"), 3);
  EXPECT_EQ(values.at("mimobox_outputs_truncated_total{stream=\"stdout\"}"), 0);
  EXPECT_EQ(values.at("mimobox_host_call_bytes_total{kind=\"stream_write\"}"), 3 * (21 + 21));
  EXPECT_GT(values.at("mimobox_run_seconds_total{phase=\"run\"}"), 0.04);
  EXPECT_LT(values.at("mimobox_run_seconds_total{phase=\"run\"}"), 60);
  EXPECT_GT(values.at("mimobox_run_seconds_total{phase=\"load\"}"), 0);
  EXPECT_GT(values.at("mimobox_cpu_seconds_total"), 0);
  EXPECT_EQ(values.at("mimobox_runs_in_flight"), 0);
}

TEST(RuntimeMetrics, CountARunInFlight) {
  const Runtime runtime = Runtime::create().value();
  const auto sandbox = WasmSandbox::create(runtime).value();
  double in_flight = 0;
  const auto result = sandbox->execute(runtime.load(guest_path("hello.wasm")).value(),
                                       {.output = OutputCallback{[&](auto) {
                                          in_flight = totals(runtime).at("mimobox_runs_in_flight");
                                        }}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(in_flight, 1);
}

TEST(RuntimeMetrics, AreThoseOfTheirDocument) {
  std::ifstream file(std::filesystem::path(kSourceFolder) / "docs" / "metrics.md");
  std::set<std::string> documented;
  const std::regex row("\\| `(mimobox_[a-z_]+)` \\|.*");
  std::smatch match;
  for (std::string line; std::getline(file, line);) {
    if (std::regex_match(line, match, row)) documented.insert(match[1]);
  }
  std::set<std::string> told;
  for (const auto& [name, value] : totals(shared_runtime()))
    told.insert(name.substr(0, name.find('{')));
  EXPECT_EQ(told, documented);
}

TEST(RuntimeMetricsConcurrent, LoseNothingAmongThreads) {
  const Runtime runtime = Runtime::create().value();
  const auto sandbox = WasmSandbox::create(runtime).value();
  const Module module = runtime.load(guest_path("hello.wasm")).value();
  constexpr int kThreads = 8;
  constexpr int kRuns = 50;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      for (int run = 0; run < kRuns; ++run)
        static_cast<void>(sandbox->execute(module));
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  const auto values = totals(runtime);
  EXPECT_EQ(values.at("mimobox_runs_total{verdict=\"exited\"}"), kThreads * kRuns);
  EXPECT_EQ(values.at("mimobox_output_bytes_total{stream=\"stdout\"}"), kThreads * kRuns * 21);
}

}  // namespace
}  // namespace mimobox::testing
