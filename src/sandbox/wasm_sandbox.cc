#include <algorithm>
#include <chrono>
#include <concepts>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mimobox/sandbox.h"

#include "base/thread.h"
#include "base/thread_clock.h"
#include "base/thread_stack.h"
#include "engine/instance.h"
#include "sandbox/callbacks.h"
#include "sandbox/caller_thread.h"
#include "sandbox/gate.h"
#include "sandbox/guest_host.h"
#include "sandbox/load_module.h"
#include "sandbox/module_impl.h"
#include "sandbox/mounts.h"
#include "sandbox/no_memory.h"
#include "sandbox/run_scratches.h"
#include "sandbox/run_sources.h"
#include "sandbox/runs_in_flight.h"
#include "sandbox/runtime_impl.h"
#include "sandbox/validate.h"
#include "sandbox/verdict.h"

namespace mimobox {
namespace {

using Clock = std::chrono::steady_clock;

/// Stack that host calls and the engine need beside the guest's own.
constexpr std::size_t kHostStackBytes = 256U << 10;

/// The guest's own number.
std::optional<std::uint32_t> exit_code_of(const engine::GuestOutcome& outcome,
                                          const wasi::Host& host) {
  if (outcome.end == engine::GuestEnd::kReturned) return outcome.returned_code;
  if (outcome.end == engine::GuestEnd::kExited) return host.exit_code();
  return std::nullopt;
}

/// Functions without a name of their own go by that of their export.
void name_frames(std::vector<Frame>& frames, const Module& module) {
  for (Frame& frame : frames) {
    if (!frame.function.empty()) continue;
    const auto& exports = module.info().exports;
    const auto found = std::ranges::find_if(exports, [&](const ExportInfo& item) {
      return item.kind == ItemKind::kFunction && item.index == frame.function_index;
    });
    if (found != exports.end()) frame.function = found->name;
  }
}

/// The CPU time of one run, on its thread. Each look at the clock is a system call: one at the
/// start, where somebody asked for what was used or the guest can ask its own clock, which begins
/// there, and one at the end.
class CpuMeter {
 public:
  CpuMeter(const RuntimeConfig& config, const Limits& limits, bool guest_may_ask)
      : limit_(limits.cpu_time), measured_(limit_ || config.measure_cpu_time) {
    if (measured_ || guest_may_ask) begun_ = base::cpu_time_of_this_thread();
  }

  /// 0 when nobody will ask.
  [[nodiscard]] std::chrono::nanoseconds begun() const { return begun_; }
  [[nodiscard]] std::optional<std::chrono::nanoseconds> deadline() const {
    return limit_ ? std::optional(begun_ + *limit_) : std::nullopt;
  }
  [[nodiscard]] std::optional<std::chrono::nanoseconds> used() const {
    return measured_ ? std::optional(base::cpu_time_of_this_thread() - begun_) : std::nullopt;
  }

 private:
  const std::optional<std::chrono::nanoseconds> limit_;
  const bool measured_;
  std::chrono::nanoseconds begun_{0};
};

/// One run on its way through the steps of `Impl`.
struct Run {
  const Module& module;
  const RunRequest& request;
  const Limits& limits;
  Clock::time_point begun;
  internal::RunEntry entry = {};
  CodeSource code_source = CodeSource::kMemory;
  std::chrono::nanoseconds code_time{0};
  std::chrono::nanoseconds queue_time{0};

  /// Getting the code has its own limit: the wall time does not count it.
  [[nodiscard]] std::optional<Clock::time_point> deadline() const {
    if (!limits.wall_time) return std::nullopt;
    return begun + code_time + *limits.wall_time;
  }
  /// The part that every run has, of one that ended then.
  [[nodiscard]] Metrics metrics(Clock::time_point ended) const {
    const bool compiled = code_source == CodeSource::kCompiled;
    return {.code_source = code_source,
            .load_time =
                module.impl()->load_time() + (compiled ? std::chrono::nanoseconds{0} : code_time),
            .compile_time = compiled ? code_time : std::chrono::nanoseconds{0},
            .wall_time = ended - begun - code_time,
            .queue_time = queue_time,
            .fuel_used = limits.fuel ? std::optional<std::uint64_t>(0) : std::nullopt};
  }
  /// The result of a run whose guest never began.
  [[nodiscard]] RunResult ended_before(Verdict verdict) const {
    return {.verdict = verdict,
            .limit_hit = internal::limit_hit_of(verdict, {}, LimitHit::kNone),
            .metrics = metrics(Clock::now())};
  }
};

}  // namespace

class WasmSandbox::Impl {
 public:
  Impl(Runtime runtime, SandboxConfig config, std::vector<wasi::HostMount> mounts)
      : runtime_(std::move(runtime)),
        config_(std::move(config)),
        mounts_(std::move(mounts)),
        key_(runtime_.impl()->engine_key(config_, config_.limits)),
        environ_(internal::make_environ(config_)) {}

  Result<RunResult> execute(const Module& module, const RunRequest& request);
  Result<RunResult> execute(std::span<const std::string> command);
  /// Adds what `execute()` answered to the totals of the runtime.
  void count(const Result<RunResult>& result) const;
  [[nodiscard]] const SandboxConfig& config() const { return config_; }
  internal::RunsInFlight& runs() { return runs_; }

 private:
  Result<RunResult> queue(Run& run, const engine::Code& code);
  Result<RunResult> queue_for_memory(Run& run, const engine::Code& code);
  template <std::invocable Next>
  Result<RunResult> admit(internal::Gate& gate, std::uint64_t units, std::string_view what,
                          Run& run, Next next);
  internal::Gate::Entry wait_at(internal::Gate& gate, std::uint64_t units, Run& run);
  Result<RunResult> run_where_stack_is(Run& run, const engine::Code& code);
  Result<RunResult> run_in_slot(Run& run, const engine::Code& code, internal::CallerThread* caller);
  Result<RunResult> run_here(Run& run, const engine::Code& code, internal::CallerThread* caller,
                             bool* no_slot);

  const Runtime runtime_;
  const SandboxConfig config_;
  const std::vector<wasi::HostMount> mounts_;
  const engine::EngineKey key_;
  const std::vector<std::string> environ_;
  internal::RunsInFlight runs_;
};

// The whole of a run, top to bottom.
Result<RunResult> WasmSandbox::Impl::execute(const Module& module, const RunRequest& request) {
  const Clock::time_point begun = Clock::now();
  if (auto same = module.impl()->belongs_to(*runtime_.impl()); !same) {
    return std::unexpected(std::move(same).error());
  }
  if (auto valid = internal::validate_request(request, config_); !valid) {
    return std::unexpected(std::move(valid).error());
  }
  Run run{.module = module,
          .request = request,
          .limits = request.limits ? *request.limits : config_.limits,
          .begun = begun};
  if (auto entered = runs_.enter(run.entry); !entered) {
    return std::unexpected(std::move(entered).error());
  }
  const internal::RunScope in_flight(runs_, run.entry);
  // One way to cancel for both the caller and destroy().
  const std::stop_callback from_caller(request.stop, [&] { run.entry.cancel.request_stop(); });

  const engine::EngineKey key =
      request.limits ? runtime_.impl()->engine_key(config_, *request.limits) : key_;
  auto ready = module.impl()->code(key, run.entry.cancel.get_token());
  if (!ready) return std::unexpected(std::move(ready).error());
  run.code_time = ready->waited;
  run.code_source = ready->source;
  if (!ready->code) return run.ended_before(Verdict::kCancelled);
  return queue(run, *ready->code);
}

Result<RunResult> WasmSandbox::Impl::execute(std::span<const std::string> command) {
  if (command.empty()) {
    return std::unexpected(SandboxError{
        ErrorCode::kEmptyCommand, "the command is empty; its first element is the module's path"});
  }
  const auto module = internal::load_file(runtime_.impl(), command.front());
  if (!module) return std::unexpected(module.error());
  RunRequest request;
  request.args.assign(command.begin() + 1, command.end());
  return execute(*module, request);
}

void WasmSandbox::Impl::count(const Result<RunResult>& result) const {
  internal::Totals& totals = runtime_.impl()->totals();
  if (result) {
    totals.count(*result);
  } else {
    totals.count(result.error().code);
  }
}

/// Takes a place among the runs of the whole runtime, and the memory that this one may have.
Result<RunResult> WasmSandbox::Impl::queue(Run& run, const engine::Code& code) {
  return admit(runtime_.impl()->runs(), 1, "runs in flight (max_runs)", run,
               [&] { return queue_for_memory(run, code); });
}

Result<RunResult> WasmSandbox::Impl::queue_for_memory(Run& run, const engine::Code& code) {
  internal::Gate* memory = runtime_.impl()->memory();
  if (memory == nullptr) return run_where_stack_is(run, code);
  return admit(*memory, run.limits.memory_bytes, "memory of all runs (max_memory_bytes)", run,
               [&] { return run_where_stack_is(run, code); });
}

/// A thread that is in a callback holds a place itself: it is turned away rather than let wait.
internal::Gate::Entry WasmSandbox::Impl::wait_at(internal::Gate& gate, std::uint64_t units,
                                                 Run& run) {
  const Clock::time_point asked = Clock::now();
  internal::RuntimeImpl& runtime = *runtime_.impl();
  const bool may_wait = !runtime.callback_threads().has_this_thread();
  const auto entry = gate.enter(units, may_wait ? runtime.config().on_busy : OnBusy::kRefuse,
                                run.deadline(), run.entry.cancel.get_token());
  run.queue_time += Clock::now() - asked;
  return entry;
}

template <std::invocable Next>
Result<RunResult> WasmSandbox::Impl::admit(internal::Gate& gate, std::uint64_t units,
                                           std::string_view what, Run& run, Next next) {
  const auto entry =
      gate.try_enter(units) ? internal::Gate::Entry::kEntered : wait_at(gate, units, run);
  switch (entry) {
    case internal::Gate::Entry::kEntered:
      break;
    case internal::Gate::Entry::kFull:
      return std::unexpected(SandboxError{
          ErrorCode::kResourceExhausted,
          "the runtime's bound on " + std::string(what) + " is reached; try later or raise it"});
    case internal::Gate::Entry::kTimeout:
      return run.ended_before(Verdict::kTimeLimit);
    case internal::Gate::Entry::kStopped:
      return run.ended_before(Verdict::kCancelled);
  }
  const internal::GateScope place(gate, units);
  return next();
}

/// The engine trusts that the thread has the stack which guests may use: it looks at no guard page.
Result<RunResult> WasmSandbox::Impl::run_where_stack_is(Run& run, const engine::Code& code) {
  const std::size_t needed = config_.limits.stack_bytes + kHostStackBytes;
  if (base::stack_left() >= needed) return run_in_slot(run, code, nullptr);

  internal::CallerThread caller;
  Result<RunResult> result = std::unexpected(internal::no_memory());
  auto thread = base::Thread::start(
      [&]() noexcept {
        result = internal::or_no_memory([&] { return run_in_slot(run, code, &caller); });
        caller.finish();
      },
      needed + kHostStackBytes);
  if (!thread) {
    return std::unexpected(SandboxError{ErrorCode::kResourceExhausted,
                                        "no thread with the stack that the run needs",
                                        thread.error()});
  }
  caller.serve();
  thread->join();
  return result;
}

/// In a burst that takes all slots of the engine's pool a guest gets an instance that is made for
/// it.
Result<RunResult> WasmSandbox::Impl::run_in_slot(Run& run, const engine::Code& code,
                                                 internal::CallerThread* caller) {
  bool no_slot = false;
  Result<RunResult> result = run_here(run, code, caller, &no_slot);
  if (no_slot) {
    engine::EngineKey on_demand = code.engine().key();
    on_demand.pool_slots = 0;
    auto ready = run.module.impl()->code(on_demand, run.entry.cancel.get_token());
    if (!ready) {
      result = std::unexpected(std::move(ready).error());
    } else if (!ready->code) {
      result = run.ended_before(Verdict::kCancelled);
    } else {
      result = run_here(run, *ready->code, caller, &no_slot);
    }
  }
  return result;
}

/// `no_slot`: all slots of the engine's pool are taken, no guest code has run, and the answer means
/// nothing.
Result<RunResult> WasmSandbox::Impl::run_here(Run& run, const engine::Code& code,
                                              internal::CallerThread* caller, bool* no_slot) {
  const Clock::time_point begun = Clock::now();
  // One that is over already needs no watchdog, which a short guest could outrun.
  if (run.deadline() && *run.deadline() <= begun) return run.ended_before(Verdict::kTimeLimit);
  internal::RuntimeImpl& runtime = *runtime_.impl();
  engine::InterruptibleRun interruptible(code.engine(), runtime.config().interrupt_signal);
  internal::RunSources sources(config_.determinism);
  internal::RunScratches scratches(config_.scratch);
  if (auto made = scratches.make(run.request.scratch, sources.clock(), interruptible.stop_signal());
      !made) {
    return std::unexpected(std::move(made).error());
  }
  internal::Callbacks callbacks(runtime.callback_threads(), runs_, run.entry,
                                interruptible.stop_signal(), caller);
  internal::GuestHost host({.module = run.module,
                            .request = run.request,
                            .config = config_,
                            .limits = run.limits,
                            .variables = environ_,
                            .mounts = mounts_,
                            .scratches = scratches,
                            .sources = sources,
                            .run = interruptible,
                            .callbacks = callbacks});
  Result<engine::GuestOutcome> outcome;
  std::optional<std::chrono::nanoseconds> cpu_time;
  {
    const CpuMeter cpu(runtime.config(), run.limits, code.tells_cpu_time());
    sources.begin_cpu_time(cpu.begun());
    const engine::ArmedScope armed(runtime.interrupter(), interruptible,
                                   {.wall = run.deadline(), .cpu = cpu.deadline()});
    const std::stop_callback on_cancel(run.entry.cancel.get_token(), [&] {
      runtime.interrupter().stop(interruptible, engine::StopReason::kCancelled);
    });
    const engine::GuestLimits limits{
        .memory_bytes = run.limits.memory_bytes,
        .tables = run.limits.tables,
        .table_elements = run.limits.table_elements,
        .end_on_denied = config_.on_memory_denied == OnMemoryDenied::kEndRun,
        .fuel = run.limits.fuel.value_or(0)};
    outcome = engine::run_guest(code, limits, interruptible, &host.wasi(), begun);
    cpu_time = cpu.used();
  }
  if (!outcome) return std::unexpected(std::move(outcome).error());
  if (outcome->end == engine::GuestEnd::kNoSlot) {
    *no_slot = true;
    return {};
  }
  if (outcome->trap) name_frames(outcome->trap->frames, run.module);
  name_frames(outcome->stopped_in, run.module);

  Metrics metrics = run.metrics(begun + outcome->times.all());
  metrics.instantiate_time = outcome->times.instantiate;
  metrics.run_time = outcome->times.run;
  metrics.callback_time = callbacks.time();
  metrics.teardown_time = outcome->times.teardown;
  metrics.cpu_time = cpu_time;
  metrics.peak_memory_bytes = outcome->peak_memory_bytes;
  metrics.denied_grows = outcome->denied_grows;
  metrics.peak_table_elements = outcome->peak_table_elements;
  metrics.denied_table_grows = outcome->denied_table_grows;
  metrics.fuel_used = outcome->fuel_used;
  metrics.host_calls = host.calls();
  metrics.files_opened = host.wasi().metrics().files_opened;
  const Verdict verdict = internal::verdict_of(*outcome, interruptible.stop_signal().reason());
  return RunResult{
      .verdict = verdict,
      .exit_code = exit_code_of(*outcome, host.wasi()),
      .trap = std::move(outcome->trap),
      .stopped_in = std::move(outcome->stopped_in),
      .callback_error = callbacks.error(),
      .out = host.take_output(),
      .err = host.take_error(),
      .limit_hit = internal::limit_hit_of(verdict, *outcome, host.limit_hit()),
      .scratch = run.request.keep_scratch ? scratches.contents() : std::vector<ScratchOutput>(),
      .metrics = metrics};
}

WasmSandbox::WasmSandbox(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

WasmSandbox::~WasmSandbox() {
  impl_->runs().close_for_good();
}

Result<std::unique_ptr<WasmSandbox>> WasmSandbox::create(Runtime runtime, SandboxConfig config) {
  return internal::or_no_memory([&]() -> Result<std::unique_ptr<WasmSandbox>> {
    if (auto valid = config.validate(); !valid) return std::unexpected(std::move(valid).error());
    auto mounts = internal::open_mounts(config.mounts, runtime.impl()->config().walk_paths);
    if (!mounts) return std::unexpected(std::move(mounts).error());
    if (auto off = internal::keep_off_cache(*mounts, runtime.impl()->disk()); !off) {
      return std::unexpected(std::move(off).error());
    }
    auto impl = std::make_shared<Impl>(std::move(runtime), std::move(config), std::move(*mounts));
    return std::unique_ptr<WasmSandbox>(new WasmSandbox(std::move(impl)));
  });
}

Result<RunResult> WasmSandbox::execute(const Module& module, const RunRequest& request) {
  // A callback may destroy this object while the run goes on: the run keeps what it needs.
  const std::shared_ptr<Impl> impl = impl_;
  auto result = internal::or_no_memory([&] { return impl->execute(module, request); });
  impl->count(result);
  return result;
}

Result<RunResult> WasmSandbox::execute(std::span<const std::string> command) {
  const std::shared_ptr<Impl> impl = impl_;
  auto result = internal::or_no_memory([&] { return impl->execute(command); });
  impl->count(result);
  return result;
}

Result<void> WasmSandbox::destroy() {
  return impl_->runs().close();
}

const SandboxConfig& WasmSandbox::config() const {
  return impl_->config();
}

}  // namespace mimobox
