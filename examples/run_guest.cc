// Runs a WebAssembly program on bytes from standard input and says how it ended.
//
//   run_guest MODULE [ARGS...] < input

#include <chrono>
#include <iostream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "mimobox/config.h"
#include "mimobox/error.h"
#include "mimobox/module.h"
#include "mimobox/result.h"
#include "mimobox/run_request.h"
#include "mimobox/runtime.h"
#include "mimobox/sandbox.h"

namespace {

mimobox::Result<mimobox::RunResult> run(const std::string& path, std::vector<std::string> args,
                                        std::string input) {
  // One runtime per process; sandboxes and modules share it.
  auto runtime = mimobox::Runtime::create();
  if (!runtime) return std::unexpected(runtime.error());

  auto module = runtime->load(path);
  if (!module) return std::unexpected(module.error());

  // Nothing is granted that is not named here.
  mimobox::SandboxConfig config;
  config.limits.memory_bytes = 64U << 20;
  config.limits.wall_time = std::chrono::seconds{2};
  auto sandbox = mimobox::WasmSandbox::create(*runtime, config);
  if (!sandbox) return std::unexpected(sandbox.error());

  mimobox::RunRequest request;
  request.args = std::move(args);
  request.input = mimobox::InputBytes{std::move(input)};
  return (*sandbox)->execute(*module, request);  // as often as you like, from any thread
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: run_guest MODULE [ARGS...] < input\n";
    return 2;
  }
  std::string input(std::istreambuf_iterator<char>(std::cin), {});
  const auto result = run(argv[1], {argv + 2, argv + argc}, std::move(input));
  if (!result) {  // the host could not run it
    std::cerr << mimobox::error_code_name(result.error().code) << ": " << result.error().message
              << '\n';
    return 1;
  }
  std::cout << result->out.data;
  std::cerr << "verdict: " << mimobox::verdict_name(result->verdict);
  if (result->exit_code) std::cerr << ", exit code " << *result->exit_code;
  std::cerr << ", peak memory " << result->metrics.peak_memory_bytes << " bytes\n";
  return 0;
}
