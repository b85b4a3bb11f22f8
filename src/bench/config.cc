#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "mimobox/bench.h"

#include "bench/peers.h"

namespace mimobox {
namespace {

Result<void> refuse(std::string why) {
  return std::unexpected(SandboxError{ErrorCode::kInvalidConfig, std::move(why), 0});
}

/// Names become file names and words of a table.
bool is_plain(std::string_view name) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  return !name.empty() && name.size() <= 255 && name != "." && name != ".." &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

}  // namespace

std::vector<BenchTarget> default_bench_targets() {
  using std::chrono::microseconds;
  return {{BenchStage::kNewSandbox, microseconds{5000}},
          {BenchStage::kHotPath, microseconds{1000}},
          {BenchStage::kCold, microseconds{5000}, "nothing"},
          {BenchStage::kProcessWarm, microseconds{2500}, "nothing"},
          {BenchStage::kProcessWarm, microseconds{2500}, "printf"},
          {BenchStage::kHotPath, microseconds{10}, "nothing"},
          {BenchStage::kHotPath, microseconds{10}, "printf"}};
}

Result<void> BenchConfig::validate() const {
  if (workloads.empty()) {
    return refuse(
        "workloads is empty: this build has no built-in ones (no C compiler for wasm32-wasi), so "
        "name a module");
  }
  for (const BenchWorkload& workload : workloads) {
    if (!is_plain(workload.name)) {
      return refuse("a workload's name is letters, digits, '-', '_' and '.', 255 at most");
    }
    if (auto valid = SandboxConfig{.limits = workload.limits}.validate(); !valid) return valid;
  }
  if (iterations && (*iterations < 1 || *iterations > 10'000'000)) {
    return refuse(fmt::format("iterations is {}; allowed: 1 to 10,000,000", *iterations));
  }
  if (measuring_time <= std::chrono::nanoseconds{0} || measuring_time > std::chrono::hours{1}) {
    return refuse(fmt::format("measuring_time is {} ns; allowed: above 0, at most 1 h",
                              measuring_time.count()));
  }
  for (const std::size_t count : threads) {
    if (count < 1 || count > 1024) {
      return refuse(fmt::format("threads has {}; allowed: 1 to 1024", count));
    }
  }
  for (const BenchPeer& peer : peers) {
    if (bench::find_peer(peer.name) == nullptr) {
      return refuse(fmt::format("peers has '{}'; known: {}", peer.name, bench::known_peers()));
    }
    if (peer.name == bench::kNative && peer.program.empty()) {
      return refuse("peers has native without a program");
    }
    if (peer.name == bench::kNative && workloads.size() != 1) {
      return refuse(
          "peers has native, which is the native build of one program: take one workload");
    }
  }
  return {};
}

}  // namespace mimobox
