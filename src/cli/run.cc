#include "cli/run.h"

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <expected>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "mimobox/config.h"
#include "mimobox/error.h"
#include "mimobox/module.h"
#include "mimobox/result.h"
#include "mimobox/run_request.h"
#include "mimobox/runtime.h"
#include "mimobox/sandbox.h"

#include "cli/escape.h"
#include "cli/exit_status.h"
#include "cli/parse.h"
#include "cli/print.h"
#include "cli/stop_signals.h"

namespace mimobox::cli {
namespace {

using Clock = std::chrono::steady_clock;

// What the user can do about it, where the library's sentence cannot know our options.
std::string_view way_out(ErrorCode code) {
  switch (code) {
    case ErrorCode::kMemoryAboveLimit:
      return " (--memory)";
    case ErrorCode::kCompileTimeout:
      return " (--compile-timeout)";
    case ErrorCode::kNoEntryPoint:
    case ErrorCode::kModuleNotFound:
    case ErrorCode::kModuleUnreadable:
    case ErrorCode::kModuleInvalid:
    case ErrorCode::kModuleTooLarge:
    case ErrorCode::kEmptyCommand:
    case ErrorCode::kUnsupportedImport:
    case ErrorCode::kInvalidConfig:
    case ErrorCode::kResourceExhausted:
    case ErrorCode::kDestroyed:
    case ErrorCode::kInternal:
      return "";
  }
  return "";
}

int report(const SandboxError& error) {
  print_message(fmt::format("{}{}", escape_for_terminal(error.message), way_out(error.code)));
  return status_of(error.code);
}

std::string trap_text(const RunResult& result) {
  return result.trap ? escape_for_terminal(result.trap->message) : "unknown trap";
}

int report_exit(const RunResult& result) {
  const std::uint32_t code = result.exit_code.value_or(0);
  const int status = status_of_guest(code);
  if (code > 255) {
    print_message(
        fmt::format("the guest's exit code {} is above 255: exit status {}", code, status));
  }
  return status;
}

int report(const RunResult& result, const Limits& limits, int signal) {
  switch (result.verdict) {
    case Verdict::kExited:
      return report_exit(result);
    case Verdict::kTimeLimit:
      print_message(fmt::format("time limit: ended after {} (--timeout)",
                                format_exactly(limits.wall_time.value_or(Clock::duration{}))));
      return kStatusTimeLimit;
    case Verdict::kMemoryLimit:
      print_message(fmt::format("memory limit: the guest was denied more than {} (--memory): {}",
                                format_bytes(limits.memory_bytes), trap_text(result)));
      return kStatusMemoryLimit;
    case Verdict::kStackOverflow:
      print_message(fmt::format("stack overflow: the guest's calls used up {} of stack",
                                format_bytes(limits.stack_bytes)));
      return kStatusTrap;
    case Verdict::kTrapped:
      print_message(fmt::format("trap: {}", trap_text(result)));
      return kStatusTrap;
    case Verdict::kCancelled:
      print_message(fmt::format("cancelled: ended by {}", signal_name(signal)));
      return kStatusSignalBase + signal;
  }
  return kStatusOwnFailure;
}

std::string verdict_words(const RunResult& result) {
  switch (result.verdict) {
    case Verdict::kExited:
      return fmt::format("exited with code {}", result.exit_code.value_or(0));
    case Verdict::kTimeLimit:
      return "ended by the time limit";
    case Verdict::kMemoryLimit:
      return "ended by the memory limit";
    case Verdict::kStackOverflow:
      return "ended by a stack overflow";
    case Verdict::kTrapped:
      return "ended by a trap";
    case Verdict::kCancelled:
      return "cancelled";
  }
  return "ended";
}

void print_summary(const RunResult& result, std::chrono::nanoseconds compile_time) {
  print_message(fmt::format("{} after {} (compile {}), peak memory {}", verdict_words(result),
                            format_measured(result.metrics.wall_time),
                            format_measured(compile_time + result.metrics.compile_time),
                            format_bytes(result.metrics.peak_memory_bytes)));
}

RunRequest request_of(const RunOptions& options, const StopSignals& signals) {
  RunRequest request;
  request.args = options.args;
  request.input = InputDescriptor{STDIN_FILENO};
  request.output = OutputDescriptor{STDOUT_FILENO};
  request.error = OutputDescriptor{STDERR_FILENO};
  request.stop = signals.token();
  return request;
}

// Loads and compiles; an overdue compile ends the process, since its thread cannot be ended.
Result<Module> prepare(const Runtime& runtime, const RunOptions& options,
                       const SandboxConfig& config) {
  Result<Module> module = runtime.load(options.module);
  if (!module) return module;
  const Result<void> compiled = runtime.compile(*module, config);
  if (compiled) return module;
  if (compiled.error().code == ErrorCode::kCompileTimeout) {
    std::_Exit(report(compiled.error()));
  }
  return std::unexpected(compiled.error());
}

}  // namespace

int run(const RunOptions& options) {
  StopSignals signals;  // before the runtime's threads, which inherit the blocked signals
  const SandboxConfig config{.limits = options.limits, .env = options.env};
  const Result<Runtime> runtime = Runtime::create({.compile_timeout = options.compile_timeout});
  if (!runtime) return report(runtime.error());
  const auto sandbox = WasmSandbox::create(*runtime, config);
  if (!sandbox) return report(sandbox.error());

  const Clock::time_point begin = Clock::now();
  const Result<Module> module = prepare(*runtime, options, config);
  if (!module) return report(module.error());
  const std::chrono::nanoseconds compile_time = Clock::now() - begin;

  signals.run_begins();
  const Result<RunResult> result = (*sandbox)->execute(*module, request_of(options, signals));
  if (!result) return report(result.error());
  const int status = report(*result, config.limits, signals.received());
  if (options.verbose) print_summary(*result, compile_time);
  return status;
}

}  // namespace mimobox::cli
