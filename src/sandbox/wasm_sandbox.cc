#include <chrono>
#include <new>
#include <optional>
#include <stop_token>
#include <utility>

#include "base/thread.h"
#include "base/thread_stack.h"
#include "engine/instance.h"
#include "mimobox/sandbox.h"
#include "sandbox/guest_host.h"
#include "sandbox/module_impl.h"
#include "sandbox/runs_in_flight.h"
#include "sandbox/runtime_impl.h"
#include "sandbox/validate.h"

namespace mimobox {
namespace {

using Clock = std::chrono::steady_clock;

/// Elements of all tables of one guest together: 16 MiB of host memory at the engine's 16 bytes each.
constexpr std::uint64_t kTableElements = 1ULL << 20;

/// Stack that host calls and the engine need beside the guest's own.
constexpr std::size_t kHostStackBytes = 256U << 10;

Verdict verdict_of_stop(std::uint32_t reason) {
  return reason == std::to_underlying(engine::StopReason::kTimeLimit) ? Verdict::kTimeLimit
                                                                      : Verdict::kCancelled;
}

Verdict verdict_of_trap(const engine::GuestOutcome& outcome) {
  if (outcome.trap->code == TrapCode::kStackOverflow) return Verdict::kStackOverflow;
  return outcome.last_grow_denied ? Verdict::kMemoryLimit : Verdict::kTrapped;
}

Verdict verdict_of(const engine::GuestOutcome& outcome, std::uint32_t stop_reason) {
  switch (outcome.end) {
    case engine::GuestEnd::kReturned:
    case engine::GuestEnd::kExited:
      return Verdict::kExited;
    case engine::GuestEnd::kStopped:
      return verdict_of_stop(stop_reason);
    case engine::GuestEnd::kTrapped:
      return verdict_of_trap(outcome);
  }
  return Verdict::kTrapped;
}

/// The guest's own number: 0 when its entry point returned.
std::optional<std::uint32_t> exit_code_of(const engine::GuestOutcome& outcome,
                                          const wasi::Host& host) {
  if (outcome.end == engine::GuestEnd::kReturned) return 0;
  if (outcome.end == engine::GuestEnd::kExited) return host.exit_code();
  return std::nullopt;
}

}  // namespace

class WasmSandbox::Impl {
 public:
  Impl(Runtime runtime, SandboxConfig config)
      : runtime_(std::move(runtime)),
        config_(std::move(config)),
        key_(internal::engine_key(config_)),
        environ_(internal::make_environ(config_)) {}

  Result<RunResult> execute(const Module& module, const RunRequest& request);
  Result<RunResult> execute(std::span<const std::string> command);
  bool destroy() { return runs_.close(); }

 private:
  Result<RunResult> run_where_stack_is(const Module& module, const RunRequest& request,
                                       const engine::Code& code, const std::stop_token& cancel,
                                       Clock::time_point begun);
  Result<RunResult> run_here(const Module& module, const RunRequest& request,
                             const engine::Code& code, const std::stop_token& cancel,
                             Clock::time_point begun);

  const Runtime runtime_;
  const SandboxConfig config_;
  const engine::EngineKey key_;
  const std::vector<std::string> environ_;
  internal::RunsInFlight runs_;
};

// The whole of a run, top to bottom.
Result<RunResult> WasmSandbox::Impl::execute(const Module& module, const RunRequest& request) {
  const Clock::time_point begun = Clock::now();
  if (auto valid = validate_request(request); !valid) return std::unexpected(valid.error());

  // One way to cancel for both the caller and destroy().
  std::stop_source cancel;
  const std::stop_callback from_caller(request.stop, [&] { cancel.request_stop(); });
  if (auto entered = runs_.enter(cancel); !entered) return std::unexpected(entered.error());
  const internal::RunScope in_flight(runs_, cancel);

  auto ready = module.impl()->code(key_, cancel.get_token());
  if (!ready) return std::unexpected(std::move(ready).error());
  if (!ready->code) {
    return RunResult{.verdict = Verdict::kCancelled,
                     .metrics = {.compile_time = ready->waited}};
  }

  // Compiling has its own limit: the wall time does not count it.
  auto result = run_where_stack_is(module, request, *ready->code, cancel.get_token(),
                                   begun + ready->waited);
  if (result) result->metrics.compile_time = ready->waited;
  return result;
}

Result<RunResult> WasmSandbox::Impl::execute(std::span<const std::string> command) {
  if (command.empty()) {
    return std::unexpected(SandboxError{
        ErrorCode::kEmptyCommand, "the command is empty; its first element is the module's path"});
  }
  const auto module = runtime_.load(command.front());
  if (!module) return std::unexpected(module.error());
  RunRequest request;
  request.args.assign(command.begin() + 1, command.end());
  return execute(*module, request);
}

/// The engine trusts that the thread has the stack which guests may use: it looks at no guard page.
Result<RunResult> WasmSandbox::Impl::run_where_stack_is(const Module& module,
                                                        const RunRequest& request,
                                                        const engine::Code& code,
                                                        const std::stop_token& cancel,
                                                        Clock::time_point begun) {
  const std::size_t needed = config_.limits.stack_bytes + kHostStackBytes;
  if (base::stack_left() >= needed) return run_here(module, request, code, cancel, begun);

  Result<RunResult> result = std::unexpected(SandboxError{});
  auto thread = base::Thread::start(
      [&]() noexcept {
        try {
          result = run_here(module, request, code, cancel, begun);
        } catch (const std::bad_alloc&) {
          result = std::unexpected(
              SandboxError{ErrorCode::kResourceExhausted, "no memory for the run"});
        }
      },
      needed + kHostStackBytes);
  if (!thread) {
    return std::unexpected(SandboxError{ErrorCode::kResourceExhausted,
                                        "no thread with the stack that the run needs",
                                        thread.error()});
  }
  thread->join();
  return result;
}

Result<RunResult> WasmSandbox::Impl::run_here(const Module& module, const RunRequest& request,
                                              const engine::Code& code,
                                              const std::stop_token& cancel,
                                              Clock::time_point begun) {
  internal::RuntimeImpl& runtime = *runtime_.impl();
  std::optional<engine::Deadline> deadline;
  if (config_.limits.wall_time) deadline = begun + *config_.limits.wall_time;

  engine::InterruptibleRun run(code.engine(), runtime.config().interrupt_signal);
  internal::GuestHost host(module, request, config_.limits, environ_, run);
  Result<engine::GuestOutcome> outcome;
  {
    const engine::ArmedScope armed(runtime.interrupter(), run, deadline);
    const std::stop_callback on_cancel(
        cancel, [&] { runtime.interrupter().stop(run, engine::StopReason::kCancelled); });
    const engine::GuestLimits limits{.memory_bytes = config_.limits.memory_bytes,
                                     .table_elements = kTableElements};
    outcome = engine::run_guest(code, limits, run, &host.wasi());
  }
  if (!outcome) return std::unexpected(std::move(outcome).error());

  return RunResult{.verdict = verdict_of(*outcome, run.stop_signal().reason()),
                   .exit_code = exit_code_of(*outcome, host.wasi()),
                   .trap = std::move(outcome->trap),
                   .out = host.take_output(),
                   .err = host.take_error(),
                   .metrics = {.compile_time = {},
                               .wall_time = Clock::now() - begun,
                               .peak_memory_bytes = outcome->peak_memory_bytes,
                               .denied_grows = outcome->denied_grows}};
}

WasmSandbox::WasmSandbox(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

WasmSandbox::~WasmSandbox() {
  if (impl_) impl_->destroy();
}

Result<std::unique_ptr<WasmSandbox>> WasmSandbox::create(Runtime runtime, SandboxConfig config) {
  if (auto valid = config.validate(); !valid) return std::unexpected(std::move(valid).error());
  auto impl = std::make_unique<Impl>(std::move(runtime), std::move(config));
  return std::unique_ptr<WasmSandbox>(new WasmSandbox(std::move(impl)));
}

Result<RunResult> WasmSandbox::execute(const Module& module, const RunRequest& request) {
  try {
    return impl_->execute(module, request);
  } catch (const std::bad_alloc&) {
    return std::unexpected(SandboxError{ErrorCode::kResourceExhausted, "no memory for the run"});
  }
}

Result<RunResult> WasmSandbox::execute(std::span<const std::string> command) {
  try {
    return impl_->execute(command);
  } catch (const std::bad_alloc&) {
    return std::unexpected(SandboxError{ErrorCode::kResourceExhausted, "no memory for the run"});
  }
}

Result<void> WasmSandbox::destroy() {
  if (impl_->destroy()) return {};
  return std::unexpected(SandboxError{ErrorCode::kDestroyed, "the sandbox was destroyed before"});
}

}  // namespace mimobox
