// Many runs: each ends as it would alone, and nothing stays behind. The full counts are run as
// `ctest -L slow` (tests/integration/CMakeLists.txt), shorter ones always.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/integration/harness.h"
#include "tests/process_size.h"

namespace mimobox::testing {
namespace {

using std::chrono::milliseconds;

/// `full` where the environment asks for it, else `brief`.
int count_of(int full, int brief) {
  return std::getenv("MIMOBOX_TEST_FULL") != nullptr ? full : brief;
}

/// Requests a stop after a number of spins, from a thread that lives for all rounds.
class Canceller {
 public:
  Canceller() : thread_([this](const std::stop_token& end) { loop(end); }) {}
  ~Canceller() {
    thread_.request_stop();
    thread_.join();
  }

  void begin(std::stop_source stop, unsigned spins) {
    stop_ = std::move(stop);
    spins_ = spins;
    ready_.store(true, std::memory_order_release);
  }
  void wait() const {
    while (ready_.load(std::memory_order_acquire))
      std::this_thread::yield();
  }

 private:
  void loop(const std::stop_token& end) {
    while (!end.stop_requested()) {
      if (!ready_.load(std::memory_order_acquire)) {
        std::this_thread::yield();
        continue;
      }
      for (std::atomic<unsigned> spin{0}; spin < spins_; ++spin) {
      }
      stop_.request_stop();
      ready_.store(false, std::memory_order_release);
    }
  }

  std::atomic<bool> ready_{false};
  std::stop_source stop_{std::nostopstate};
  unsigned spins_ = 0;
  std::jthread thread_;
};

/// When the stops of many runs came.
struct Moments {
  int before_the_start = 0;
  int compiling = 0;
  int before_the_guest = 0;
  int in_the_guest = 0;
  int after_the_end = 0;

  void count(const RunResult& result, bool stopped_before) {
    const Metrics& metrics = result.metrics;
    if (result.verdict != Verdict::kCancelled) {
      ++after_the_end;
    } else if (stopped_before) {
      ++before_the_start;
    } else if (metrics.run_time.count() > 0) {
      ++in_the_guest;
    } else if (metrics.compile_time.count() > 0 && metrics.instantiate_time.count() == 0) {
      ++compiling;
    } else {
      ++before_the_guest;
    }
  }
  [[nodiscard]] bool all_seen() const {
    return before_the_start > 0 && compiling > 0 && before_the_guest > 0 && in_the_guest > 0 &&
           after_the_end > 0;
  }
  friend std::ostream& operator<<(std::ostream& out, const Moments& moments) {
    return out << "before the start: " << moments.before_the_start
               << ", compiling: " << moments.compiling
               << ", before the guest: " << moments.before_the_guest
               << ", in the guest: " << moments.in_the_guest
               << ", after the end: " << moments.after_the_end;
  }
};

/// A module that no other number gives, so that it has to be compiled.
Module endless_module(int number) {
  return load_text("(module (func (export \"_start\") (drop (i32.const " + std::to_string(number) +
                   ")) (loop (br 0))))")
      .value();
}

// Before the start, while compiling, in guest code, in host calls, in sleeps, at the guest's own
// end and after it.
TEST(CancelConcurrent, AtRandomMomentsEndsTheRunOrComesTooLate) {
  const auto sandbox = make_sandbox({.limits = {.wall_time = std::nullopt}});
  const std::array endless = {load_guest("infinite_loop.wat"), load_guest("host_call_loop.wasm"),
                              load_guest("sleep.wasm"), load_guest("loop_in_start.wat")};
  const Module hello = load_guest("hello.wasm");
  Canceller canceller;
  std::minstd_rand random(20260611);
  const int rounds = count_of(100'000, 2'000);
  Moments moments;
  for (int round = 0; round < rounds; ++round) {
    std::stop_source stop;
    const bool ends = round % 5 == 4;
    // A module of its own now and then, so that the stop may come while it is being compiled.
    const bool fresh = round % 50 == 7;
    const Module module = fresh  ? endless_module(round)
                          : ends ? hello
                                 : endless[static_cast<std::size_t>(round) % endless.size()];
    canceller.begin(stop, static_cast<unsigned>(random() % 30'000));
    if (round % 50 == 13) canceller.wait();  // by chance that is seldom so
    const bool stopped_before = stop.stop_requested();
    const Result<RunResult> result = sandbox->execute(module, {.stop = stop.get_token()});
    canceller.wait();
    ASSERT_TRUE(result.has_value()) << result.error().message;
    moments.count(*result, stopped_before);
    if (ends && !fresh && result->verdict == Verdict::kExited) {
      ASSERT_EQ(result->out.data, "hello from the guest\n") << "round " << round;
    } else {
      ASSERT_EQ(result->verdict, Verdict::kCancelled) << "round " << round;
      ASSERT_FALSE(result->exit_code.has_value());
    }
  }
  std::cout << moments << "\n";
  if (rounds == 100'000) {
    EXPECT_TRUE(moments.all_seen());
  }
}

/// One of a judge's submissions. CPU time and fuel do not depend on what else the machine does.
struct Submission {
  const char* guest;
  std::vector<std::string> args;
  Limits limits;
  std::string input = {};
};

Limits judge_limits() {
  return {.memory_bytes = 16 * kMiB,
          .wall_time = std::chrono::minutes{2},
          .cpu_time = milliseconds{20},
          .stdout_bytes = 64 * kKiB};
}

std::vector<Submission> submissions() {
  Limits patient = judge_limits();
  patient.cpu_time = std::chrono::minutes{1};
  Limits metered = patient;
  metered.fuel = 100'000;
  Limits brief = patient;
  brief.wall_time = milliseconds{5};
  return {
      {"hello.wasm", {}, patient},
      {"echo_stdin.wasm", {}, patient, "what comes in goes out"},
      {"wordcount.wasm", {"2"}, patient, "a b b c c c"},
      {"exit_code.wasm", {"42"}, patient},
      {"infinite_loop.wat", {}, judge_limits()},
      {"infinite_loop.wat", {}, metered},
      {"call_tree.wat", {}, metered},
      {"loop_in_start.wat", {}, judge_limits()},
      {"sleep.wasm", {}, brief},
      {"allocate.wasm", {"64"}, patient},
      {"grow_then_trap.wat", {}, patient},
      {"divide_by_zero.wasm", {}, patient},
      {"unreachable.wat", {}, patient},
      {"recursion.wat", {}, patient},
      {"flood_stdout.wasm", {"200000"}, patient},
      {"abort.wasm", {}, patient},
  };
}

/// What has to be the same whoever runs beside it.
std::string outcome(const Result<RunResult>& result) {
  if (!result) return "error " + result.error().message;
  std::string text(verdict_name(result->verdict));
  text += "|" + std::string(limit_hit_name(result->limit_hit));
  text += "|" + (result->exit_code ? std::to_string(*result->exit_code) : "-");
  text += "|" + (result->trap ? std::string(trap_code_name(result->trap->code)) : "-");
  text += "|" + std::to_string(result->out.total_bytes) + result->out.data;
  text += "|" + (result->metrics.fuel_used ? std::to_string(*result->metrics.fuel_used) : "-");
  return text;
}

TEST(JudgesDayConcurrent, EachGuestGetsTheVerdictThatItGetsAlone) {
  SandboxConfig config{.limits = judge_limits()};
  config.limits.cpu_time = std::nullopt;
  const auto sandbox = make_sandbox(config);
  const std::vector<Submission> all = submissions();
  std::vector<Module> modules;
  std::vector<std::string> alone;
  const auto run = [&](std::size_t i) {
    return outcome(sandbox->execute(
        modules[i],
        {.args = all[i].args, .input = InputBytes{all[i].input}, .limits = all[i].limits}));
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    modules.push_back(load_guest(all[i].guest));
    alone.push_back(run(i));
  }

  const int runs = count_of(2'000, 320);
  std::atomic<int> next{0};
  std::atomic<int> wrong{0};
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&] {
      for (int number = next++; number < runs; number = next++) {
        const auto i = static_cast<std::size_t>(number * 7) % all.size();
        const std::string got = run(i);
        if (got == alone[i]) continue;
        ++wrong;
        ADD_FAILURE() << all[i].guest << ": " << got << "\nalone: " << alone[i];
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

TEST(Endurance, LeavesMemoryDescriptorsThreadsAndMappingsAsTheyWere) {
#ifdef MIMOBOX_TEST_SANITIZED
  GTEST_SKIP() << "a sanitizer keeps freed memory";
#endif
  const auto sandbox = make_sandbox({.scratch = {{.guest_path = "/data"}}});
  const std::array modules = {load_guest("hello.wasm"), load_guest("unreachable.wat"),
                              load_guest("echo_stdin.wasm"), load_guest("grow_by_pages.wat")};
  const auto run = [&](int count) {
    for (int i = 0; i < count; ++i) {
      const auto result = sandbox->execute(modules[static_cast<std::size_t>(i) % modules.size()],
                                           {.input = InputBytes{"some words"}});
      ASSERT_TRUE(result.has_value()) << result.error().message;
    }
  };
  run(1'000);
  const std::size_t memory = resident_bytes();
  const std::size_t descriptors = entries_of("/proc/self/fd");
  const std::size_t threads = entries_of("/proc/self/task");
  const std::size_t maps = mappings();
  run(count_of(100'000, 4'000));
  EXPECT_LE(resident_bytes(), memory + 2 * kMiB);
  EXPECT_EQ(entries_of("/proc/self/fd"), descriptors);
  EXPECT_LE(entries_of("/proc/self/task"), threads);
  EXPECT_LE(mappings(), maps + 8);
}

}  // namespace
}  // namespace mimobox::testing
