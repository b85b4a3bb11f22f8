// config.h and runtime.h: a server's runtime, with bounds for all its guests together.
//
//   bounded_runtime MODULE    runs it on eight threads, two at a time

#include <atomic>
#include <iostream>
#include <string_view>
#include <thread>
#include <vector>

#include "mimobox/config.h"
#include "mimobox/runtime.h"
#include "mimobox/sandbox.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: bounded_runtime MODULE\n";
    return 2;
  }
  mimobox::RuntimeConfig config;
  config.max_runs = 2;
  config.max_memory_bytes = 256U << 20;  // of both together
  config.on_busy = mimobox::OnBusy::kWait;
  config.log = [](mimobox::LogLevel, std::string_view line) { std::cerr << line << '\n'; };
  const auto runtime = mimobox::Runtime::create(config);
  const auto module = runtime ? runtime->load(argv[1]) : std::unexpected(runtime.error());
  if (!module) {
    std::cerr << module.error().message << '\n';
    return 1;
  }
  mimobox::SandboxConfig guest;
  guest.limits.memory_bytes = 64U << 20;
  const auto sandbox = mimobox::WasmSandbox::create(*runtime, guest);
  if (!sandbox) {
    std::cerr << sandbox.error().message << '\n';
    return 1;
  }
  std::atomic<int> exited{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        const auto result = (*sandbox)->execute(*module);
        if (result && result->verdict == mimobox::Verdict::kExited) ++exited;
      });
    }
  }
  std::cout << exited << " of 8 runs exited\n";
  return 0;
}
