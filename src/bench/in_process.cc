#include "bench/in_process.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mimobox/module.h"
#include "mimobox/runtime.h"
#include "mimobox/sandbox.h"

#include "bench/sampler.h"

namespace mimobox::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Sample = Result<std::chrono::nanoseconds>;

/// The smallest module: loading it makes the engine, and costs next to nothing else.
constexpr std::array kEmptyModule = {std::byte{0}, std::byte{'a'}, std::byte{'s'}, std::byte{'m'},
                                     std::byte{1}, std::byte{0},   std::byte{0},   std::byte{0}};

/// The disk cache of stages in this process: empty when one begins.
constexpr std::string_view kOwnCache = "own-cache";

/// A runtime that has its engine.
Result<Runtime> make_runtime() {
  auto runtime = Runtime::create(without_disk_cache());
  if (!runtime) return runtime;
  if (auto loaded = runtime->load_bytes(kEmptyModule, "empty"); !loaded) {
    return std::unexpected(std::move(loaded).error());
  }
  return runtime;
}

/// One workload in this process: what is made once, and one sample of each stage.
class Guest {
 public:
  Guest(const PreparedWorkload& workload, std::string cache_folder)
      : workload_(workload), config_(workload.sandbox_config()), request_(workload.request()) {
    with_disk_cache_.cache_folder = std::move(cache_folder);
    command_ = workload.args();
    command_.insert(command_.begin(), workload.module_path());
  }

  [[nodiscard]] std::uint64_t peak_memory_bytes() const { return peak_memory_bytes_; }

  /// What the stages of a runtime that lives on have at hand; runs once, so that it is warm.
  Result<void> make_ready() {
    auto runtime = Runtime::create(without_disk_cache());
    if (!runtime) return std::unexpected(std::move(runtime).error());
    runtime_ = *std::move(runtime);
    auto module = load(*runtime_);
    if (!module) return std::unexpected(std::move(module).error());
    module_ = *std::move(module);
    auto sandbox = WasmSandbox::create(*runtime_, config_);
    if (!sandbox) return std::unexpected(std::move(sandbox).error());
    sandbox_ = *std::move(sandbox);
    if (auto ran = note(sandbox_->execute(*module_, request_), CodeSource::kCompiled); !ran) {
      return ran;
    }
    // So that the module at its path is known, too.
    auto by_path = workload_.workload().input.empty() ? sandbox_->execute(command_)
                                                      : sandbox_->execute(*module_, request_);
    return ended_well(std::move(by_path));
  }

  /// Compiles into the disk cache.
  Result<void> fill_disk_cache() {
    const auto run = run_anew(with_disk_cache_, CodeSource::kCompiled);
    if (!run) return std::unexpected(run.error());
    return {};
  }

  Sample compile() {
    const auto runtime = make_runtime();
    if (!runtime) return std::unexpected(runtime.error());
    const Clock::time_point begun = Clock::now();
    const auto module = load(*runtime);
    if (!module) return std::unexpected(module.error());
    const auto compiled = runtime->compile(*module, config_);
    const auto time = Clock::now() - begun;
    if (!compiled) return std::unexpected(compiled.error());
    return time;
  }

  Sample cold() { return run_anew(without_disk_cache(), CodeSource::kCompiled); }

  Sample warm_disk() { return run_anew(with_disk_cache_, CodeSource::kDiskCache); }

  Sample new_sandbox() {
    return run_in_new_sandbox(*runtime_, *module_, Clock::now(), CodeSource::kMemory);
  }

  Sample hot_path() {
    const Clock::time_point begun = Clock::now();
    auto result = sandbox_->execute(command_);
    return note(std::move(result), Clock::now() - begun, CodeSource::kMemory);
  }

  Sample hot() {
    const Clock::time_point begun = Clock::now();
    auto result = sandbox_->execute(*module_, request_);
    return note(std::move(result), Clock::now() - begun, CodeSource::kMemory);
  }

 private:
  [[nodiscard]] Result<Module> load(const Runtime& runtime) const {
    return runtime.load_bytes(workload_.workload().module, workload_.workload().name);
  }

  Sample run_anew(const RuntimeConfig& config, CodeSource expected) {
    const Clock::time_point begun = Clock::now();
    const auto runtime = Runtime::create(config);
    if (!runtime) return std::unexpected(runtime.error());
    const auto module = load(*runtime);
    if (!module) return std::unexpected(module.error());
    return run_in_new_sandbox(*runtime, *module, begun, expected);
  }

  Sample run_in_new_sandbox(const Runtime& runtime, const Module& module, Clock::time_point begun,
                            CodeSource expected) {
    const auto sandbox = WasmSandbox::create(runtime, config_);
    if (!sandbox) return std::unexpected(sandbox.error());
    auto result = (*sandbox)->execute(module, request_);
    return note(std::move(result), Clock::now() - begun, expected);
  }

  Result<void> ended_well(Result<RunResult> result) const {
    const auto good = succeeded(workload_.workload(), std::move(result));
    if (!good) return std::unexpected(good.error());
    return {};
  }

  Result<void> note(Result<RunResult> result, CodeSource expected) {
    const auto good = succeeded(workload_.workload(), std::move(result));
    if (!good) return std::unexpected(good.error());
    if (good->metrics.code_source != expected) {
      return std::unexpected(SandboxError{
          ErrorCode::kInternal,
          fmt::format(
              "code of {} came from {} and not from {}: the figure would not be what it says",
              workload_.workload().name, code_source_name(good->metrics.code_source),
              code_source_name(expected))});
    }
    peak_memory_bytes_ = std::max(peak_memory_bytes_, good->metrics.peak_memory_bytes);
    return {};
  }
  Sample note(Result<RunResult> result, std::chrono::nanoseconds time, CodeSource expected) {
    auto good = note(std::move(result), expected);
    if (!good) return std::unexpected(std::move(good).error());
    return time;
  }

  const PreparedWorkload& workload_;
  const SandboxConfig config_;
  const RunRequest request_;
  RuntimeConfig with_disk_cache_;
  std::vector<std::string> command_;
  std::optional<Runtime> runtime_;
  std::optional<Module> module_;
  std::unique_ptr<WasmSandbox> sandbox_;
  std::uint64_t peak_memory_bytes_ = 0;
};

Result<BenchTimes> take(const Sampler& sampler, Guest& guest, BenchStage stage) {
  switch (stage) {
    case BenchStage::kCompile:
      return sampler.take([&] { return guest.compile(); });
    case BenchStage::kCold:
      return sampler.take([&] { return guest.cold(); });
    case BenchStage::kWarmDisk:
      return sampler.take([&] { return guest.warm_disk(); });
    case BenchStage::kNewSandbox:
      return sampler.take([&] { return guest.new_sandbox(); });
    case BenchStage::kHotPath:
      return sampler.take([&] { return guest.hot_path(); });
    case BenchStage::kHot:
      return sampler.take([&] { return guest.hot(); });
    case BenchStage::kEngine:
    case BenchStage::kProcessCold:
    case BenchStage::kProcessWarm:
      break;
  }
  return std::unexpected(SandboxError{
      ErrorCode::kInvalidConfig,
      fmt::format("stage {} is not one of a workload in this process", bench_stage_name(stage))});
}

/// A file that was just written is read again at each use, since a later change might not show in
/// its times; from some seconds of age on it is known by them. That is what a path in use is.
void let_settle(const std::stop_token& stop) {
  constexpr std::chrono::milliseconds kLook{50};
  constexpr int kLooks = 60;
  for (int look = 0; look < kLooks && !stop.stop_requested(); ++look)
    std::this_thread::sleep_for(kLook);
}

/// What has to be there before the first sample.
Result<void> prepare(Guest& guest, BenchStage stage, const std::stop_token& stop) {
  if (stage == BenchStage::kHotPath) let_settle(stop);
  if (stage == BenchStage::kWarmDisk) return guest.fill_disk_cache();
  const bool lives_on = stage == BenchStage::kNewSandbox || stage == BenchStage::kHotPath ||
                        stage == BenchStage::kHot;
  return lives_on ? guest.make_ready() : Result<void>{};
}

}  // namespace

RuntimeConfig without_disk_cache() {
  RuntimeConfig config;
  config.disk_cache = false;
  return config;
}

Result<RunResult> succeeded(const BenchWorkload& workload, Result<RunResult> result) {
  if (!result) return result;
  if (result->verdict == Verdict::kExited && result->exit_code == 0U) return result;
  // A benchmark that is being stopped cancels nothing: this is the workload's own end.
  const std::string how = result->exit_code ? fmt::format("exit code {}", *result->exit_code)
                                            : std::string(verdict_name(result->verdict));
  return std::unexpected(SandboxError{
      ErrorCode::kInvalidConfig,
      fmt::format("the workload {} ended with {}; what is measured has to end with exit code 0",
                  workload.name, how)});
}

Result<BenchMeasurement> measure_engine(const BenchConfig& config) {
  auto times = Sampler(config).take([]() -> Sample {
    const Clock::time_point begun = Clock::now();
    const auto runtime = make_runtime();
    const auto time = Clock::now() - begun;
    if (!runtime) return std::unexpected(runtime.error());
    return time;
  });
  if (!times) return std::unexpected(std::move(times).error());
  return BenchMeasurement{.stage = BenchStage::kEngine, .times = *std::move(times)};
}

Result<BenchMeasurement> measure_in_process(const BenchConfig& config,
                                            const PreparedWorkload& workload,
                                            const TemporaryFolder& home, BenchStage stage) {
  const auto cache = home.make_empty(kOwnCache);
  if (!cache) return std::unexpected(cache.error());
  Guest guest(workload, *cache);
  if (auto ready = prepare(guest, stage, config.stop); !ready)
    return std::unexpected(std::move(ready).error());
  auto times = take(Sampler(config), guest, stage);
  if (!times) return std::unexpected(std::move(times).error());
  return BenchMeasurement{.workload = workload.workload().name,
                          .stage = stage,
                          .times = *std::move(times),
                          .peak_memory_bytes = guest.peak_memory_bytes(),
                          .memory_limit_bytes = workload.workload().limits.memory_bytes};
}

}  // namespace mimobox::bench
