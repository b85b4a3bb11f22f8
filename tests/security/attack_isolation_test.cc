// Section "Isolation" of cases.toml: what one run leaves for the next, and what a run learns of its
// host.
#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <latch>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/process_size.h"
#include "tests/security/configurations.h"

namespace mimobox::testing {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

using Attack48 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack48);

// What keep_secret.wat does with so many arguments, and how that has to end.
struct Ending {
  std::vector<std::string> args;
  Verdict verdict;
};
const std::vector<Ending> kEndings = {
    {{"exit"}, Verdict::kExited},
    {{"trap", "x"}, Verdict::kTrapped},
    {{"never", "x", "x"}, Verdict::kTimeLimit},
    {{"overflow", "x", "x", "x"}, Verdict::kStackOverflow},
};

TEST_P(Attack48, ASecretIsGoneHoweverTheRunEnded) {
  SandboxConfig config = settings();
  config.limits.wall_time = milliseconds{300};
  const auto box = sandbox(config);
  const Module module = guest("keep_secret.wat");
  for (int round = 0; round < 3; ++round) {
    for (const Ending& ending : kEndings) {
      const auto left = box->execute(module, {.args = ending.args});
      ASSERT_TRUE(left.has_value()) << left.error().message;
      EXPECT_EQ(left->verdict, ending.verdict) << ending.args[0];
      const auto looked = box->execute(module);
      ASSERT_TRUE(looked.has_value()) << looked.error().message;
      EXPECT_EQ(looked->exit_code, 0U) << "after " << ending.args[0];
    }
  }
}

TEST_P(Attack48, ASecretIsGoneAfterACancelledRun) {
  const auto box = sandbox();
  const Module module = guest("keep_secret.wat");
  ASSERT_TRUE(box->execute(module).has_value());  // compiled
  std::stop_source stop;
  std::jthread canceller([&] {
    std::this_thread::sleep_for(milliseconds{30});
    stop.request_stop();
  });
  const auto left = box->execute(module, {.args = {"never", "x", "x"}, .stop = stop.get_token()});
  ASSERT_TRUE(left.has_value()) << left.error().message;
  EXPECT_EQ(left->verdict, Verdict::kCancelled);
  EXPECT_EQ(box->execute(module)->exit_code, 0U);
}

TEST_P(Attack48, ASecretIsNotSeenByOtherModulesAndSandboxes) {
  const auto leaving = sandbox();
  const auto looking = sandbox();
  const Module module = guest("keep_secret.wat");
  // The same program as other bytes, so another module.
  std::ifstream file(guest_path("keep_secret.wat"));
  const std::string source{std::istreambuf_iterator<char>(file), {}};
  const auto other = text(source + "\n");
  ASSERT_TRUE(other.has_value()) << other.error().message;
  ASSERT_EQ(leaving->execute(module, {.args = {"trap", "x"}})->verdict, Verdict::kTrapped);
  EXPECT_EQ(looking->execute(*other)->exit_code, 0U);
  EXPECT_EQ(looking->execute(module)->exit_code, 0U);
}

TEST_P(Attack48, DescriptorsAndScratchesAreNew) {
  SandboxConfig config = settings();
  config.scratch = {{.guest_path = "/tmp"}};
  const auto box = sandbox(config);
  const Module module = guest("leave_files.wasm");
  for (int i = 0; i < 3; ++i) {
    const auto result = box->execute(module);
    ASSERT_TRUE(result.has_value()) << result.error().message;
    EXPECT_EQ(result->out.data, "first free descriptor 4, entries of /tmp 2\n");
  }
}

using Attack49 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack49);

// The guest writes every structure that it is given, gaps included, as hex.
TEST_P(Attack49, TwoRunsSeeTheSameBytes) {
  const auto first = run("tell_structures.wasm");
  ASSERT_TRUE(first.has_value()) << first.error().message;
  ASSERT_EQ(first->exit_code, 0U) << first->err.data;
  EXPECT_GT(first->out.data.size(), 400U);
  std::string second;
  std::jthread([&] { second = run("tell_structures.wasm")->out.data; }).join();
  EXPECT_EQ(first->out.data, second);
}

TEST_P(Attack49, TrapsTellNoAddresses) {
  for (const char* const file : {"backtrace.wasm", "out_of_bounds.wat", "recursion.wat"}) {
    const auto first = run(file);
    std::string other_thread;
    const auto second = run(file);
    ASSERT_TRUE(first.has_value() && second.has_value()) << file;
    ASSERT_TRUE(first->trap.has_value()) << file;
    EXPECT_EQ(first->trap, second->trap) << file;
    EXPECT_THAT(first->trap->message, Not(HasSubstr("0x"))) << file;
  }
}

using Attack50 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack50);

TEST_P(Attack50, AGuestWithoutGrantsFindsNothingOfTheHost) {
  SandboxConfig config = settings();
  config.default_env = false;
  const auto result = run("look_around.wasm", {.program_name = "guest"}, config);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->out.data,
            "arguments: guest\n"
            "environment:\n"
            "open descriptors: 0 1 2\n"
            "names that exist:\n");
}

using Attack53 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack53);

// The short form of `make soak`.
TEST_P(Attack53, AFewHundredRunsLeaveTheProcessAsItWas) {
  SandboxConfig config = settings();
  config.limits.wall_time = milliseconds{5};
  const auto box = sandbox(config);
  std::vector<Module> modules;
  for (const char* const file : {"empty.wat", "hello.wasm", "unreachable.wat", "infinite_loop.wat"})
    modules.push_back(guest(file));
  const auto run_all = [&](int rounds) {
    for (int i = 0; i < rounds; ++i) {
      for (const Module& module : modules)
        ASSERT_TRUE(box->execute(module).has_value());
    }
  };
  run_all(20);
  const std::size_t descriptors = entries_of("/proc/self/fd");
  const std::size_t threads = entries_of("/proc/self/task");
  const std::size_t maps = mappings();
  run_all(60);
  EXPECT_EQ(entries_of("/proc/self/fd"), descriptors);
  EXPECT_LE(entries_of("/proc/self/task"), threads);
  // Allocators map a few more arenas; a leak would be one or more a run.
  EXPECT_LE(mappings(), maps + 30);
}

// As many threads as runs, with limits of every kind side by side: each run meets its own.
TEST(Attack53Concurrent, AThousandAtOnceMeetTheirOwnLimits) {
#ifdef MIMOBOX_TEST_SANITIZED
  constexpr std::ptrdiff_t kRuns = 100;
#else
  constexpr std::ptrdiff_t kRuns = 1000;
#endif
  struct Kind {
    const char* guest;
    Limits limits;
    Verdict verdict;
  };
  constexpr milliseconds kMinute{60'000};
  const std::vector<Kind> kinds = {
      {"infinite_loop.wat", {.wall_time = milliseconds{300}}, Verdict::kTimeLimit},
      {"infinite_loop.wat", {.wall_time = milliseconds{500}}, Verdict::kTimeLimit},
      {"infinite_loop.wat",
       {.wall_time = kMinute, .cpu_time = milliseconds{2}},
       Verdict::kCpuTimeLimit},
      {"infinite_loop.wat", {.wall_time = kMinute, .fuel = 1000}, Verdict::kOutOfFuel},
      {"grow_then_trap.wat", {.memory_bytes = kMiB, .wall_time = kMinute}, Verdict::kMemoryLimit},
      {"recursion.wat", {.wall_time = kMinute}, Verdict::kStackOverflow},
      {"unreachable.wat", {.wall_time = kMinute}, Verdict::kTrapped},
      {"hello.wasm", {.wall_time = kMinute}, Verdict::kExited},
  };
  const auto box = make_sandbox({.limits = {.wall_time = kMinute}});
  std::vector<Module> modules;
  for (const Kind& kind : kinds) {
    modules.push_back(load_guest(kind.guest));
    // Compiled before, and whoever lives as long as the runtime is there.
    ASSERT_TRUE(box->execute(modules.back(), {.limits = kind.limits}).has_value());
  }
  const std::size_t descriptors = entries_of("/proc/self/fd");
  const std::size_t threads_before = entries_of("/proc/self/task");
  std::latch all_are_there(kRuns);
  std::vector<std::jthread> threads;
  for (std::ptrdiff_t i = 0; i < kRuns; ++i) {
    threads.emplace_back([&, which = static_cast<std::size_t>(i) % kinds.size()] {
      const Kind& kind = kinds[which];
      all_are_there.arrive_and_wait();
      const auto result = box->execute(modules[which], {.limits = kind.limits});
      ASSERT_TRUE(result.has_value()) << result.error().message;
      EXPECT_EQ(result->verdict, kind.verdict) << kind.guest;
      EXPECT_LE(result->metrics.peak_memory_bytes, kind.limits.memory_bytes);
      if (kind.verdict == Verdict::kTimeLimit) {
        EXPECT_GE(result->metrics.wall_time, *kind.limits.wall_time);
      }
    });
  }
  threads.clear();
  // What finds no slot runs on demand, and for that each module's code is mapped once more.
  EXPECT_LE(entries_of("/proc/self/fd"), descriptors + modules.size());
  EXPECT_LE(entries_of("/proc/self/task"), threads_before);
}

using Attack55 = EveryConfiguration;
MIMOBOX_IN_EVERY_CONFIGURATION(Attack55);

TEST_P(Attack55, NoCallOnSocketsReachesAnything) {
  const auto result = run("try_sockets.wasm");
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->out.data, "");
  EXPECT_EQ(result->exit_code, 0U);
}

}  // namespace
}  // namespace mimobox::testing
