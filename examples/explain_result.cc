// result.h and error.h: every way in which a run can end, and what a program can tell its user
// about it.
//
//   explain_result MODULE [ARGS...]

#include <chrono>
#include <iostream>
#include <string>

#include "mimobox/error.h"
#include "mimobox/result.h"
#include "mimobox/sandbox.h"

namespace {

std::string explain(const mimobox::RunResult& result) {
  switch (result.verdict) {
    case mimobox::Verdict::kExited:
      return "it ended with exit code " + std::to_string(*result.exit_code);
    case mimobox::Verdict::kTimeLimit:
      return "it took too long";
    case mimobox::Verdict::kCpuTimeLimit:
      return "it used up its CPU time";
    case mimobox::Verdict::kOutOfFuel:
      return "it used up its fuel";
    case mimobox::Verdict::kMemoryLimit:
      return "it wanted more memory than it may have (" +
             std::to_string(result.metrics.denied_grows) + " times)";
    case mimobox::Verdict::kStackOverflow:
      return "its calls nest too deeply";
    case mimobox::Verdict::kOutputLimit:
      return "it wrote too much";
    case mimobox::Verdict::kTrapped:
      return "it crashed: " + result.trap->message;
    case mimobox::Verdict::kCancelled:
      return "it was cancelled";
    case mimobox::Verdict::kCallbackFailed:
      return "our own callback failed: " + result.callback_error;
  }
  return "unknown";
}

/// Names come from the guest: a terminal gets printable characters only.
std::string harmless(std::string text) {
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '?';
  }
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: explain_result MODULE [ARGS...]\n";
    return 2;
  }
  const auto runtime = mimobox::Runtime::create();
  if (!runtime) return 1;
  mimobox::SandboxConfig config;
  config.limits.wall_time = std::chrono::seconds{2};
  config.limits.memory_bytes = 16U << 20;
  const auto sandbox = mimobox::WasmSandbox::create(*runtime, config);
  const std::vector<std::string> command(argv + 1, argv + argc);
  const auto result = (*sandbox)->execute(command);
  if (!result) {  // nothing ran: the code tells programs why, the message people
    std::cout << mimobox::error_code_name(result.error().code) << ": "
              << harmless(result.error().message) << '\n';
    return 1;
  }
  std::cout << explain(*result) << '\n';
  if (result->trap) {
    for (const mimobox::Frame& frame : result->trap->frames) {
      std::cout << "  at " << harmless(frame.function);
      if (!frame.file.empty())
        std::cout << " (" << harmless(frame.file) << ':' << frame.line << ')';
      std::cout << '\n';
    }
  }
  return 0;
}
