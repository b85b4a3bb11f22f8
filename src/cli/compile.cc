#include "cli/compile.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "mimobox/runtime.h"

#include "cli/compile_in_child.h"
#include "cli/escape.h"
#include "cli/exit_status.h"
#include "cli/parse.h"
#include "cli/print.h"
#include "cli/report.h"

namespace mimobox::cli {
namespace {

constexpr std::string_view kCompileHelp =
    R"(Compiles a module ahead of its first run, into the cache or into a file.

Usage: mimobox-wasm compile [OPTIONS] MODULE

Options:
  -o, --output FILE         Write the code into FILE (.cwasm), not into the cache
  --cpu native|baseline     For this machine's processor, or with -o for all of
                            its kind (native)
  --compile-timeout TIME    Time to compile the module (1m)
  --cache-dir DIR           Where compiled code is kept; also MIMOBOX_CACHE_DIR
  -q, --quiet               No progress line
  -h, --help                Print this text

FILE is native code: 'run' takes it with --allow-precompiled only, and whoever can
write it can do what you can.

Exit status: 0; 126 when MODULE is no module that can run, 127 when there is no
such file, 124 when compiling took too long, 125 for other failures.

Examples:
  mimobox-wasm compile prog.wasm
  mimobox-wasm compile --cpu baseline -o prog.cwasm prog.wasm
)";

int report(const SandboxError& error) {
  print_message(why(error));
  return status_of(error.code);
}

int usage(std::string_view what) {
  print_message(fmt::format("{} (see 'mimobox-wasm compile --help')", what));
  return kStatusOwnFailure;
}

bool write_to(int file, std::span<const std::byte> bytes) {
  return print(file, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

/// Where links lead to: they stay, also /dev/stdout.
std::string behind_links(const std::string& path) {
  std::error_code none;
  const auto real = std::filesystem::canonical(path, none);
  return none ? path : real.native();
}

/// A device or FIFO is written to. Anything else is replaced, at once and whole.
bool write_file(const std::string& path, std::span<const std::byte> bytes) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (file < 0) return false;
    const bool written = write_to(file, bytes);
    const int os_errno = errno;
    ::close(file);
    errno = os_errno;
    return written;
  }
  const std::string target = behind_links(path);
  const std::string temporary = target + ".tmp" + std::to_string(::getpid());
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file < 0) return false;
  const bool written = write_to(file, bytes) && ::fsync(file) == 0;
  int os_errno = errno;
  ::close(file);
  if (written && std::rename(temporary.c_str(), target.c_str()) == 0) return true;
  if (written) os_errno = errno;
  ::unlink(temporary.c_str());
  errno = os_errno;
  return false;
}

int compile_to_file(const Runtime& runtime, const Module& module, const CompileOptions& options) {
  const auto code = runtime.precompile(
      module, {}, options.cpu == "baseline" ? CpuFeatures::kBaseline : CpuFeatures::kNative);
  if (!code) return report(code.error());
  if (write_file(*options.output, *code)) return 0;
  print_message(fmt::format("cannot write {}: {}", escape_for_terminal(*options.output),
                            std::strerror(errno)));
  return kStatusOwnFailure;
}

bool same_file(const std::string& one, const std::string& other) {
  struct stat a{};
  struct stat b{};
  return ::stat(one.c_str(), &a) == 0 && ::stat(other.c_str(), &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
}

}  // namespace

std::string_view compile_help() {
  return kCompileHelp;
}

CLI::App* add_compile(CLI::App& app, CompileOptions& options) {
  CLI::App* const compile = app.add_subcommand("compile");
  compile->add_option("-o,--output", options.output)->type_name("FILE");
  compile->add_option("--cpu", options.cpu)->type_name("native|baseline");
  compile->add_option("--compile-timeout", options.timeout)->type_name("TIME");
  add_cache_options(*compile, options.cache);
  compile->add_flag("-q,--quiet", options.quiet)->disable_flag_override();
  compile->add_option("MODULE", options.module)->required();
  return compile;
}

int compile(const CompileOptions& options) {
  if (options.cpu != "native" && options.cpu != "baseline") {
    return usage(fmt::format("--cpu: '{}' is neither native nor baseline",
                             escape_for_terminal(options.cpu)));
  }
  if (options.cpu == "baseline" && !options.output) {
    return usage("--cpu baseline goes with -o FILE: the cache holds code for this processor");
  }
  if (options.output && same_file(*options.output, options.module)) {
    return usage(fmt::format("-o: {} is the module itself", escape_for_terminal(*options.output)));
  }
  RuntimeConfig config;
  take_cache_options(options.cache, config);
  if (options.timeout) {
    const auto taken = take_runtime_setting("--compile-timeout", *options.timeout, config);
    if (!taken) return usage(taken.error());
  }
  ProgressLine line(escape_for_terminal(options.module), options.quiet);
  compile_in_child(config, line, options.quiet);
  const Result<Runtime> runtime = Runtime::create(config);
  if (!runtime) return report(runtime.error());
  const Result<Module> module = runtime->load(options.module);
  if (!module) return report(module.error());
  if (options.output) return compile_to_file(*runtime, *module, options);
  const Result<void> compiled = runtime->compile(*module, {});
  return compiled ? 0 : report(compiled.error());
}

}  // namespace mimobox::cli
