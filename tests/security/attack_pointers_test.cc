// Section "Host memory and pointers" of cases.toml, through the engine: hostile_calls.c holds what
// is called and what has to be answered. The conformance tests do the same without an engine and
// compare all of memory.
#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "tests/security/configurations.h"

namespace mimobox::testing {
namespace {

using std::chrono::milliseconds;

class HostileCalls : public EveryConfiguration {
 protected:
  void expect_right_answers(const std::string& number) {
    const TemporaryFolder folder;
    SandboxConfig config = settings();
    config.default_env = false;
    config.env = {{"A", "b=c"}, {"X", "\xFF"}, {"LONG", std::string(65'536, 'x')}};
    for (const bool scratch : {false, true}) {
      if (scratch) {
        config.scratch = {{.guest_path = "/"}};
        config.mounts.clear();
      } else {
        config.mounts = {
            {.host_path = folder.path(""), .guest_path = "/", .access = Access::kReadWrite}};
      }
      const auto result =
          run("hostile_calls.wasm", {.args = {number}, .input = InputBytes{std::string(4096, 'i')}},
              config);
      ASSERT_TRUE(result.has_value()) << result.error().message;
      EXPECT_EQ(result->verdict, Verdict::kExited);
      EXPECT_EQ(result->exit_code, 0U) << result->out.data;
    }
  }
};

using Attack17 = HostileCalls;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack17);
TEST_P(Attack17, BuffersBeyondAnySizeAreRefused) {
  expect_right_answers("17");
}

using Attack18 = HostileCalls;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack18);
TEST_P(Attack18, PointersAtAndBeyondTheEndAreFaults) {
  expect_right_answers("18");
}

using Attack19 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack19);
TEST_P(Attack19, EndlessRandomNumbersEndAtTheDeadline) {
  SandboxConfig config = settings();
  config.limits.wall_time = milliseconds{100};
  const auto result = run("hostile_calls.wasm", {.args = {"19"}}, config);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kTimeLimit) << result->out.data;
  EXPECT_LE(result->metrics.wall_time, milliseconds{100} + kDeadlineSlack);
}

using Attack20 = HostileCalls;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack20);
TEST_P(Attack20, StringsEndWithTheMemory) {
  expect_right_answers("20");
}

using Attack21 = HostileCalls;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack21);
TEST_P(Attack21, PathsThatAreNone) {
  expect_right_answers("21");
}

using Attack22 = HostileCalls;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack22);
TEST_P(Attack22, PollsOfNothingAndOfEverything) {
  expect_right_answers("22");
}

using Attack23 = HostileCalls;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack23);
TEST_P(Attack23, ListingsIntoOneByteFromForgedPlaces) {
  expect_right_answers("23");
}

}  // namespace
}  // namespace mimobox::testing
