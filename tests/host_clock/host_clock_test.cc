// Limits and sleeps while the host's clock is set, back by an hour or ahead by one: they go by
// clocks that nobody can set. The guests write a byte first, and its callback sets the clock, so
// that each deadline was reckoned before.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>

#include "tests/host_clock/settable_clock.h"
#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kLimit{200};

/// A guest that writes a byte and then does `body`. It has a subscription at 16: to a sleep of
/// `sleep` by the wall clock.
Module guest_that(std::string_view body, milliseconds sleep = hours{10}) {
  const auto length = std::chrono::nanoseconds(sleep).count();
  const std::string text = R"((module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
    (memory (export "memory") 1)
    (func $say (param i32)
      (i32.store (i32.const 100) (local.get 0)) (i32.store (i32.const 104) (i32.const 8))
      (drop (call $write (i32.const 1) (i32.const 100) (i32.const 1) (i32.const 108))))
    (func (export "_start")
      (i64.store (i32.const 40) (i64.const )" +
                           std::to_string(length) + R"())
      (drop (call $clock (i32.const 0) (i64.const 1) (i32.const 200)))
      (call $say (i32.const 200))
      )" + std::string(body) +
                           "))";
  return load_text(text).value();
}

constexpr std::string_view kLoop = "(loop $again (br $again))";
constexpr std::string_view kSleep =
    "(drop (call $poll (i32.const 16) (i32.const 300) (i32.const 1) (i32.const 400)))";
constexpr std::string_view kRead =
    "(i32.store (i32.const 104) (i32.const 1)) (drop (call $read (i32.const 0) (i32.const 100) "
    "(i32.const 1) (i32.const 108)))";

/// Runs a guest whose first byte sets the clock from `before` to `after`.
Result<RunResult> run_while_set(const Module& module, const Limits& limits, seconds before,
                                seconds after, const RunRequest& more = {}) {
  set_host_clock(before);
  RunRequest request = more;
  request.output = OutputCallback{[&](auto) { set_host_clock(after); }};
  const auto sandbox = make_sandbox({.limits = limits});
  Result<RunResult> result = sandbox->execute(module, request);
  set_host_clock(seconds{0});
  return result;
}

void expect_time_limit(const Result<RunResult>& result) {
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kTimeLimit);
  EXPECT_GE(result->metrics.wall_time, kLimit);
  EXPECT_LE(result->metrics.wall_time, kLimit + kDeadlineSlack);
}

/// From the clock an hour ahead back to the machine's, and the other way round.
class HostClock : public ::testing::TestWithParam<bool> {
 protected:
  static seconds before() { return GetParam() ? seconds{hours{1}} : seconds{0}; }
  static seconds after() { return GetParam() ? seconds{0} : seconds{hours{1}}; }
};

INSTANTIATE_TEST_SUITE_P(Set, HostClock, ::testing::Bool(),
                         [](const auto& parameter) { return parameter.param ? "Back" : "Ahead"; });

// What the tests below stand on: the program and its guests do see another time of day.
TEST_P(HostClock, IsSetForTheProgramAndItsGuests) {
  std::string said;
  const Module module = guest_that(
      "(drop (call $clock (i32.const 0) (i64.const 1) (i32.const 200))) (call $say (i32.const "
      "200))");
  set_host_clock(before());
  const auto begun = std::chrono::system_clock::now();
  const auto take = [&](std::span<const std::byte> bytes) {
    said.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    set_host_clock(after());
  };
  ASSERT_TRUE(make_sandbox()->execute(module, {.output = OutputCallback{take}}).has_value());
  EXPECT_EQ(std::chrono::system_clock::now() < begun, GetParam());
  set_host_clock(seconds{0});
  ASSERT_EQ(said.size(), 16U);
  std::uint64_t times[2];
  std::memcpy(times, said.data(), sizeof times);
  EXPECT_EQ(times[1] < times[0], GetParam());
}

TEST_P(HostClock, Attack10TheWallTimeHoldsWhileItIsSet) {
  const Limits limits{.wall_time = kLimit};
  const Pipe silent;
  expect_time_limit(run_while_set(guest_that(kLoop), limits, before(), after()));
  expect_time_limit(run_while_set(guest_that(kSleep), limits, before(), after()));
  expect_time_limit(run_while_set(guest_that(kRead), limits, before(), after(),
                                  {.input = InputDescriptor{silent.reader()}}));
}

TEST_P(HostClock, Attack10TheCpuTimeHoldsWhileItIsSet) {
  const Limits limits{.wall_time = std::chrono::minutes{1}, .cpu_time = milliseconds{50}};
  const auto result = run_while_set(guest_that(kLoop), limits, before(), after());
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kCpuTimeLimit);
}

TEST_P(HostClock, Attack10ASleepTakesItsLengthWhileItIsSet) {
  const Limits limits{.wall_time = seconds{30}};
  const auto result = run_while_set(guest_that(kSleep, kLimit), limits, before(), after());
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
  EXPECT_GE(result->metrics.run_time, kLimit);
}

TEST_P(HostClock, Attack10WaitingForATurnEndsAtTheDeadlineWhileItIsSet) {
  const Runtime runtime = Runtime::create({.max_runs = 1}).value();
  const auto first = WasmSandbox::create(runtime, {.limits = {.wall_time = std::nullopt}}).value();
  const auto second = WasmSandbox::create(runtime, {.limits = {.wall_time = kLimit}}).value();
  const Module endless = runtime.load(guest_path("read_forever.wasm")).value();
  const Pipe silent;
  std::stop_source stop;
  std::jthread occupant([&] {
    const auto held = first->execute(
        endless, {.input = InputDescriptor{silent.reader()}, .stop = stop.get_token()});
    EXPECT_TRUE(held.has_value());
  });
  while (!runtime.metrics_text().value().contains("mimobox_runs_in_flight 1")) {
  }
  set_host_clock(before());
  std::jthread setter([&] {
    std::this_thread::sleep_for(kLimit / 4);
    set_host_clock(after());
  });
  const Result<RunResult> waited = second->execute(runtime.load(guest_path("empty.wat")).value());
  setter.join();
  set_host_clock(seconds{0});
  stop.request_stop();
  expect_time_limit(waited);
}

}  // namespace
}  // namespace mimobox::testing
