#include "bench/machine.h"

#include <sys/utsname.h>

#include <fstream>
#include <string>
#include <string_view>
#include <thread>

#include <fmt/format.h>

#include "mimobox/runtime.h"

namespace mimobox::bench {
namespace {

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    // x86 says "model name", some others "Model" or "cpu model".
    if (!line.starts_with("model name") && !line.starts_with("Model") &&
        !line.starts_with("cpu model")) {
      continue;
    }
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "";
}

}  // namespace

BenchMachine describe_machine() {
  utsname names{};
  ::uname(&names);
  return {.processor = processor_name(),
          .processors = std::thread::hardware_concurrency(),
          .system = fmt::format("{} {} {}", names.sysname, names.release, names.machine),
          .engine = engine_version(),
          .version = std::string(version())};
}

}  // namespace mimobox::bench
