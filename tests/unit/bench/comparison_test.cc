#include "bench/comparison.h"

#include <sys/stat.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/read_file.h"

// Scripts stand for the command and its peers: what is tested is how they are run and judged.

namespace mimobox::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class Comparison : public ::testing::Test {
 protected:
  std::string script(std::string_view name, const std::string& body) {
    const std::string text = "#!/bin/sh\n" + body;
    const auto path = home_.write(name, std::as_bytes(std::span(text)));
    ::chmod(path->c_str(), 0755);
    return *path;
  }

  Result<BenchComparison> compare_with(const std::vector<BenchPeer>& peers) {
    config_.peers = peers;
    const auto found = find_peers(config_, home_, missing_);
    if (!found) return std::unexpected(found.error());
    const auto prepared = PreparedWorkload::create(workload_, home_);
    if (!prepared) return std::unexpected(prepared.error());
    return compare(config_, *prepared, *found, home_);
  }

  TemporaryFolder home_ = *TemporaryFolder::create();
  BenchWorkload workload_{.name = "w", .args = {"x"}, .input = "some input"};
  BenchConfig config_ = [this] {
    BenchConfig config;
    config.workloads = {workload_};
    config.iterations = 3;
    config.command = script("ours", "cat");
    return config;
  }();
  std::vector<BenchMissing> missing_;
};

TEST_F(Comparison, RunsEachAsOftenAsOurs) {
  const auto compared = compare_with({{"wasmtime", script("good", "cat")}});
  ASSERT_TRUE(compared) << compared.error().message;
  ASSERT_THAT(compared->contenders, SizeIs(2));
  EXPECT_EQ(compared->contenders[0].name, "mimobox-wasm");
  EXPECT_EQ(compared->contenders[0].ratio, 1.0);
  EXPECT_EQ(compared->contenders[1].name, "wasmtime");
  EXPECT_EQ(compared->contenders[1].failure, "");
  EXPECT_GT(compared->contenders[1].ratio, 0.0);
  for (const BenchContender& contender : compared->contenders)
    EXPECT_THAT(contender.times.samples, SizeIs(3));
}

TEST_F(Comparison, AlternatesWhoBegins) {
  const std::string log = home_.path_of("log");
  config_.command = script("ours", "echo ours >> " + log);
  // Its version is asked for first.
  const std::string peer = script("peer", "[ \"$1\" = --version ] || echo peer >> " + log);
  ASSERT_TRUE(compare_with({{"wasmtime", peer}}));
  const auto bytes = base::read_file(log, 1000);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size()),
            "ours\npeer\n"  // to fill caches
            "ours\npeer\npeer\nours\nours\npeer\n");
}

TEST_F(Comparison, SaysWhichVersion) {
  const std::string peer =
      script("peer", "if [ \"$1\" = --version ]; then echo 1.2; echo more; else cat; fi");
  EXPECT_EQ(compare_with({{"wasmtime", peer}})->contenders[1].version, "1.2");
}

TEST_F(Comparison, NamesAPeerThatIsNotThere) {
  const auto compared = compare_with({{"wasmtime", "/nowhere/wasmtime"}});
  ASSERT_TRUE(compared);
  EXPECT_THAT(compared->contenders, SizeIs(1));
  ASSERT_THAT(missing_, SizeIs(1));
  EXPECT_EQ(missing_[0].what, "wasmtime");
  EXPECT_THAT(missing_[0].why, HasSubstr("/nowhere/wasmtime"));
}

TEST_F(Comparison, NamesAPeerThatFails) {
  const auto compared =
      compare_with({{"wasmtime", script("bad", "echo 'at x:' >&2; echo 'Error: no' >&2; exit 7")}});
  ASSERT_TRUE(compared);
  EXPECT_EQ(compared->contenders[1].failure, "exit status 7: Error: no");
  EXPECT_THAT(compared->contenders[1].times.samples, SizeIs(0));
  EXPECT_EQ(compared->contenders[1].ratio, 0.0);
}

TEST_F(Comparison, NamesAPeerThatDoesOtherWork) {
  const auto compared = compare_with({{"wasmtime", script("other", "echo other")}});
  ASSERT_TRUE(compared);
  EXPECT_THAT(compared->contenders[1].failure, HasSubstr("something else"));
}

TEST_F(Comparison, IsAnErrorWhenOursFails) {
  config_.command = script("ours", "exit 1");
  const auto compared = compare_with({{"wasmtime", script("good", "cat")}});
  ASSERT_FALSE(compared);
  EXPECT_THAT(compared.error().message, HasSubstr("exit status 1"));
}

TEST_F(Comparison, GivesBothTheFolderOfCaches) {
  config_.command = script("ours", "touch $XDG_CACHE_HOME/found");
  const auto compared = compare_with({{"wasmtime", script("good", "test -e $HOME/cache/found")}});
  ASSERT_TRUE(compared);
  EXPECT_EQ(compared->contenders[1].failure, "");
}

}  // namespace
}  // namespace mimobox::bench
