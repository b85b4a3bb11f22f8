#include "bench/peers.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mimobox/bench.h"

#include "bench/temporary_folder.h"

namespace mimobox::bench {
namespace {

using ::testing::ElementsAre;

using Words = std::vector<std::string>;

PeerRun plain() {
  return {.program = "P",
          .module_path = "m.wasm",
          .args = {"x"},
          .folder = "",
          .cache_folder = "C",
          .node_script = "S"};
}

PeerRun with_folder() {
  PeerRun run = plain();
  run.folder = "/host";
  run.args = {"x", std::string(kBenchFolder)};
  return run;
}

Words command(std::string_view name, const PeerRun& run) {
  return find_peer(name)->command(run);
}

TEST(Peers, GetTheModuleAndItsArguments) {
  EXPECT_THAT(command("wasmtime", plain()),
              ElementsAre("P", "run", "-C", "cache=y", "m.wasm", "x"));
  EXPECT_THAT(command("wazero", plain()), ElementsAre("P", "run", "-cachedir=C", "m.wasm", "x"));
  EXPECT_THAT(command("wasmer", plain()), ElementsAre("P", "run", "m.wasm", "--", "x"));
  EXPECT_THAT(command("wasmedge", plain()), ElementsAre("P", "m.wasm", "x"));
  EXPECT_THAT(command("iwasm", plain()), ElementsAre("P", "m.wasm", "x"));
  EXPECT_THAT(command("node", plain()), ElementsAre("P", "--no-warnings", "S", "m.wasm", "", "x"));
  EXPECT_THAT(command("native", plain()), ElementsAre("P", "x"));
}

TEST(Peers, GetTheFolderAsWork) {
  EXPECT_THAT(
      command("wasmtime", with_folder()),
      ElementsAre("P", "run", "-C", "cache=y", "--dir", "/host::/work", "m.wasm", "x", "/work"));
  EXPECT_THAT(command("wazero", with_folder()),
              ElementsAre("P", "run", "-cachedir=C", "-mount=/host:/work", "m.wasm", "x", "/work"));
  EXPECT_THAT(command("wasmer", with_folder()),
              ElementsAre("P", "run", "--mapdir", "/work:/host", "m.wasm", "--", "x", "/work"));
  EXPECT_THAT(command("wasmedge", with_folder()),
              ElementsAre("P", "--dir", "/work:/host", "m.wasm", "x", "/work"));
  EXPECT_THAT(command("iwasm", with_folder()),
              ElementsAre("P", "--map-dir=/work::/host", "m.wasm", "x", "/work"));
  EXPECT_THAT(command("node", with_folder()),
              ElementsAre("P", "--no-warnings", "S", "m.wasm", "/host", "x", "/work"));
  EXPECT_THAT(command("native", with_folder()), ElementsAre("P", "x", "/host"));
}

TEST(Peers, AreFoundByName) {
  for (const std::string_view name : bench_peer_names())
    EXPECT_NE(find_peer(name), nullptr) << name;
  EXPECT_EQ(find_peer("wasm"), nullptr);
}

TEST(FindProgram, LooksInPathAndChecksPaths) {
  const auto home = TemporaryFolder::create();
  const auto file = home->write("file", {});
  EXPECT_EQ(find_program("/bin/sh"), "/bin/sh");
  EXPECT_TRUE(find_program("sh").has_value());
  EXPECT_EQ(find_program("no-program-has-this-name"), std::nullopt);
  EXPECT_EQ(find_program(*file), std::nullopt);
  EXPECT_EQ(find_program(home->path()), std::nullopt);
}

}  // namespace
}  // namespace mimobox::bench
