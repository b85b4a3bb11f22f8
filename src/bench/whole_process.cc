#include "bench/whole_process.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <fstream>
#include <ios>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "mimobox/cache.h"
#include "mimobox/config.h"

#include "bench/sampler.h"

namespace mimobox::bench {
namespace {

/// Enough for a sentence; a bound on what another program says.
constexpr std::size_t kMostOfAText = 4096;
constexpr std::size_t kMostOfALine = 300;

/// The first line that speaks of an error, else the first one.
std::string telling_line(const std::string& path) {
  std::ifstream file(path);
  std::string text(kMostOfAText, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  const std::size_t error = text.find("rror");
  const std::size_t before = error == std::string::npos ? error : text.rfind('\n', error);
  if (before != std::string::npos) text.erase(0, before + 1);
  return text.substr(0, std::min(text.find('\n'), kMostOfALine));
}

}  // namespace

std::string why_failed(const ProcessEnd& end, const std::string& error_path) {
  if (end.killed) return fmt::format("took longer than {} s", kProcessLimit.count());
  if (end.status == 0) return "";
  const std::string said = telling_line(error_path);
  return fmt::format("exit status {}{}{}", end.status, said.empty() ? "" : ": ", said);
}

Result<BenchMeasurement> measure_process(const BenchConfig& config,
                                         const PreparedWorkload& workload,
                                         const TemporaryFolder& home, BenchStage stage) {
  const std::string& name = workload.workload().name;
  const ProcessSpec spec{.argv = workload.command(config.command),
                         .environment = process_environment(home),
                         .input_path = workload.input_path(),
                         .error_path = home.path_of("stderr")};
  const auto run = [&]() -> Result<std::chrono::nanoseconds> {
    const auto end = run_process(spec, kProcessLimit, config.stop);
    if (!end) return std::unexpected(end.error());
    if (config.stop.stop_requested()) return end->time;
    if (const std::string why = why_failed(*end, spec.error_path); !why.empty()) {
      return std::unexpected(SandboxError{
          ErrorCode::kInvalidConfig, fmt::format("{} with {}: {}", config.command, name, why)});
    }
    return end->time;
  };

  // Neither begins with what another stage left, and both with a machine that is known.
  if (auto emptied = home.make_empty(kCaches); !emptied) {
    return std::unexpected(std::move(emptied).error());
  }
  if (auto filled = run(); !filled) return std::unexpected(std::move(filled).error());
  const RuntimeConfig cache{.cache_folder = home.path_of(kCaches) + "/mimobox-wasm"};
  auto times = Sampler(config).take([&]() -> Result<std::chrono::nanoseconds> {
    if (stage == BenchStage::kProcessCold) {
      // Leaves what was found out about the machine, once for all modules.
      if (auto cleared = clear_cache(cache); !cleared) {
        return std::unexpected(std::move(cleared).error());
      }
    }
    return run();
  });
  if (!times) return std::unexpected(std::move(times).error());
  return BenchMeasurement{.workload = name,
                          .stage = stage,
                          .times = *std::move(times),
                          .memory_limit_bytes = workload.workload().limits.memory_bytes};
}

}  // namespace mimobox::bench
