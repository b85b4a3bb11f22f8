// A guest ends at its deadline whatever it is doing.
#include <fcntl.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLimit{200};

const SandboxConfig kShort{.limits = {.wall_time = kLimit}};

void expect_ended_in_time(const Result<RunResult>& result) {
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kTimeLimit);
  EXPECT_TRUE(result->timed_out());
  EXPECT_FALSE(result->exit_code.has_value());
  EXPECT_FALSE(result->trap.has_value());
  EXPECT_GE(result->metrics.wall_time, kLimit);
  EXPECT_LE(result->metrics.wall_time, kLimit + kDeadlineSlack);
}

class WasmSandboxDeadline : public ::testing::TestWithParam<const char*> {};

TEST_P(WasmSandboxDeadline, EndsAGuestThat) {
  // Neither pipe ever moves: stdin has nothing, stdout has no reader that reads.
  const Pipe input;
  const Pipe output;
  const int input_flags = ::fcntl(input.reader(), F_GETFL);
  const int output_flags = ::fcntl(output.writer(), F_GETFL);
  expect_ended_in_time(run_guest(
      GetParam(),
      {.input = InputDescriptor{input.reader()}, .output = OutputDescriptor{output.writer()}},
      kShort));
  EXPECT_EQ(::fcntl(input.reader(), F_GETFL), input_flags);
  EXPECT_EQ(::fcntl(output.writer(), F_GETFL), output_flags);
}

INSTANTIATE_TEST_SUITE_P(Guests, WasmSandboxDeadline,
                         ::testing::Values("infinite_loop.wat",    //
                                           "loop_in_start.wat",    //
                                           "call_tree.wat",        //
                                           "bulk_fill.wat",        //
                                           "host_call_loop.wasm",  //
                                           "sleep.wasm",           //
                                           "poll_stdin.wasm",      //
                                           "read_forever.wasm",    //
                                           "flood_stdout.wasm"),
                         [](const auto& parameter) {
                           const std::string name = parameter.param;
                           return name.substr(0, name.find('.'));
                         });

TEST(WasmSandboxWallTime, ThatIsOverBeforeTheGuestBeginsIsATimeLimit) {
  const Module module = load_guest("empty.wat");
  const auto sandbox = make_sandbox({.limits = {.wall_time = std::chrono::nanoseconds{1}}});
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(sandbox->execute(module)->verdict, Verdict::kTimeLimit);
  }
}

TEST(WasmSandboxWallTime, EndsAFloodIntoACapture) {
  expect_ended_in_time(run_guest("flood_stdout.wasm", {}, kShort));
}

// The guest's poll() says that a byte is there, another reader takes it, and the guest's read()
// blocks: a signal has to get it out.
TEST(WasmSandboxWallTime, EndsAReadThatBlocksAlthoughPollCalledItReady) {
  const Module module = load_guest("read_forever.wasm");
  const auto sandbox = make_sandbox(kShort);
  for (int round = 0; round < 5; ++round) {
    Pipe input;
    std::atomic<bool> done{false};
    std::thread thief([&] {
      char byte = 0;
      while (::read(input.reader(), &byte, 1) > 0) {
      }
    });
    std::thread writer([&] {
      const auto end = std::chrono::steady_clock::now() + kLimit / 2;
      while (!done.load() && std::chrono::steady_clock::now() < end)
        input.write("x");
    });
    const Result<RunResult> result =
        sandbox->execute(module, {.input = InputDescriptor{input.reader()}});
    done.store(true);
    writer.join();
    input.close_writer();
    thief.join();
    expect_ended_in_time(result);
  }
}

TEST(WasmSandboxWallTime, LeavesAGuestAloneThatIsFaster) {
  const Result<RunResult> result =
      run_guest("short_sleep.wasm", {}, {.limits = {.wall_time = std::chrono::seconds{30}}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
  EXPECT_EQ(result->out.data, "awake\n");
  EXPECT_GE(result->metrics.wall_time, milliseconds{20});
}

TEST(WasmSandboxWallTime, MayBeNone) {
  const Result<RunResult> result =
      run_guest("short_sleep.wasm", {}, {.limits = {.wall_time = std::nullopt}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
}

TEST(WasmSandboxWallTime, OfOneNanosecondEndsALoop) {
  const Result<RunResult> result =
      run_guest("infinite_loop.wat", {}, {.limits = {.wall_time = std::chrono::nanoseconds{1}}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kTimeLimit);
}

TEST(WasmSandboxWallTime, DoesNotCountCompiling) {
  const std::string text = large_module_text();
  const Result<Module> module = load_text(text);
  ASSERT_TRUE(module.has_value()) << module.error().message;
  const auto sandbox = make_sandbox({.limits = {.wall_time = milliseconds{100}}});
  const Result<RunResult> result = sandbox->execute(*module);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
  EXPECT_GT(result->metrics.compile_time, std::chrono::nanoseconds{0});
}

TEST(WasmSandboxWallTime, LeavesTheSandboxUsable) {
  const auto sandbox = make_sandbox(kShort);
  expect_ended_in_time(sandbox->execute(load_guest("infinite_loop.wat")));
  const Result<RunResult> next = sandbox->execute(load_guest("empty.wat"));
  ASSERT_TRUE(next.has_value()) << next.error().message;
  EXPECT_EQ(next->verdict, Verdict::kExited);
}

TEST(WasmSandboxWallTime, BoundsOfTheSettingAreChecked) {
  using std::chrono::hours;
  using std::chrono::nanoseconds;
  EXPECT_TRUE((SandboxConfig{.limits = {.wall_time = nanoseconds{1}}}.validate().has_value()));
  EXPECT_TRUE((SandboxConfig{.limits = {.wall_time = hours{24}}}.validate().has_value()));
  for (const nanoseconds time : {nanoseconds{0}, nanoseconds{-1},
                                 nanoseconds(hours{24}) + nanoseconds{1}, nanoseconds::max()}) {
    const Result<void> valid = SandboxConfig{.limits = {.wall_time = time}}.validate();
    ASSERT_FALSE(valid.has_value()) << time.count();
    EXPECT_EQ(valid.error().code, ErrorCode::kInvalidConfig);
    EXPECT_THAT(valid.error().message, ::testing::HasSubstr("wall_time"));
  }
}

}  // namespace
}  // namespace mimobox::testing
