#include "cli/report.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "mimobox/config.h"
#include "mimobox/error.h"
#include "mimobox/result.h"

#include "cli/escape.h"
#include "cli/exit_status.h"
#include "cli/parse.h"
#include "cli/run.h"
#include "cli/stop_signals.h"

namespace mimobox::cli {
namespace {

constexpr std::size_t kMaxFrames = 16;
// Of one name: more says nothing to a person, and a guest may have named a function by a megabyte.
constexpr std::size_t kMaxNameBytes = 200;

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
    case ErrorCode::kUnsupportedFeature:
    case ErrorCode::kInvalidConfig:
    case ErrorCode::kMountFailed:
    case ErrorCode::kResourceExhausted:
    case ErrorCode::kReentrant:
    case ErrorCode::kDestroyed:
    case ErrorCode::kInternal:
      return "";
  }
  return "";
}

std::string shown_name(std::string_view name) {
  if (name.size() <= kMaxNameBytes) return escape_for_terminal(name);
  return escape_for_terminal(name.substr(0, kMaxNameBytes)) + "...";
}

std::string place(const Frame& frame) {
  const std::string file = shown_name(frame.file);
  if (!file.empty() && frame.line > 0) return fmt::format(" ({}:{})", file, frame.line);
  if (!file.empty()) return fmt::format(" ({})", file);
  if (frame.module_offset) return fmt::format(" (offset {:#x})", *frame.module_offset);
  return "";
}

std::string backtrace(const Trap& trap) {
  std::string lines;
  const std::size_t shown = std::min(trap.frames.size(), kMaxFrames);
  for (std::size_t i = 0; i < shown; ++i) {
    const Frame& frame = trap.frames[i];
    const std::string function = frame.function.empty()
                                     ? fmt::format("function {}", frame.function_index)
                                     : shown_name(frame.function);
    lines += fmt::format("\n  at {}{}", function, place(frame));
  }
  const std::size_t more = trap.frames.size() - shown;
  if (more > 0) lines += fmt::format("\n  and {} more", more);
  return lines;
}

std::string trap_text(const RunResult& result) {
  if (!result.trap) return "unknown trap";
  return escape_for_terminal(result.trap->message) + backtrace(*result.trap);
}

// The guest went on without what it wrote above a limit: nobody else would say so.
std::string why_shortened(const RunResult& result, const RunOptions& options) {
  const auto kept = [](std::string_view stream, const OutputStream& output, std::uint64_t limit) {
    const std::string tail =
        output.tail.empty() ? "" : fmt::format(" and the last {}", output.tail.size());
    return fmt::format(
        "the guest wrote {} bytes to {}, of which the first {}{} went out (--{}-limit)",
        output.total_bytes, stream, limit - output.tail.size(), tail, stream);
  };
  if (options.json) return "";  // which tells it
  if (result.out.truncated) return kept("stdout", result.out, options.sandbox.limits.stdout_bytes);
  if (result.err.truncated) return kept("stderr", result.err, options.sandbox.limits.stderr_bytes);
  return "";
}

std::string why_exit(const RunResult& result, const RunOptions& options) {
  const std::uint32_t code = result.exit_code.value_or(0);
  const int status = status_of_guest(code);
  if (code > 255) {
    return fmt::format("the guest's exit code {} is above 255: exit status {}", code, status);
  }
  return why_shortened(result, options);
}

std::string why_output_limit(const RunResult& result, const Limits& limits) {
  const bool error = result.limit_hit == LimitHit::kStderrBytes;
  return fmt::format("output limit: ended after {} of {} (--{}-limit)",
                     format_bytes(error ? limits.stderr_bytes : limits.stdout_bytes),
                     error ? "stderr" : "stdout", error ? "stderr" : "stdout");
}

std::string why_memory_limit(const RunResult& result, const Limits& limits) {
  const std::string denied =
      result.limit_hit == LimitHit::kTableElements
          ? fmt::format("more than {} table elements (--max-table-elements)", limits.table_elements)
          : fmt::format("more than {} (--memory)", format_bytes(limits.memory_bytes));
  return fmt::format("memory limit: the guest was denied {}{}", denied,
                     result.trap ? ": " + trap_text(result) : "");
}

std::string_view verdict_words(Verdict verdict) {
  switch (verdict) {
    case Verdict::kExited:
      return "exited";
    case Verdict::kTimeLimit:
      return "ended by the time limit";
    case Verdict::kCpuTimeLimit:
      return "ended by the CPU time limit";
    case Verdict::kOutOfFuel:
      return "ended out of fuel";
    case Verdict::kMemoryLimit:
      return "ended by the memory limit";
    case Verdict::kStackOverflow:
      return "ended by a stack overflow";
    case Verdict::kOutputLimit:
      return "ended by the output limit";
    case Verdict::kTrapped:
      return "ended by a trap";
    case Verdict::kCancelled:
      return "cancelled";
    case Verdict::kCallbackFailed:
      return "ended by a failed callback";
  }
  return "ended";
}

}  // namespace

std::string why(const SandboxError& error) {
  return escape_for_terminal(error.message) + std::string(way_out(error.code));
}

std::string why(const RunResult& result, const RunOptions& options, int signal) {
  const Limits& limits = options.sandbox.limits;
  switch (result.verdict) {
    case Verdict::kExited:
      return why_exit(result, options);
    case Verdict::kTimeLimit:
      return fmt::format("time limit: ended after {} (--timeout)",
                         format_exactly(limits.wall_time.value_or(std::chrono::nanoseconds{})));
    case Verdict::kCpuTimeLimit:
      return fmt::format("CPU time limit: ended after {} of CPU time (--cpu-time)",
                         format_exactly(limits.cpu_time.value_or(std::chrono::nanoseconds{})));
    case Verdict::kOutOfFuel:
      return fmt::format("out of fuel: ended after {} (--fuel)", limits.fuel.value_or(0));
    case Verdict::kMemoryLimit:
      return why_memory_limit(result, limits);
    case Verdict::kStackOverflow:
      return fmt::format("stack overflow: the guest's calls used up {} of stack (--max-stack){}",
                         format_bytes(limits.stack_bytes),
                         result.trap ? backtrace(*result.trap) : "");
    case Verdict::kOutputLimit:
      return why_output_limit(result, limits);
    case Verdict::kTrapped:
      return fmt::format("trap: {}", trap_text(result));
    case Verdict::kCancelled:
      return why_signal(signal);
    case Verdict::kCallbackFailed:
      return fmt::format("a callback failed: {}", escape_for_terminal(result.callback_error));
  }
  return "ended for an unknown reason";
}

std::string why_signal(int signal) {
  return fmt::format("cancelled: ended by {}", signal_name(signal));
}

std::string summary(const RunResult& result) {
  const Metrics& metrics = result.metrics;
  const std::string code =
      result.exit_code ? fmt::format(" with code {}", *result.exit_code) : std::string();
  return fmt::format("{}{} after {} ({} in {}), peak memory {}", verdict_words(result.verdict),
                     code, format_measured(metrics.wall_time),
                     metrics.code_source == CodeSource::kCompiled ? "compiled" : "loaded",
                     format_measured(metrics.compile_time + metrics.load_time),
                     format_bytes(metrics.peak_memory_bytes));
}

}  // namespace mimobox::cli
