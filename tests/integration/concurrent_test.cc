// Many threads at once. These are the tests that run under ThreadSanitizer, too.
#include <atomic>
#include <chrono>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

constexpr int kThreads = 10;

TEST(WasmSandboxConcurrent, TenThreadsShareOneSandbox) {
  const Module module = load_guest("echo_stdin.wasm");
  const auto sandbox = make_sandbox();
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int run = 0; run < 20; ++run) {
        const std::string words = std::to_string(thread) + " says " + std::to_string(run);
        const Result<RunResult> result = sandbox->execute(module, {.input = InputBytes{words}});
        if (result && result->exit_code == 0U && result->out.data == words) ++right;
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(right.load(), kThreads * 20);
  EXPECT_EQ(module.compile_count(), 1U) << "compiled once for all threads";
}

TEST(WasmSandboxConcurrent, EachThreadHasItsOwnDeadline) {
  const Module endless = load_guest("infinite_loop.wat");
  const Module hello = load_guest("hello.wasm");
  const auto brief = make_sandbox({.limits = {.wall_time = std::chrono::milliseconds{100}}});
  const auto patient = make_sandbox();
  std::atomic<int> timed_out{0};
  std::atomic<int> exited{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      if (thread % 2 == 0) {
        const Result<RunResult> result = brief->execute(endless);
        if (result && result->verdict == Verdict::kTimeLimit) ++timed_out;
        return;
      }
      for (int run = 0; run < 20; ++run) {
        const Result<RunResult> result = patient->execute(hello);
        if (result && result->verdict == Verdict::kExited) ++exited;
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(timed_out.load(), kThreads / 2);
  EXPECT_EQ(exited.load(), kThreads / 2 * 20);
}

TEST(WasmSandboxConcurrent, CancelAtRandomMomentsAlwaysEndsTheRun) {
  const Module endless = load_guest("infinite_loop.wat");
  const auto sandbox = make_sandbox({.limits = {.wall_time = std::nullopt}});
  ASSERT_TRUE(shared_runtime().compile(endless, {}).has_value());
  std::minstd_rand random(20240501);
  for (int round = 0; round < 1000; ++round) {
    const std::chrono::microseconds moment{random() % 1500};
    std::stop_source stop;
    std::thread canceller([&] {
      const auto end = std::chrono::steady_clock::now() + moment;
      while (std::chrono::steady_clock::now() < end) {
      }
      stop.request_stop();
    });
    const Result<RunResult> result = sandbox->execute(endless, {.stop = stop.get_token()});
    canceller.join();
    ASSERT_TRUE(result.has_value()) << result.error().message;
    ASSERT_EQ(result->verdict, Verdict::kCancelled) << "round " << round;
  }
}

TEST(WasmSandboxConcurrent, CancelRacesWithTheGuestsOwnEnd) {
  const Module hello = load_guest("hello.wasm");
  const auto sandbox = make_sandbox();
  std::minstd_rand random(7);
  for (int round = 0; round < 1000; ++round) {
    const auto spins = static_cast<unsigned>(random() % 20'000);
    std::stop_source stop;
    std::thread canceller([&] {
      for (std::atomic<unsigned> spin{0}; spin < spins; ++spin) {
      }
      stop.request_stop();
    });
    const Result<RunResult> result = sandbox->execute(hello, {.stop = stop.get_token()});
    canceller.join();
    ASSERT_TRUE(result.has_value()) << result.error().message;
    if (result->verdict == Verdict::kExited) {
      EXPECT_EQ(result->exit_code, 0U);
      EXPECT_EQ(result->out.data, "hello from the guest\n");
    } else {
      EXPECT_EQ(result->verdict, Verdict::kCancelled);
      EXPECT_FALSE(result->exit_code.has_value());
    }
  }
}

TEST(WasmSandboxConcurrent, CancelReachesGuestsThatWaitForTheHost) {
  const Module sleep = load_guest("sleep.wasm");
  const auto sandbox = make_sandbox();
  std::stop_source stop;
  std::atomic<int> cancelled{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      const Result<RunResult> result = sandbox->execute(sleep, {.stop = stop.get_token()});
      if (result && result->verdict == Verdict::kCancelled) ++cancelled;
    });
  }
  stop.request_stop();
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(cancelled.load(), kThreads);
}

TEST(WasmSandboxConcurrent, DestroyEndsWhatAllThreadsRun) {
  const Module endless = load_guest("infinite_loop.wat");
  ASSERT_TRUE(shared_runtime().compile(endless, {}).has_value());
  const auto sandbox = make_sandbox({.limits = {.wall_time = std::nullopt}});
  std::atomic<int> begun{0};
  std::atomic<int> ended{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      ++begun;
      const Result<RunResult> result = sandbox->execute(endless);
      const bool right = result ? result->verdict == Verdict::kCancelled
                                : result.error().code == ErrorCode::kDestroyed;
      if (right) ++ended;
    });
  }
  while (begun.load() < kThreads)
    std::this_thread::yield();
  EXPECT_TRUE(sandbox->destroy().has_value());
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(ended.load(), kThreads);
}

TEST(WasmSandboxConcurrent, RuntimesComeAndGoBesideEachOther) {
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int round = 0; round < 3; ++round) {
        const Result<Runtime> runtime = Runtime::create();
        if (!runtime) return;
        const auto sandbox = WasmSandbox::create(*runtime);
        const Result<Module> module = runtime->load(guest_path("empty.wat"));
        if (!sandbox || !module) return;
        const Result<RunResult> result = (*sandbox)->execute(*module);
        if (result && result->verdict == Verdict::kExited) ++right;
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(right.load(), 4 * 3);
}

}  // namespace
}  // namespace mimobox::testing
