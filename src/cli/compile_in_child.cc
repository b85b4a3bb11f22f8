#include "cli/compile_in_child.h"

#include <sys/auxv.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cli/escape.h"
#include "cli/parse.h"
#include "cli/print.h"

namespace mimobox::cli {
namespace {

/// This program's file: also where the way to it has been renamed since, and where there is no
/// /proc.
std::filesystem::path own_program() {
  constexpr const char* kSelf = "/proc/self/exe";
  if (::access(kSelf, X_OK) == 0) return kSelf;
  return reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
}

}  // namespace

ProgressLine::ProgressLine(std::string name, bool quiet)
    : name_(std::move(name)), wanted_(!quiet && ::isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  wipe();
}

void ProgressLine::show(const CompileProgress& progress) {
  if (!wanted_) return;
  const auto tenths =
      std::chrono::duration_cast<std::chrono::milliseconds>(progress.running).count() / 100;
  print(STDERR_FILENO,
        fmt::format("\r\033[Kmimobox-wasm: {} {} ({}), {}.{} s",
                    progress.by_another_process ? "another process compiles" : "compiling", name_,
                    format_bytes(progress.module_bytes), tenths / 10, tenths % 10));
  shown_ = true;
}

void ProgressLine::wipe() {
  if (std::exchange(shown_, false)) print(STDERR_FILENO, "\r\033[K");
}

void compile_in_child(RuntimeConfig& config, ProgressLine& line, bool quiet) {
  config.compile_helper = own_program();
  config.on_compile = [&line](const CompileProgress& progress) {
    progress.done ? line.wipe() : line.show(progress);
  };
  if (quiet) return;
  config.log = [](LogLevel level, std::string_view text) {
    // What the user has to know; the rest is what a user who looks at it asks for.
    if (level == LogLevel::kWarning) print_message(escape_for_terminal(text));
  };
}

}  // namespace mimobox::cli
