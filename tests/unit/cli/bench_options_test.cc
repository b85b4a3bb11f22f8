#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mimobox/bench.h"

#include "cli/bench.h"

namespace mimobox::cli {
namespace {

using std::chrono::microseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(BenchOptions, AreThoseOfTheLibraryByDefault) {
  const auto config = read_bench_options({});
  ASSERT_TRUE(config);
  EXPECT_EQ(config->iterations, std::nullopt);
  EXPECT_EQ(config->measuring_time, std::chrono::seconds{1});
  EXPECT_EQ(config->targets, default_bench_targets());
  EXPECT_THAT(config->peers, SizeIs(0));
}

TEST(BenchOptions, SayHowMuch) {
  const auto config = read_bench_options({.iterations = "7", .time = "20ms", .threads = "1,2,8"});
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->iterations, 7U);
  EXPECT_EQ(config->measuring_time, std::chrono::milliseconds{20});
  EXPECT_THAT(config->threads, ElementsAre(1, 2, 8));
}

TEST(BenchOptions, NamePeers) {
  const auto config = read_bench_options({.vs = {"wasmtime", "node=/opt/node", "native=./a.out"}});
  ASSERT_TRUE(config) << config.error();
  EXPECT_THAT(config->peers, ElementsAre(BenchPeer{"wasmtime"}, BenchPeer{"node", "/opt/node"},
                                         BenchPeer{"native", "./a.out"}));
}

TEST(BenchOptions, TakeAllPeersThatRunModules) {
  const auto config = read_bench_options({.vs = {"all"}});
  ASSERT_TRUE(config);
  EXPECT_THAT(config->peers, SizeIs(bench_peer_names().size() - 1));
}

TEST(BenchOptions, ReplaceTargets) {
  const auto config = read_bench_options({.targets = {"hot_path=10us", "a:b:cold=5ms"}});
  ASSERT_TRUE(config) << config.error();
  EXPECT_THAT(config->targets,
              ElementsAre(BenchTarget{BenchStage::kHotPath, microseconds{10}},
                          BenchTarget{BenchStage::kCold, microseconds{5000}, "a:b"}));
  EXPECT_THAT(read_bench_options({.no_targets = true})->targets, SizeIs(0));
}

TEST(BenchOptions, RefuseWhatTheyDoNotKnow) {
  const auto why = [](const BenchTexts& texts) {
    const auto config = read_bench_options(texts);
    return config ? std::string() : config.error();
  };
  EXPECT_THAT(why({.iterations = "many"}), HasSubstr("--iterations"));
  EXPECT_THAT(why({.time = "1"}), HasSubstr("--time"));
  EXPECT_THAT(why({.threads = "1,,2"}), HasSubstr("--threads"));
  EXPECT_THAT(why({.vs = {"wasmtine"}}), HasSubstr("wasmtime"));
  EXPECT_THAT(why({.vs = {"node="}}), HasSubstr("node=PROGRAM"));
  EXPECT_THAT(why({.vs = {"native"}}), HasSubstr("native=PROGRAM"));
  EXPECT_THAT(why({.targets = {"hot_path"}}), HasSubstr("STAGE=TIME"));
  EXPECT_THAT(why({.targets = {"hop=1s"}}), HasSubstr("hot_path"));
  EXPECT_THAT(why({.targets = {"hot=1"}}), HasSubstr("--target"));
  EXPECT_THAT(why({.targets = {"hot=1s"}, .no_targets = true}), HasSubstr("--no-targets"));
}

}  // namespace
}  // namespace mimobox::cli
