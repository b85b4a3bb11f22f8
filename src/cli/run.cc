#include "cli/run.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "mimobox/config.h"
#include "mimobox/error.h"
#include "mimobox/module.h"
#include "mimobox/mount.h"
#include "mimobox/result.h"
#include "mimobox/run_request.h"
#include "mimobox/runtime.h"
#include "mimobox/sandbox.h"

#include "cli/compile_in_child.h"
#include "cli/escape.h"
#include "cli/exit_status.h"
#include "cli/print.h"
#include "cli/read_input.h"
#include "cli/report.h"
#include "cli/result_json.h"
#include "cli/stats.h"
#include "cli/stop_signals.h"

namespace mimobox::cli {
namespace {

int finish(const SandboxError& error, const RunOptions& options) {
  const int status = status_of(error.code);
  // A wrong setting is the caller's, who may have to be told in any case.
  if (!options.quiet || error.code == ErrorCode::kInvalidConfig) print_message(why(error));
  return options.json ? print_result(error_json(error, status), status) : status;
}

// The last bytes of streams that were passed on (`--on-stdout-limit head-and-tail`), behind the
// first. A reader that went away wants none.
bool print_tails(const RunResult& result) {
  const auto printed = [](int descriptor, const OutputStream& stream) {
    return print(descriptor, stream.tail) || errno == EPIPE;
  };
  return printed(STDOUT_FILENO, result.out) && printed(STDERR_FILENO, result.err);
}

int finish(RunResult result, const RunOptions& options, int signal) {
  if (!options.json && !print_tails(result)) {
    print_message(fmt::format("cannot write the end of the output: {}", std::strerror(errno)));
    return kStatusOwnFailure;
  }
  const int status = status_of(result, signal);
  const std::string reason = why(result, options, signal);
  if (!reason.empty() && !options.quiet) print_message(reason);
  if (options.verbose) print_message(summary(result));
  if (options.stats) print_message(stats_text(result));
  if (!options.json) return status;
  return print_result(result_json(std::move(result), status, signal), status);
}

void finish_by_signal(int signal, bool while_running, const RunOptions& options) {
  if (!options.quiet) print_message(why_signal(signal));
  if (!options.json || while_running) return;  // the run's own object may be half printed
  print(STDOUT_FILENO, error_json("cancelled", why_signal(signal), 0, kStatusSignalBase + signal));
}

// FILE of --stdin becomes descriptor 0, whose end is that of this process. Like a shell's `<`, it
// waits for the writer of a FIFO.
Result<void> take_stdin(const RunOptions& options) {
  if (!options.stdin_file) return {};
  const int file = ::open(options.stdin_file->c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  int os_errno = file < 0 ? errno : 0;
  struct stat status{};
  if (file >= 0 && ::fstat(file, &status) == 0 && S_ISDIR(status.st_mode)) os_errno = EISDIR;
  if (os_errno == 0 && ::dup2(file, STDIN_FILENO) < 0) os_errno = errno;
  if (file >= 0) ::close(file);
  if (os_errno == 0) return {};
  return std::unexpected(SandboxError{
      ErrorCode::kInvalidConfig,
      fmt::format("--stdin: {}: {}", *options.stdin_file, std::strerror(os_errno)), os_errno});
}

Input input_of(const RunOptions& options) {
  // "-" read standard input to its end.
  if (options.module == "-" && !options.stdin_file) return InputNone{};
  return InputDescriptor{STDIN_FILENO};
}

RunRequest request_of(const RunOptions& options, const StopSignals& signals) {
  RunRequest request;
  request.args = options.args;
  request.program_name = options.program_name;
  request.input = input_of(options);
  if (!options.json) {
    // Without a stdout, what the guest writes there goes nowhere.
    if (options.has_stdout) {
      request.output = OutputDescriptor{STDOUT_FILENO, options.stdout_limit};
    } else {
      request.output = OutputDiscard{};
    }
    request.error = OutputDescriptor{STDERR_FILENO, options.stderr_limit};
  }
  request.keep_scratch = options.scratch_out.has_value();
  if (options.trace) {
    request.trace = [](std::string_view line) {
      print(STDERR_FILENO, fmt::format("trace: {}\n", line));
    };
  }
  request.stop = signals.token();
  return request;
}

Result<Module> load(const Runtime& runtime, const RunOptions& options) {
  if (options.module == "-") {
    const Result<std::string> bytes = read_input("-");
    if (!bytes) return std::unexpected(bytes.error());
    return runtime.load_bytes(std::as_bytes(std::span(*bytes)), "stdin");
  }
  const bool is_code = options.module.ends_with(".cwasm");
  if (is_code && options.allow_precompiled) return runtime.load_precompiled(options.module);
  Result<Module> module = runtime.load(options.module);
  if (!module && is_code && module.error().code == ErrorCode::kModuleInvalid) {
    module.error().message = options.module +
                             " is native code, which does what it wants; where you trust whoever "
                             "made it, say --allow-precompiled";
  }
  return module;
}

Result<void> write_out(const ScratchDestination& destination, const ScratchOutput& scratch,
                       const RunOptions& options) {
  const Result<std::size_t> left_out = destination.write(scratch);
  if (!left_out) return std::unexpected(left_out.error());
  if (options.quiet) return {};
  if (*left_out > 0) {
    print_message(fmt::format("--scratch-out: left out {} links that lead out of it", *left_out));
  }
  if (scratch.truncated) {
    print_message(
        fmt::format("--scratch-out: ends after {} entries, whose paths are too long together",
                    scratch.entries.size()));
  }
  return {};
}

}  // namespace

int run(const RunOptions& options) {
  // Before the runtime's threads, which inherit the blocked signals.
  StopSignals signals([&options](int signal, bool while_running) {
    finish_by_signal(signal, while_running, options);
  });
  ProgressLine line(escape_for_terminal(options.module), options.quiet);
  RuntimeConfig config = options.runtime;
  config.pool_slots = 0;  // one run has nothing of it
  config.measure_cpu_time = true;
  compile_in_child(config, line, options.quiet);
  const Result<Runtime> runtime = Runtime::create(config);
  if (!runtime) return finish(runtime.error(), options);
  const auto sandbox = WasmSandbox::create(*runtime, options.sandbox);
  if (!sandbox) return finish(sandbox.error(), options);

  const Result<Module> module = load(*runtime, options);
  if (!module) return finish(module.error(), options);
  const Result<void> input = take_stdin(options);
  if (!input) return finish(input.error(), options);

  // Opened before the guest runs, which may be granted the folder above and move names there.
  std::optional<ScratchDestination> scratch_out;
  if (options.scratch_out) {
    Result<ScratchDestination> opened = ScratchDestination::open(*options.scratch_out);
    if (!opened) return finish(opened.error(), options);
    scratch_out = *std::move(opened);
  }

  signals.run_begins();
  Result<RunResult> result = (*sandbox)->execute(*module, request_of(options, signals));
  // Its compile may still be ending on its thread, and dies with the process.
  if (!result && result.error().code == ErrorCode::kCompileTimeout) {
    std::_Exit(finish(result.error(), options));
  }
  if (!result) return finish(result.error(), options);
  if (scratch_out) {
    const Result<void> written = write_out(*scratch_out, result->scratch.front(), options);
    if (!written) return finish(written.error(), options);
  }
  // All output is written: taking engine, mappings and threads down would cost as much as a short
  // run. And a compile that was given up may still be ending on its thread.
  std::_Exit(finish(*std::move(result), options, signals.received()));
}

}  // namespace mimobox::cli
