#include "bench/in_process.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
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

/// A runtime that has its engine.
Result<Runtime> make_runtime() {
  auto runtime = Runtime::create();
  if (!runtime) return runtime;
  if (auto loaded = runtime->load_bytes(kEmptyModule, "empty"); !loaded) {
    return std::unexpected(std::move(loaded).error());
  }
  return runtime;
}

/// One workload in this process: what is made once, and one sample of each stage.
class Guest {
 public:
  explicit Guest(const PreparedWorkload& workload)
      : workload_(workload), config_(workload.sandbox_config()), request_(workload.request()) {
    command_ = workload.args();
    command_.insert(command_.begin(), workload.module_path());
  }

  [[nodiscard]] std::uint64_t peak_memory_bytes() const { return peak_memory_bytes_; }

  /// What the stages of a runtime that lives on have at hand; runs once, so that it is warm.
  Result<void> make_ready() {
    auto runtime = Runtime::create();
    if (!runtime) return std::unexpected(std::move(runtime).error());
    runtime_ = *std::move(runtime);
    auto module = load(*runtime_);
    if (!module) return std::unexpected(std::move(module).error());
    module_ = *std::move(module);
    auto sandbox = WasmSandbox::create(*runtime_, config_);
    if (!sandbox) return std::unexpected(std::move(sandbox).error());
    sandbox_ = *std::move(sandbox);
    return note(sandbox_->execute(*module_, request_));
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

  Sample cold() {
    const Clock::time_point begun = Clock::now();
    const auto runtime = Runtime::create();
    if (!runtime) return std::unexpected(runtime.error());
    const auto module = load(*runtime);
    if (!module) return std::unexpected(module.error());
    return run_in_new_sandbox(*runtime, *module, begun);
  }

  Sample new_sandbox() { return run_in_new_sandbox(*runtime_, *module_, Clock::now()); }

  Sample hot_path() {
    const Clock::time_point begun = Clock::now();
    auto result = sandbox_->execute(command_);
    return note(std::move(result), Clock::now() - begun);
  }

  Sample hot() {
    const Clock::time_point begun = Clock::now();
    auto result = sandbox_->execute(*module_, request_);
    return note(std::move(result), Clock::now() - begun);
  }

 private:
  [[nodiscard]] Result<Module> load(const Runtime& runtime) const {
    return runtime.load_bytes(workload_.workload().module, workload_.workload().name);
  }

  Sample run_in_new_sandbox(const Runtime& runtime, const Module& module, Clock::time_point begun) {
    const auto sandbox = WasmSandbox::create(runtime, config_);
    if (!sandbox) return std::unexpected(sandbox.error());
    auto result = (*sandbox)->execute(module, request_);
    return note(std::move(result), Clock::now() - begun);
  }

  Result<void> note(Result<RunResult> result) {
    const auto good = succeeded(workload_.workload(), std::move(result));
    if (!good) return std::unexpected(good.error());
    peak_memory_bytes_ = std::max(peak_memory_bytes_, good->metrics.peak_memory_bytes);
    return {};
  }
  Sample note(Result<RunResult> result, std::chrono::nanoseconds time) {
    if (auto good = note(std::move(result)); !good) return std::unexpected(std::move(good).error());
    return time;
  }

  const PreparedWorkload& workload_;
  const SandboxConfig config_;
  const RunRequest request_;
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

/// Whether the stage needs what `Guest::make_ready()` makes.
bool lives_on(BenchStage stage) {
  return stage == BenchStage::kNewSandbox || stage == BenchStage::kHotPath ||
         stage == BenchStage::kHot;
}

}  // namespace

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
                                            const PreparedWorkload& workload, BenchStage stage) {
  Guest guest(workload);
  if (lives_on(stage)) {
    if (auto ready = guest.make_ready(); !ready) return std::unexpected(std::move(ready).error());
  }
  auto times = take(Sampler(config), guest, stage);
  if (!times) return std::unexpected(std::move(times).error());
  return BenchMeasurement{.workload = workload.workload().name,
                          .stage = stage,
                          .times = *std::move(times),
                          .peak_memory_bytes = guest.peak_memory_bytes(),
                          .memory_limit_bytes = workload.workload().limits.memory_bytes};
}

}  // namespace mimobox::bench
