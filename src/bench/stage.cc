#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "mimobox/bench.h"

namespace mimobox {
namespace {

constexpr std::array kStages = {
    BenchStage::kEngine,      BenchStage::kCompile, BenchStage::kProcessCold,
    BenchStage::kProcessWarm, BenchStage::kCold,    BenchStage::kNewSandbox,
    BenchStage::kHotPath,     BenchStage::kHot,
};

struct Words {
  std::string_view name;
  std::string_view label;
};

Words words_of(BenchStage stage) {
  switch (stage) {
    case BenchStage::kEngine:
      return {"engine", "engine creation"};
    case BenchStage::kCompile:
      return {"compile", "first compile"};
    case BenchStage::kProcessCold:
      return {"process_cold", "process, empty cache"};
    case BenchStage::kProcessWarm:
      return {"process_warm", "process, filled cache"};
    case BenchStage::kCold:
      return {"cold", "cold, all of it new"};
    case BenchStage::kNewSandbox:
      return {"new_sandbox", "new sandbox"};
    case BenchStage::kHotPath:
      return {"hot_path", "hot, from a path"};
    case BenchStage::kHot:
      return {"hot", "hot, a module in hand"};
  }
  return {};
}

}  // namespace

std::string_view bench_stage_name(BenchStage stage) {
  return words_of(stage).name;
}

std::string_view bench_stage_label(BenchStage stage) {
  return words_of(stage).label;
}

std::span<const BenchStage> bench_stages() {
  return kStages;
}

std::optional<BenchStage> find_bench_stage(std::string_view name) {
  for (const BenchStage stage : kStages) {
    if (bench_stage_name(stage) == name) return stage;
  }
  return std::nullopt;
}

}  // namespace mimobox
