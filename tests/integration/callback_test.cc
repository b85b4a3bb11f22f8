// Functions of the embedder as a guest's input and output.
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/thread.h"
#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using ::testing::HasSubstr;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Gives a text in pieces of so many bytes.
InputCallback input_of(std::string text, std::size_t piece) {
  return {[text = std::move(text), piece](std::span<std::byte> buffer) mutable {
    const std::size_t count = std::min({piece, buffer.size(), text.size()});
    std::ranges::copy(std::as_bytes(std::span(text).first(count)), buffer.begin());
    text.erase(0, count);
    return count;
  }};
}

OutputCallback into(std::string& text) {
  return {[&text](std::span<const std::byte> bytes) { text += text_of(bytes); }};
}

TEST(WasmSandboxCallback, FeedsAndTakesWhatTheGuestReadsAndWrites) {
  std::string out;
  const auto result =
      run_guest("echo_stdin.wasm", {.input = input_of("some words", 3), .output = into(out)});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->exit_code, 0U);
  EXPECT_EQ(out, "some words");
  EXPECT_EQ(result->out.total_bytes, 10U);
  EXPECT_EQ(result->out.data, "");
}

TEST(WasmSandboxCallback, ThatIsEmptyIsRefused) {
  const auto sandbox = make_sandbox();
  const Module module = load_guest("hello.wasm");
  for (const RunRequest& request :
       {RunRequest{.input = InputCallback{}}, RunRequest{.output = OutputCallback{}},
        RunRequest{.error = OutputCallback{}}}) {
    const auto result = sandbox->execute(module, request);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidConfig);
    EXPECT_THAT(result.error().message, HasSubstr("callback is empty"));
  }
}

TEST(WasmSandboxCallback, ThatThrowsEndsTheRun) {
  int calls = 0;
  const auto result =
      run_guest("flood_stdout.wasm", {.output = OutputCallback{[&](std::span<const std::byte>) {
                                        if (++calls == 3)
                                          throw std::runtime_error("the disk is full");
                                      }}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kCallbackFailed);
  EXPECT_EQ(result->callback_error, "the disk is full");
  EXPECT_FALSE(result->exit_code.has_value());
  EXPECT_EQ(calls, 3);
}

TEST(WasmSandboxCallback, ThatThrowsAnythingElseEndsTheRunToo) {
  const auto result =
      run_guest("echo_stdin.wasm",
                {.input = InputCallback{[](std::span<std::byte>) -> std::size_t { throw 7; }}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kCallbackFailed);
  EXPECT_FALSE(result->callback_error.empty());
}

TEST(WasmSandboxCallback, MayNotReenterItsSandbox) {
  const auto sandbox = make_sandbox();
  const Module module = load_guest("hello.wasm");
  std::optional<ErrorCode> executed;
  std::optional<ErrorCode> destroyed;
  const auto result =
      sandbox->execute(module, {.output = OutputCallback{[&](std::span<const std::byte>) {
                                  const auto again = sandbox->execute(module);
                                  if (!again) executed = again.error().code;
                                  const auto gone = sandbox->destroy();
                                  if (!gone) destroyed = gone.error().code;
                                }}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
  EXPECT_EQ(executed, ErrorCode::kReentrant);
  EXPECT_EQ(destroyed, ErrorCode::kReentrant);
  EXPECT_TRUE(sandbox->execute(module).has_value()) << "the sandbox still works";
}

TEST(WasmSandboxCallback, MayUseAnotherSandbox) {
  const Module module = load_guest("hello.wasm");
  const auto other = make_sandbox();
  std::string inner;
  const auto result =
      run_guest("hello.wasm", {.output = OutputCallback{[&](std::span<const std::byte>) {
                                 inner = other->execute(module)->out.data;
                               }}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(inner, "hello from the guest\n");
}

TEST(WasmSandboxTrace, TellsEachCallInOneLine) {
  std::vector<std::string> lines;
  const auto result =
      run_guest("hello.wasm", {.trace = [&](std::string_view line) { lines.emplace_back(line); }});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_THAT(lines, ::testing::Contains(
                         ::testing::AllOf(HasSubstr("fd_write(fd=1"), HasSubstr("SUCCESS"))));
  for (const std::string& line : lines)
    EXPECT_EQ(line.find('\n'), std::string::npos);
}

TEST(WasmSandboxTrace, ThatThrowsEndsTheRun) {
  const auto result =
      run_guest("hello.wasm", {.trace = [](std::string_view) { throw std::runtime_error("no"); }});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kCallbackFailed);
}

// It holds the only place itself: waiting for one would be for ever.
TEST(WasmSandboxCallback, DoesNotWaitForItsOwnPlaceInTheQueue) {
  const auto runtime = Runtime::create({.max_runs = 1});
  const auto module = runtime->load(guest_path("hello.wasm"));
  const SandboxConfig patient{.limits = {.wall_time = std::nullopt}};
  const auto outer = WasmSandbox::create(*runtime, patient);
  const auto inner = WasmSandbox::create(*runtime, patient);
  std::optional<ErrorCode> code;
  const auto result =
      (*outer)->execute(*module, {.output = OutputCallback{[&](std::span<const std::byte>) {
                                    const auto nested = (*inner)->execute(*module);
                                    if (!nested) code = nested.error().code;
                                  }}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kExited);
  EXPECT_EQ(code, ErrorCode::kResourceExhausted);
}

TEST(WasmSandboxCallback, ThatClaimsMoreThanItsBufferHoldsEndsTheRun) {
  const auto result = run_guest(
      "echo_stdin.wasm",
      {.input = InputCallback{[](std::span<std::byte> buffer) { return buffer.size() + 1; }}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kCallbackFailed);
}

TEST(WasmSandboxCallback, MayDropItsSandboxWhichCancelsTheRun) {
  auto sandbox = make_sandbox({.limits = {.wall_time = std::nullopt}});
  const Module module = load_guest("flood_stdout.wasm");
  const auto result = sandbox->execute(
      module, {.output = OutputCallback{[&](std::span<const std::byte>) { sandbox.reset(); }}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kCancelled);
}

TEST(WasmSandboxCallback, ThatIsSlowIsNamedInTheMetricsAndTheDeadlineIsMetAfterIt) {
  using std::chrono::milliseconds;
  const auto result =
      run_guest("flood_stdout.wasm",
                {.output = OutputCallback{[](std::span<const std::byte>) {
                   std::this_thread::sleep_for(milliseconds{60});  // slowness is what is tested
                 }}},
                {.limits = {.wall_time = milliseconds{20}}});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kTimeLimit);
  EXPECT_GE(result->metrics.callback_time, milliseconds{60});
  EXPECT_GE(result->metrics.wall_time, result->metrics.callback_time);
}

TEST(WasmSandboxCallbackConcurrent, MayDropItsSandboxUnderOtherRunsWhichAreCancelledToo) {
  auto sandbox = make_sandbox({.limits = {.wall_time = std::nullopt}});
  WasmSandbox& dropped = *sandbox;
  const Module module = load_guest("flood_stdout.wasm");
  constexpr int kOthers = 3;
  std::atomic<int> begun{0};
  std::vector<std::optional<Result<RunResult>>> others(kOthers);
  std::vector<std::thread> threads;
  for (auto& result : others) {
    threads.emplace_back([&] {
      const Pipe output;  // which is full soon: a run that waits, and has no callback
      std::thread reader([&] {
        static_cast<void>(output.read_byte());
        ++begun;
      });
      result = dropped.execute(module, {.output = OutputDescriptor{output.writer()}});
      reader.join();
    });
  }
  while (begun < kOthers)
    std::this_thread::yield();
  const auto result = dropped.execute(
      module, {.output = OutputCallback{[&](std::span<const std::byte>) { sandbox.reset(); }}});
  for (std::thread& thread : threads)
    thread.join();
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kCancelled);
  for (const auto& other : others) {
    ASSERT_TRUE(other->has_value()) << other->error().message;
    EXPECT_EQ((*other)->verdict, Verdict::kCancelled);
  }
}

// On a thread with 64 KiB of stack the guest moves to a thread of ours; callbacks do not.
TEST(WasmSandboxCallbackConcurrent, IsCalledOnTheCallersThreadAlsoWhenThatHasAlmostNoStack) {
  const Module module = load_guest("echo_stdin.wasm");
  ASSERT_TRUE(shared_runtime().compile(module, {}).has_value());
  const auto sandbox = make_sandbox();
  std::string out;
  int elsewhere = 0;
  std::optional<Result<RunResult>> result;
  auto caller = base::Thread::start(
      [&] {
        const auto self = std::this_thread::get_id();
        RunRequest request;
        request.input = input_of("words", 2);
        request.output = OutputCallback{[&](std::span<const std::byte> bytes) {
          elsewhere += std::this_thread::get_id() == self ? 0 : 1;
          out += text_of(bytes);
        }};
        result = sandbox->execute(module, request);
      },
      64U << 10);
  ASSERT_TRUE(caller.has_value());
  caller->join();
  ASSERT_TRUE(result->has_value()) << result->error().message;
  EXPECT_EQ((*result)->exit_code, 0U);
  EXPECT_EQ(out, "words");
  EXPECT_EQ(elsewhere, 0);
}

TEST(WasmSandboxCallbackConcurrent, ReentryIsSeenOnATinyStackToo) {
  const Module module = load_guest("hello.wasm");
  ASSERT_TRUE(shared_runtime().compile(module, {}).has_value());
  const auto sandbox = make_sandbox();
  std::optional<ErrorCode> code;
  auto caller = base::Thread::start(
      [&] {
        RunRequest request;
        request.output = OutputCallback{[&](std::span<const std::byte>) {
          const auto gone = sandbox->destroy();
          if (!gone) code = gone.error().code;
        }};
        EXPECT_TRUE(sandbox->execute(module, request).has_value());
      },
      64U << 10);
  caller->join();
  EXPECT_EQ(code, ErrorCode::kReentrant);
}

}  // namespace
}  // namespace mimobox::testing
