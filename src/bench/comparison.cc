#include "bench/comparison.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mimobox/runtime.h"

#include "base/read_file.h"
#include "bench/process.h"
#include "bench/sampler.h"
#include "bench/whole_process.h"

namespace mimobox::bench {
namespace {

using Clock = std::chrono::steady_clock;

/// Of a program's output that is compared with ours.
constexpr std::uint64_t kMostOutput = 64U << 20U;
constexpr std::size_t kMostOfAVersion = 80;

std::string version_of(const Peer& peer, const std::string& program, const BenchConfig& config,
                       const TemporaryFolder& home) {
  if (peer.version_args.empty()) return "";
  ProcessSpec spec{.argv = {program},
                   .environment = process_environment(home),
                   .output_path = home.path_of("version")};
  for (const std::string_view arg : peer.version_args)
    spec.argv.emplace_back(arg);
  const auto end = run_process(spec, kProcessLimit, config.stop);
  if (!end || end->killed || end->status != 0) return "";
  const auto said = base::read_file(spec.output_path, kMostOutput);
  if (!said) return "";
  const std::string text(reinterpret_cast<const char*>(said->data()),
                         std::min(said->size(), kMostOfAVersion));
  return text.substr(0, text.find('\n'));
}

/// One program on the workload.
struct Runner {
  BenchContender contender;
  ProcessSpec spec;
  std::vector<std::chrono::nanoseconds> samples = {};

  [[nodiscard]] bool counts() const { return contender.failure.empty(); }

  /// Runs it once; what goes wrong is noted.
  Result<std::chrono::nanoseconds> run(const BenchConfig& config) {
    const auto end = run_process(spec, kProcessLimit, config.stop);
    if (!end) return std::unexpected(end.error());
    if (config.stop.stop_requested()) return end->time;
    contender.failure = why_failed(*end, spec.error_path);
    return end->time;
  }
};

/// The first runs: they fill caches and show whether all do the same work.
Result<void> run_first(const BenchConfig& config, std::vector<Runner>& runners,
                       const TemporaryFolder& home) {
  std::vector<std::byte> expected;
  for (Runner& runner : runners) {
    const bool is_ours = &runner == &runners.front();
    ProcessSpec& spec = runner.spec;
    const std::string output_path = std::exchange(spec.output_path, home.path_of("stdout"));
    const auto ran = runner.run(config);
    if (!ran && is_ours) return std::unexpected(ran.error());
    if (!ran) runner.contender.failure = ran.error().message;
    auto output = base::read_file(spec.output_path, kMostOutput);
    spec.output_path = output_path;
    if (!runner.counts() || config.stop.stop_requested()) continue;
    if (!output) {
      runner.contender.failure = "wrote more than is compared";
    } else if (is_ours) {
      expected = *std::move(output);
    } else if (*output != expected) {
      runner.contender.failure = "wrote something else to stdout";
    }
  }
  return {};
}

/// All once, another one first each time.
Result<void> run_round(const BenchConfig& config, std::vector<Runner>& runners, std::size_t round) {
  for (std::size_t i = 0; i < runners.size(); ++i) {
    Runner& runner = runners[(i + round) % runners.size()];
    if (!runner.counts()) continue;
    const auto time = runner.run(config);
    if (!time) return std::unexpected(time.error());
    if (!config.stop.stop_requested() && runner.counts()) runner.samples.push_back(*time);
  }
  return {};
}

BenchComparison summarize(const std::string& workload, std::vector<Runner> runners) {
  BenchComparison comparison{.workload = workload, .contenders = {}};
  for (Runner& runner : runners) {
    if (runner.counts()) runner.contender.times = bench_times(std::move(runner.samples));
    comparison.contenders.push_back(std::move(runner.contender));
  }
  const auto ours = static_cast<double>(comparison.contenders.front().times.p50.count());
  for (BenchContender& contender : comparison.contenders) {
    if (ours > 0) contender.ratio = static_cast<double>(contender.times.p50.count()) / ours;
  }
  return comparison;
}

}  // namespace

Result<std::vector<FoundPeer>> find_peers(const BenchConfig& config, const TemporaryFolder& home,
                                          std::vector<BenchMissing>& missing) {
  std::vector<FoundPeer> found;
  for (const BenchPeer& asked : config.peers) {
    const Peer* const peer = find_peer(asked.name);
    const bool anywhere = asked.program.empty();
    auto program = find_program(anywhere ? asked.name : asked.program);
    if (!program) {
      missing.push_back(
          {asked.name, anywhere ? "no program of that name in PATH; install it or give its path"
                                : fmt::format("{} is not a program", asked.program)});
      continue;
    }
    std::string version = version_of(*peer, *program, config, home);
    found.push_back({peer, *std::move(program), std::move(version)});
  }
  return found;
}

Result<BenchComparison> compare(const BenchConfig& config, const PreparedWorkload& workload,
                                const std::vector<FoundPeer>& peers, const TemporaryFolder& home) {
  const auto spec_of = [&](std::vector<std::string> argv) {
    return ProcessSpec{.argv = std::move(argv),
                       .environment = process_environment(home),
                       .input_path = workload.input_path(),
                       .error_path = home.path_of("stderr")};
  };
  const auto script = home.write("run.cjs", std::as_bytes(std::span(kNodeScript)));
  if (!script) return std::unexpected(script.error());
  const auto caches = home.make_empty(kCaches);
  if (!caches) return std::unexpected(caches.error());

  std::vector<Runner> runners;
  runners.push_back({.contender = {.name = "mimobox-wasm",
                                   .program = config.command,
                                   .version = std::string(version())},
                     .spec = spec_of(workload.command(config.command))});
  for (const FoundPeer& found : peers) {
    runners.push_back({.contender = {.name = std::string(found.peer->name),
                                     .program = found.program,
                                     .version = found.version},
                       .spec = spec_of(found.peer->command({.program = found.program,
                                                            .module_path = workload.module_path(),
                                                            .args = workload.args(),
                                                            .folder = workload.folder(),
                                                            .cache_folder = *caches + "/peer",
                                                            .node_script = *script}))});
  }
  if (auto first = run_first(config, runners, home); !first) {
    return std::unexpected(std::move(first).error());
  }
  const Sampler sampler(config);
  const Clock::time_point begun = Clock::now();
  // The time is for each of them.
  const auto share = static_cast<std::chrono::nanoseconds::rep>(runners.size());
  for (std::size_t round = 0; sampler.wants_more(round, (Clock::now() - begun) / share); ++round) {
    if (auto ran = run_round(config, runners, round); !ran) {
      return std::unexpected(std::move(ran).error());
    }
  }
  if (const BenchContender& ours = runners.front().contender; !ours.failure.empty()) {
    return std::unexpected(SandboxError{
        ErrorCode::kInvalidConfig,
        fmt::format("{} with {}: {}", config.command, workload.workload().name, ours.failure)});
  }
  return summarize(workload.workload().name, std::move(runners));
}

}  // namespace mimobox::bench
