#include "engine/engine.h"

#include <mimobox_engine.h>

#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace mimobox::engine {
namespace {

#if defined(__x86_64__)
TEST(Engine, TheLibraryKnowsTheFeaturesThatTheProcessorHas) {
  EXPECT_TRUE(mimobox_features_agree());
}
#endif

TEST(Engine, SettingsTellApartWhateverCodeDependsOn) {
  const auto settings = [](const EngineKey& key) {
    return Engine::create(key, {}).value()->settings();
  };
  EngineKey key;
  key.stack_bytes = 1U << 20;
  std::set<std::vector<std::byte>> all{settings(key)};
  for (const auto change : std::vector<void (*)(EngineKey&)>{
           [](EngineKey& k) { k.code.metered = true; },
           [](EngineKey& k) { k.code.deterministic = true; },
           [](EngineKey& k) { k.code.interrupt = InterruptWay::kSignal; },
           [](EngineKey& k) { k.code.cpu = Cpu::kBaseline; }}) {
    EngineKey other = key;
    change(other);
    EXPECT_TRUE(all.insert(settings(other)).second);
  }
  key.stack_bytes = 2U << 20;
  EXPECT_TRUE(all.contains(settings(key)));
}

}  // namespace
}  // namespace mimobox::engine
