#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mimobox/bench.h"

namespace mimobox {
namespace {

using ::testing::HasSubstr;

BenchConfig valid_config() {
  BenchConfig config;
  config.workloads = {{.name = "a"}};
  return config;
}

std::string refusal(const std::function<void(BenchConfig&)>& change) {
  BenchConfig config = valid_config();
  change(config);
  const auto valid = config.validate();
  if (valid) return "";
  EXPECT_EQ(valid.error().code, ErrorCode::kInvalidConfig);
  return valid.error().message;
}

TEST(BenchConfig, HoldsItsBounds) {
  EXPECT_EQ(refusal([](BenchConfig&) {}), "");
  EXPECT_EQ(refusal([](BenchConfig& config) { config.iterations = 1; }), "");
  EXPECT_THAT(refusal([](BenchConfig& config) { config.iterations = 0; }), HasSubstr("iterations"));
  EXPECT_EQ(refusal([](BenchConfig& config) { config.iterations = 10'000'000; }), "");
  EXPECT_THAT(refusal([](BenchConfig& config) { config.iterations = 10'000'001; }),
              HasSubstr("iterations"));
  EXPECT_THAT(refusal([](BenchConfig& config) { config.measuring_time = {}; }),
              HasSubstr("measuring_time"));
  EXPECT_EQ(refusal([](BenchConfig& config) { config.measuring_time = std::chrono::hours{1}; }),
            "");
  EXPECT_THAT(refusal([](BenchConfig& config) { config.measuring_time = std::chrono::hours{2}; }),
              HasSubstr("measuring_time"));
  EXPECT_EQ(refusal([](BenchConfig& config) { config.threads = {1, 1024}; }), "");
  EXPECT_THAT(refusal([](BenchConfig& config) { config.threads = {0}; }), HasSubstr("threads"));
  EXPECT_THAT(refusal([](BenchConfig& config) { config.threads = {1025}; }), HasSubstr("threads"));
}

TEST(BenchConfig, NeedsAWorkloadWithAPlainName) {
  EXPECT_THAT(refusal([](BenchConfig& config) { config.workloads = {}; }), HasSubstr("workloads"));
  for (const char* const name : {"", ".", "..", "a/b", "a b", "\x1b"}) {
    EXPECT_THAT(refusal([&](BenchConfig& config) { config.workloads = {{.name = name}}; }),
                HasSubstr("name"))
        << name;
  }
}

TEST(BenchConfig, RefusesLimitsThatNoSandboxTakes) {
  EXPECT_THAT(refusal([](BenchConfig& config) { config.workloads[0].limits.memory_bytes = 1; }),
              HasSubstr("memory_bytes"));
}

TEST(BenchConfig, KnowsItsPeers) {
  for (const std::string_view name : bench_peer_names()) {
    const std::string program = name == "native" ? "/bin/true" : "";
    EXPECT_EQ(refusal([&](BenchConfig& config) { config.peers = {{std::string(name), program}}; }),
              "")
        << name;
  }
  EXPECT_THAT(refusal([](BenchConfig& config) { config.peers = {{"wasmtine"}}; }),
              HasSubstr("wasmtime"));
}

TEST(BenchConfig, TakesANativeProgramForOneWorkload) {
  EXPECT_THAT(refusal([](BenchConfig& config) { config.peers = {{"native"}}; }),
              HasSubstr("program"));
  EXPECT_THAT(refusal([](BenchConfig& config) {
                config.peers = {{"native", "/bin/true"}};
                config.workloads.push_back({.name = "b"});
              }),
              HasSubstr("one workload"));
}

TEST(BenchStages, AreFoundByTheirNames) {
  for (const BenchStage stage : bench_stages()) {
    EXPECT_EQ(find_bench_stage(bench_stage_name(stage)), stage);
    EXPECT_FALSE(bench_stage_label(stage).empty());
  }
  EXPECT_EQ(find_bench_stage("hop"), std::nullopt);
}

}  // namespace
}  // namespace mimobox
