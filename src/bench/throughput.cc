#include "bench/throughput.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <latch>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mimobox/runtime.h"
#include "mimobox/sandbox.h"

#include "base/thread.h"
#include "bench/in_process.h"

namespace mimobox::bench {
namespace {

using Clock = std::chrono::steady_clock;

/// Enough for the default stack of guests and what is beside it, so that runs stay on their
/// threads.
constexpr std::size_t kThreadStackBytes = 4U << 20U;

/// What the threads of one measurement share.
class Crew {
 public:
  Crew(const BenchConfig& config, const PreparedWorkload& workload, Sandbox& sandbox,
       const Module& module)
      : config_(config), workload_(workload), sandbox_(sandbox), module_(module) {}

  Result<BenchThroughput> work(std::size_t threads) {
    std::vector<base::Thread> crew;
    for (std::size_t i = 0; i < threads; ++i) {
      auto thread = base::Thread::start([this] { run_many(); }, kThreadStackBytes);
      if (!thread) {
        fail({ErrorCode::kResourceExhausted, "the host gives no thread", thread.error()});
        break;
      }
      crew.push_back(std::move(*thread));
    }
    begun_ = Clock::now();
    go_.count_down();
    crew.clear();  // joins
    const std::chrono::duration<double> time = Clock::now() - begun_;
    if (error_) return std::unexpected(*error_);
    const std::uint64_t runs = runs_.load();
    return BenchThroughput{.workload = workload_.workload().name,
                           .threads = threads,
                           .runs = runs,
                           .runs_per_second = static_cast<double>(runs) / time.count()};
  }

 private:
  void run_many() {
    const RunRequest request = workload_.request();
    go_.wait();
    std::uint64_t runs = 0;
    while (wants_more(runs)) {
      const auto good = succeeded(workload_.workload(), sandbox_.execute(module_, request));
      if (!good) return fail(good.error());
      ++runs;
    }
    runs_ += runs;
  }

  [[nodiscard]] bool wants_more(std::uint64_t runs) const {
    if (failed_.load(std::memory_order_relaxed) || config_.stop.stop_requested()) return false;
    if (config_.iterations) return runs < *config_.iterations;
    return runs == 0 || Clock::now() - begun_ < config_.measuring_time;
  }

  void fail(SandboxError error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
    failed_.store(true);
  }

  const BenchConfig& config_;
  const PreparedWorkload& workload_;
  Sandbox& sandbox_;
  const Module& module_;
  std::latch go_{1};
  Clock::time_point begun_;
  std::atomic<std::uint64_t> runs_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::optional<SandboxError> error_;
};

}  // namespace

std::vector<std::size_t> thread_counts(const BenchConfig& config) {
  if (!config.threads.empty()) return config.threads;
  const std::size_t most = std::max(2U, std::thread::hardware_concurrency());
  std::vector<std::size_t> counts;
  for (std::size_t count = 1; count <= most; count *= 2)
    counts.push_back(count);
  return counts;
}

Result<BenchThroughput> measure_throughput(const BenchConfig& config,
                                           const PreparedWorkload& workload, std::size_t threads) {
  const auto runtime = Runtime::create();
  if (!runtime) return std::unexpected(runtime.error());
  const auto module = runtime->load_bytes(workload.workload().module, workload.workload().name);
  if (!module) return std::unexpected(module.error());
  const auto sandbox = WasmSandbox::create(*runtime, workload.sandbox_config());
  if (!sandbox) return std::unexpected(sandbox.error());
  if (auto warm = succeeded(workload.workload(), (*sandbox)->execute(*module, workload.request()));
      !warm) {
    return std::unexpected(std::move(warm).error());
  }
  return Crew(config, workload, **sandbox, *module).work(threads);
}

}  // namespace mimobox::bench
