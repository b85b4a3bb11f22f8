// What limits cost while nothing happens: threads that sleep, and deadlines that never come.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

std::uint64_t wake_ups(const Runtime& runtime) {
  const std::string text = runtime.metrics_text().value();
  const std::string name = "\nmimobox_watchdog_wake_ups_total ";
  return std::stoull(text.substr(text.find(name) + name.size()));
}

// A deadline that was the earliest when it was set wakes the watchdog once when it is set, so that
// it sleeps until then, and once when it is over, whatever became of its run.
TEST(WatchdogCost, IsTwoWakeUpsASecondForAThousandShortRunsWithLimitsOfASecond) {
  const Runtime runtime = Runtime::create().value();
  const Module module = runtime.load(guest_path("empty.wat")).value();
  const auto sandbox =
      WasmSandbox::create(runtime, {.limits = {.wall_time = std::chrono::seconds{1}}}).value();
  ASSERT_TRUE(sandbox->execute(module).has_value());
  const std::uint64_t before = wake_ups(runtime);
  const Clock::time_point begun = Clock::now();
  for (int run = 0; run < 1000; ++run)
    ASSERT_TRUE(sandbox->execute(module).has_value());
  const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  EXPECT_LE(static_cast<double>(wake_ups(runtime) - before), 2 * seconds + 3);
}

TEST(WatchdogCost, OfACpuLimitIsNoTick) {
  const Runtime runtime = Runtime::create().value();
  const Module module = runtime.load(guest_path("infinite_loop.wat")).value();
  const auto sandbox =
      WasmSandbox::create(runtime, {.limits = {.wall_time = milliseconds{500},
                                               .cpu_time = std::chrono::minutes{1}}})
          .value();
  const auto result = sandbox->execute(module);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kTimeLimit);
  // Only the wall time could come first; then some attempts until the guest is gone.
  EXPECT_LE(wake_ups(runtime), 60U);
}

TEST(WatchdogCost, OfACpuLimitInASleepIsALookEachTimeItCouldBeUsedUp) {
  const Runtime runtime = Runtime::create().value();
  const auto sandbox =
      WasmSandbox::create(
          runtime, {.limits = {.wall_time = milliseconds{1000}, .cpu_time = milliseconds{200}}})
          .value();
  const auto result = sandbox->execute(runtime.load(guest_path("sleep.wasm")).value());
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kTimeLimit);
  EXPECT_LE(wake_ups(runtime), 60U);
}

/// How often each thread of this process has begun to wait or was interrupted, by its number.
std::map<std::string, std::uint64_t> switches() {
  std::map<std::string, std::uint64_t> counts;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream status(task.path() / "status");
    for (std::string word; status >> word;) {
      std::uint64_t count = 0;
      if (word.ends_with("ctxt_switches:") && status >> count)
        counts[task.path().filename().string()] += count;
    }
  }
  return counts;
}

TEST(IdleCost, OfAThousandSandboxesIsNoWakeUp) {
  std::vector<std::unique_ptr<WasmSandbox>> sandboxes;
  const Module module = load_guest("empty.wat");
  for (int i = 0; i < 1000; ++i)
    sandboxes.push_back(make_sandbox(
        {.limits = {.wall_time = std::chrono::hours{1}, .cpu_time = std::chrono::hours{1}}}));
  ASSERT_TRUE(sandboxes.front()->execute(module).has_value());

  // What was begun before may still be going to sleep: looked at a few times, one quiet one is
  // enough, where a tick would show in each.
  bool quiet = false;
  for (int attempt = 0; attempt < 10 && !quiet; ++attempt) {
    const auto before = switches();
    std::this_thread::sleep_for(milliseconds{300});
    auto after = switches();
    const std::string here = std::to_string(::gettid());
    after[here] = before.at(here);
    quiet = after == before;
  }
  EXPECT_TRUE(quiet);
  EXPECT_GT(switches().size(), 1U) << "there is a watchdog to look at";
}

}  // namespace
}  // namespace mimobox::testing
