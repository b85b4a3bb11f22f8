// Valid modules that do anything, interrupted at any moment in every way there is. Each ends as it
// may, leaves nothing to the next run in its slot, and a run that is let alone comes out the same
// before and after.
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "mimobox/runtime.h"
#include "mimobox/sandbox.h"

#include "base/sanitized.h"
#include "fuzz/support/canary_tree.h"
#include "fuzz/support/choices.h"
#include "fuzz/support/module_generator.h"

namespace {

using mimobox::Interrupt;
using mimobox::Module;
using mimobox::OnMemoryDenied;
using mimobox::OnOutputLimit;
using mimobox::Result;
using mimobox::RunRequest;
using mimobox::RunResult;
using mimobox::Runtime;
using mimobox::SandboxConfig;
using mimobox::Verdict;
using mimobox::WasmSandbox;
using mimobox::fuzz::Choices;
using mimobox::fuzz::ModuleGenerator;
using mimobox::fuzz::require;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t kMemory = 1ULL << 20;
constexpr std::uint64_t kOutput = 4096;
/// The look at the instance at the begin takes up to half of it.
constexpr std::uint64_t kFuel = 1'000'000;
/// Of runs that are let alone: fuel ends those that compute, this those that wait.
constexpr milliseconds kTime{250};
/// Far above what a busy machine delays a deadline.
constexpr seconds kSlack{20};

/// A runtime for each way to stop guests, with a slot for all or without.
const Runtime& runtime_of(bool signals, bool pool) {
  static std::array<std::optional<Runtime>, 4> runtimes;
  std::optional<Runtime>& runtime = runtimes.at((signals ? 2U : 0U) + (pool ? 1U : 0U));
  if (!runtime) {
    runtime = Runtime::create({.pool_slots = pool ? 1U : 0U,
                               .disk_cache = false,
                               .cache_modules = 4,
                               .interrupt = signals ? Interrupt::kSignal : Interrupt::kEpoch,
                               .measure_cpu_time = true})
                  .value();
  }
  return *runtime;
}

/// A pipe that is open and says nothing.
int silent_pipe() {
  static const int kReadEnd = [] {
    std::array<int, 2> ends{};
    require(::pipe(ends.data()) == 0, "no pipe");
    return ends[0];
  }();
  return kReadEnd;
}

/// How a run is interrupted.
struct Interruption {
  std::optional<microseconds> cancel;
  std::optional<milliseconds> wall;
  std::optional<milliseconds> cpu;
  bool metered = false;
};

Interruption draw_interruption(Choices& choices) {
  Interruption drawn;
  const std::uint32_t ways = 1 + choices.below(7);
  if ((ways & 1U) != 0) {
    const std::uint32_t unit = choices.flag() ? 100 : 1;
    drawn.cancel = microseconds{unit * choices.number<std::uint8_t>()};
  }
  if ((ways & 2U) != 0) drawn.wall = milliseconds{1 + choices.below(8)};
  if ((ways & 4U) != 0) drawn.cpu = milliseconds{1 + choices.below(8)};
  drawn.metered = choices.flag();
  return drawn;
}

SandboxConfig draw_config(Choices& choices) {
  SandboxConfig config{.limits = {.memory_bytes = kMemory,
                                  .table_elements = 1000,
                                  .wall_time = kTime,
                                  .stdout_bytes = kOutput,
                                  .stderr_bytes = kOutput,
                                  .stack_bytes = 256U << 10U},
                       .scratch = {{.guest_path = "/", .bytes = 64U << 10U}}};
  if (choices.flag()) config.on_stdout_limit = OnOutputLimit::kEndRun;
  if (choices.flag()) config.on_memory_denied = OnMemoryDenied::kEndRun;
  if (choices.flag()) config.determinism = mimobox::Determinism{.seed = 7};
  return config;
}

/// Whether a run may end so.
bool is_allowed(const RunResult& result, const SandboxConfig& config, const RunRequest& request) {
  const mimobox::Limits& limits = *request.limits;
  switch (result.verdict) {
    case Verdict::kExited:
      return result.exit_code != ModuleGenerator::kFoundSomething;
    case Verdict::kTrapped:
    case Verdict::kStackOverflow:
      return result.trap.has_value();
    case Verdict::kMemoryLimit:
      return result.metrics.denied_grows + result.metrics.denied_table_grows > 0;
    case Verdict::kOutputLimit:
      return config.on_stdout_limit == OnOutputLimit::kEndRun;
    case Verdict::kOutOfFuel:
      return limits.fuel.has_value();
    case Verdict::kTimeLimit:
      return result.metrics.wall_time >= *limits.wall_time;
    case Verdict::kCpuTimeLimit:
      return limits.cpu_time.has_value() && result.metrics.cpu_time >= limits.cpu_time;
    case Verdict::kCancelled:
      return request.stop.stop_requested();
    case Verdict::kCallbackFailed:
      return false;
  }
  return false;
}

RunResult run(WasmSandbox& sandbox, const Module& module, const RunRequest& request) {
  Result<RunResult> result = sandbox.execute(module, request);
  if (!result) std::fprintf(stderr, "%s\n", result.error().message.c_str());
  require(result.has_value(), "a run of a valid module is an error");
  if (!is_allowed(*result, sandbox.config(), request)) {
    std::fprintf(stderr, "%s %u\n", std::string(mimobox::verdict_name(result->verdict)).c_str(),
                 result->exit_code.value_or(0));
    require(false, "a run ended as it may not");
  }
  require(result->metrics.wall_time < *request.limits->wall_time + kSlack, "a missed deadline");
  require(result->metrics.peak_memory_bytes <= kMemory, "more memory than its limit");
  require(result->metrics.peak_table_elements <= 1000, "more of tables than their limit");
  require(result->out.data.size() <= kOutput && result->err.data.size() <= kOutput,
          "more output than its limit");
  require(result->exit_code.has_value() == (result->verdict == Verdict::kExited),
          "an exit code without an exit");
  return *std::move(result);
}

void interrupt(WasmSandbox& sandbox, const Module& module, RunRequest request,
               const Interruption& drawn) {
  if (!drawn.metered) request.limits->fuel = std::nullopt;
  if (drawn.wall) request.limits->wall_time = *drawn.wall;
  if (drawn.cpu) request.limits->cpu_time = *drawn.cpu;
  std::stop_source source;
  std::jthread canceller;
  if (drawn.cancel) {
    request.stop = source.get_token();
    canceller = std::jthread([&source, delay = *drawn.cancel] {
      std::this_thread::sleep_for(delay);
      source.request_stop();
    });
  }
  static_cast<void>(run(sandbox, module, request));
}

void require_same(const RunResult& before, const RunResult& after) {
  // What waits may be overtaken by its deadline at any place.
  if (before.verdict == Verdict::kTimeLimit || after.verdict == Verdict::kTimeLimit) return;
  require(before.verdict == after.verdict, "another verdict than before");
  require(before.exit_code == after.exit_code, "another exit code than before");
  require(before.trap == after.trap, "another trap than before");
  require(before.out == after.out && before.err == after.err, "other output than before");
  require(before.limit_hit == after.limit_hit, "another limit than before");
  require(before.metrics.peak_memory_bytes == after.metrics.peak_memory_bytes &&
              before.metrics.denied_grows == after.metrics.denied_grows &&
              before.metrics.peak_table_elements == after.metrics.peak_table_elements &&
              before.metrics.denied_table_grows == after.metrics.denied_table_grows,
          "other memory than before");
  require(before.metrics.host_calls == after.metrics.host_calls, "other host calls than before");
  require(before.metrics.fuel_used == after.metrics.fuel_used, "other fuel than before");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  const bool signals = choices.flag() && !mimobox::base::kSanitized;
  const Runtime& runtime = runtime_of(signals, choices.flag());
  const SandboxConfig config = draw_config(choices);
  RunRequest request{.limits = config.limits};
  if (choices.below(8) == 7) request.input = mimobox::InputDescriptor{silent_pipe()};
  request.limits->fuel = kFuel;
  const Interruption interruption = draw_interruption(choices);

  ModuleGenerator generator(choices);
  const std::vector<std::byte> bytes = generator.generate();
  const Result<Module> module = runtime.load_bytes(bytes, "generated");
  if (!module) std::fprintf(stderr, "%s\n", module.error().message.c_str());
  require(module.has_value(), "a generated module is not valid");

  const auto sandbox = WasmSandbox::create(runtime, config).value();
  const RunResult before = run(*sandbox, *module, request);
  // Twice, so that the second is in the slot that the first was stopped in.
  for (int round = 0; round < 2; ++round)
    interrupt(*sandbox, *module, request, interruption);
  const RunResult after = run(*sandbox, *module, request);
  if (config.determinism || !generator.asks_chance()) require_same(before, after);
  return 0;
}
