#include <chrono>
#include <concepts>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "mimobox/sandbox.h"

#include "base/thread.h"
#include "base/thread_stack.h"
#include "engine/instance.h"
#include "sandbox/callbacks.h"
#include "sandbox/caller_thread.h"
#include "sandbox/cancellation.h"
#include "sandbox/cpu_meter.h"
#include "sandbox/gate.h"
#include "sandbox/guest_host.h"
#include "sandbox/load_module.h"
#include "sandbox/module_impl.h"
#include "sandbox/mounts.h"
#include "sandbox/no_memory.h"
#include "sandbox/run.h"
#include "sandbox/run_scratches.h"
#include "sandbox/run_sources.h"
#include "sandbox/runs_in_flight.h"
#include "sandbox/runtime_impl.h"
#include "sandbox/validate.h"

namespace mimobox {
namespace {

using Clock = std::chrono::steady_clock;
using internal::Run;

/// Stack that host calls and the engine need beside the guest's own.
constexpr std::size_t kHostStackBytes = 256U << 10;

/// Whether a callback of the embedder may run on this thread while the run is in flight.
bool calls_back(const RunRequest& request) {
  return std::holds_alternative<InputCallback>(request.input) ||
         std::holds_alternative<OutputCallback>(request.output) ||
         std::holds_alternative<OutputCallback>(request.error) || request.trace != nullptr;
}

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
  [[nodiscard]] const SandboxConfig& config() const { return config_; }
  internal::RunsInFlight& runs() { return runs_; }

 private:
  template <class Body>
  Result<RunResult> in_flight(Body body);
  Result<RunResult> get_code(Run& run);
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
  Result<engine::GuestOutcome> run_guest(Run& run, const engine::Code& code,
                                         engine::InterruptibleRun& interruptible,
                                         internal::RunSources& sources, wasi::Host& host,
                                         Clock::time_point begun,
                                         std::optional<std::chrono::nanoseconds>* cpu_time);

  const Runtime runtime_;
  const SandboxConfig config_;
  const std::vector<wasi::HostMount> mounts_;
  const engine::EngineKey key_;
  const std::vector<std::string> environ_;
  internal::RunsInFlight runs_;
};

/// What `body` answers for a run that is registered, counted in the totals of the runtime. Once the
/// run has left, this sandbox may be gone.
template <class Body>
Result<RunResult> WasmSandbox::Impl::in_flight(Body body) {
  internal::RunEntry entry;
  const internal::RunScope scope(runs_, entry);
  std::chrono::nanoseconds loading{0};
  auto result = internal::or_no_memory([&]() -> Result<RunResult> {
    if (const auto why = scope.refused()) {
      return std::unexpected(internal::RunsInFlight::refusal(*why));
    }
    return body(entry, loading);
  });
  internal::Totals& totals = runtime_.impl()->totals();
  if (result) {
    totals.count(*result, loading);
  } else {
    totals.count(result.error().code, loading);
  }
  return result;
}

// The whole of a run, top to bottom.
Result<RunResult> WasmSandbox::Impl::execute(const Module& module, const RunRequest& request) {
  return in_flight([&](internal::RunEntry& entry, auto&) -> Result<RunResult> {
    const Clock::time_point begun = Clock::now();
    if (auto same = module.impl()->belongs_to(*runtime_.impl()); !same) {
      return std::unexpected(std::move(same).error());
    }
    if (auto valid = internal::validate_request(request, config_); !valid) {
      return std::unexpected(std::move(valid).error());
    }
    Run run{.entry = entry,
            .module = module.impl()->loaded(),
            .request = request,
            .limits = request.limits ? *request.limits : config_.limits,
            .begun = begun};
    // One way to cancel for both the caller and destroy().
    const std::stop_callback from_caller(request.stop, [&] { entry.cancel.request(); });
    return get_code(run);
  });
}

Result<RunResult> WasmSandbox::Impl::execute(std::span<const std::string> command) {
  return in_flight(
      [&](internal::RunEntry& entry, std::chrono::nanoseconds& loading) -> Result<RunResult> {
        const Clock::time_point begun = Clock::now();
        if (command.empty()) {
          return std::unexpected(
              SandboxError{ErrorCode::kEmptyCommand,
                           "the command is empty; its first element is the module's path"});
        }
        const auto module = internal::load_file(*runtime_.impl(), command.front(), begun);
        if (!module) return std::unexpected(module.error());
        loading = module->load_time;
        const auto run_with = [&](const RunRequest& request) {
          Run run{.entry = entry,
                  .module = *module,
                  .request = request,
                  .limits = config_.limits,
                  .begun = begun + loading};
          return get_code(run);
        };
        static const RunRequest kPlain;
        if (command.size() == 1) return run_with(kPlain);
        RunRequest request;
        request.args.assign(command.begin() + 1, command.end());
        if (auto valid = internal::validate_request(request, config_); !valid) {
          return std::unexpected(std::move(valid).error());
        }
        return run_with(request);
      });
}

Result<RunResult> WasmSandbox::Impl::get_code(Run& run) {
  const engine::EngineKey key =
      run.request.limits ? runtime_.impl()->engine_key(config_, *run.request.limits) : key_;
  if (const engine::Code* known = run.module.contents->find_code(key)) return queue(run, *known);
  auto ready = run.module.code(runtime_.impl(), key, run.entry.cancel.token());
  if (!ready) return std::unexpected(std::move(ready).error());
  run.code_time = ready->waited;
  run.code_source = ready->source;
  if (ready->code == nullptr) return run.ended_before(Verdict::kCancelled);
  return queue(run, *ready->code);
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
                                run.deadline(), run.entry.cancel.token());
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
    auto ready = run.module.code(runtime_.impl(), on_demand, run.entry.cancel.token());
    if (!ready) {
      result = std::unexpected(std::move(ready).error());
    } else if (ready->code == nullptr) {
      result = run.ended_before(Verdict::kCancelled);
    } else {
      run.code_time += ready->waited;
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
  internal::GuestHost host({.module_name = run.module.name,
                            .request = run.request,
                            .config = config_,
                            .limits = run.limits,
                            .variables = environ_,
                            .mounts = mounts_,
                            .scratches = scratches,
                            .sources = sources,
                            .run = interruptible,
                            .callbacks = callbacks});
  std::optional<std::chrono::nanoseconds> cpu_time;
  auto outcome = run_guest(run, code, interruptible, sources, host.wasi(), begun, &cpu_time);
  if (!outcome) return std::unexpected(std::move(outcome).error());
  if (outcome->end == engine::GuestEnd::kNoSlot) {
    *no_slot = true;
    return {};
  }
  return tell(run, {.outcome = *outcome,
                    .begun = begun,
                    .stop_reason = interruptible.stop_signal().reason(),
                    .cpu_time = cpu_time,
                    .runtime = runtime,
                    .host = host,
                    .callbacks = callbacks,
                    .scratches = scratches});
}

/// Runs the guest under the interrupter. `begun`: when the first step for it was; `cpu_time`: what
/// it used, where that is measured.
Result<engine::GuestOutcome> WasmSandbox::Impl::run_guest(
    Run& run, const engine::Code& code, engine::InterruptibleRun& interruptible,
    internal::RunSources& sources, wasi::Host& host, Clock::time_point begun,
    std::optional<std::chrono::nanoseconds>* cpu_time) {
  internal::RuntimeImpl& runtime = *runtime_.impl();
  const internal::CpuMeter cpu(runtime.config(), run.limits, code.tells_cpu_time());
  sources.begin_cpu_time(cpu.begun());
  const engine::ArmedScope armed(runtime.interrupter(), interruptible,
                                 {.wall = run.deadline(), .cpu = cpu.deadline()});
  const internal::CancelScope cancellable(run.entry.cancel, runtime.interrupter(), interruptible);
  const engine::GuestLimits limits{
      .memory_bytes = run.limits.memory_bytes,
      .tables = run.limits.tables,
      .table_elements = run.limits.table_elements,
      .end_on_denied = config_.on_memory_denied == OnMemoryDenied::kEndRun,
      .fuel = run.limits.fuel.value_or(0)};
  auto outcome = engine::run_guest(code, limits, interruptible, &host, begun);
  *cpu_time = cpu.used();
  return outcome;
}

WasmSandbox::WasmSandbox(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

WasmSandbox::~WasmSandbox() {
  impl_->runs().close_for_good(impl_);
}

Result<std::unique_ptr<WasmSandbox>> WasmSandbox::create(Runtime runtime, SandboxConfig config) {
  return internal::or_no_memory([&]() -> Result<std::unique_ptr<WasmSandbox>> {
    if (auto valid = config.validate(); !valid) return std::unexpected(std::move(valid).error());
    auto mounts = internal::open_mounts(config.mounts, runtime.impl()->config().walk_paths);
    if (!mounts) return std::unexpected(std::move(mounts).error());
    if (auto off = internal::keep_off_cache(*mounts, runtime.impl()->disk()); !off) {
      return std::unexpected(std::move(off).error());
    }
    auto placed = internal::place_mounts(std::move(*mounts), config);
    if (!placed) return std::unexpected(std::move(placed).error());
    auto impl = std::make_shared<Impl>(std::move(runtime), std::move(config), std::move(*placed));
    return std::unique_ptr<WasmSandbox>(new WasmSandbox(std::move(impl)));
  });
}

Result<RunResult> WasmSandbox::execute(const Module& module, const RunRequest& request) {
  // A callback may destroy this object, which then lives on until its last run has left
  // (`close_for_good()`), and the module, which the run keeps.
  const auto kept_module = calls_back(request) ? module.impl() : nullptr;
  return impl_->execute(module, request);
}

Result<RunResult> WasmSandbox::execute(std::span<const std::string> command) {
  return impl_->execute(command);
}

Result<void> WasmSandbox::destroy() {
  return internal::or_no_memory([&] { return impl_->runs().close(); });
}

const SandboxConfig& WasmSandbox::config() const {
  return impl_->config();
}

}  // namespace mimobox
