// What execute() costs beside the bare loop (bare_loop.h), in one run and in alternation: the
// ratios of docs/benchmarks.md. A round is some runs of each; `path` is execute() of a path,
// `module` of a Module in hand. P50 and P99 are of single runs, in microseconds.
//
//   hot_path_bench --benchmark_counters_tabular=true
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "mimobox/bench.h"
#include "mimobox/runtime.h"
#include "mimobox/sandbox.h"

#include "bench/bare_loop.h"
#include "bench/temporary_folder.h"

namespace {

using namespace mimobox;  // NOLINT(google-build-using-namespace)
using Clock = std::chrono::steady_clock;

constexpr int kRunsInARow = 50;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "hot_path_bench: %s\n", why.c_str());
  std::abort();
}

bench::TemporaryFolder make_folder() {
  auto folder = bench::TemporaryFolder::create();
  if (!folder) give_up(folder.error().message);
  return *std::move(folder);
}

/// One program, ready to be run in each way.
class Subject {
 public:
  explicit Subject(const BenchWorkload& workload) : bare_(workload.module) {
    auto written = folder_.write("guest.wasm", workload.module);
    if (!written) give_up(written.error().message);
    command_ = {*std::move(written)};
    auto runtime = Runtime::create({.disk_cache = false});
    if (!runtime) give_up(runtime.error().message);
    auto module = runtime->load(command_[0]);
    if (!module) give_up(module.error().message);
    auto sandbox = WasmSandbox::create(*runtime);
    if (!sandbox) give_up(sandbox.error().message);
    module_.emplace(*std::move(module));
    sandbox_ = *std::move(sandbox);
    // Until then a path is read again at each use: a change might not show in its file's times.
    std::this_thread::sleep_for(std::chrono::seconds{3});
    run_module();
    run_path();
    run_bare();
  }
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  void run_bare() { benchmark::DoNotOptimize(bare_.run_once()); }
  void run_module() { check(sandbox_->execute(*module_)); }
  void run_path() { check(sandbox_->execute(command_)); }

 private:
  static void check(const Result<RunResult>& result) {
    if (!result) give_up(result.error().message);
    if (result->exit_code != 0U) give_up("the guest failed");
  }

  BareLoop bare_;
  const bench::TemporaryFolder folder_ = make_folder();
  std::vector<std::string> command_;
  std::optional<Module> module_;
  std::unique_ptr<WasmSandbox> sandbox_;
};

Subject& subject(std::string_view name) {
  static const std::vector<BenchWorkload> kWorkloads = builtin_bench_workloads();
  const auto find = [](std::string_view wanted) -> const BenchWorkload& {
    const auto found = std::ranges::find(kWorkloads, wanted, &BenchWorkload::name);
    if (found == kWorkloads.end()) give_up("built without the guests of the benchmark");
    return *found;
  };
  static Subject nothing(find("nothing"));
  static Subject print(find("printf"));
  return name == "nothing" ? nothing : print;
}

struct Way {
  const char* name;
  void (Subject::*run)();
};
constexpr std::array kWays = {Way{"bare", &Subject::run_bare}, Way{"module", &Subject::run_module},
                              Way{"path", &Subject::run_path}};

void hot_path(benchmark::State& state, const char* name) {
  Subject& of = subject(name);
  std::array<std::vector<std::chrono::nanoseconds>, kWays.size()> samples;
  std::size_t first = 0;
  for (auto _ : state) {
    for (std::size_t i = 0; i < kWays.size(); ++i) {
      const std::size_t way = (first + i) % kWays.size();
      for (int run = 0; run < kRunsInARow; ++run) {
        const Clock::time_point begun = Clock::now();
        (of.*kWays[way].run)();
        samples[way].push_back(Clock::now() - begun);
      }
    }
    ++first;
  }
  double bare = 0;
  for (std::size_t way = 0; way < kWays.size(); ++way) {
    const BenchTimes times = bench_times(std::move(samples[way]));
    const auto p50 = std::chrono::duration<double, std::micro>(times.p50).count();
    const auto p99 = std::chrono::duration<double, std::micro>(times.p99).count();
    const auto counter = [&](std::string_view what, double value) {
      state.counters[std::string(kWays[way].name) + std::string(what)] =
          benchmark::Counter(value, benchmark::Counter::kAvgThreads);
    };
    counter("_p50", p50);
    counter("_p99", p99);
    if (way == 0) {
      bare = p50;
    } else {
      counter("_ratio", p50 / bare);
    }
  }
}

BENCHMARK_CAPTURE(hot_path, nothing, "nothing")->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK_CAPTURE(hot_path, printf, "printf")->Threads(1)->Threads(2)->UseRealTime();

}  // namespace
