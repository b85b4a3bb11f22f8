// Attacks on the time limit that aim at how guests are interrupted (docs/security.md has the
// cases).
#include <pthread.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/engine/endless_guests.h"
#include "tests/unit/engine/run_code.h"

namespace mimobox::engine::testing {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr InterruptWay kWays[] = {InterruptWay::kEpoch, InterruptWay::kSignal};

class EveryWay : public ::testing::TestWithParam<InterruptWay> {
 protected:
  void SetUp() override {
    auto engine = make_engine(key_of(GetParam()));
    ASSERT_TRUE(engine.has_value()) << engine.error().message;
    engine_ = std::move(*engine);
    interrupter_ = std::move(*Interrupter::create());
  }
  std::shared_ptr<const Code> code(std::string_view text) const {
    auto code = compile_text(engine_, text);
    EXPECT_TRUE(code.has_value()) << code.error().message;
    return code ? *code : nullptr;
  }
  std::shared_ptr<const Code> endless(std::string_view name) const {
    for (const EndlessGuest& guest : endless_guests()) {
      if (guest.name == name) return code(guest.text);
    }
    return nullptr;
  }
  void expect_stopped(const Ended& ended, milliseconds late = milliseconds{250}) const {
    EXPECT_TRUE(ended.timed_out());
    EXPECT_LT(ended.late, late);
  }

  std::shared_ptr<Engine> engine_;
  std::unique_ptr<Interrupter> interrupter_;
};

#define MIMOBOX_IN_EACH_WAY(suite)                                                      \
  INSTANTIATE_TEST_SUITE_P(In, suite, ::testing::ValuesIn(kWays), [](const auto& way) { \
    return way.param == InterruptWay::kEpoch ? "epoch" : "signal";                      \
  })

using Attack59 = EveryWay;
MIMOBOX_IN_EACH_WAY(Attack59);

TEST_P(Attack59, ATailCallThatNeedsRoomIsInterruptedAnywhere) {
  const auto grows = endless("tail_calls_that_grow");
  const auto shrinks = endless("tail_calls_that_shrink");
  for (int i = 0; i < 500; ++i) {
    EXPECT_TRUE(run_code(*interrupter_, *grows, kLargeLimits, microseconds{50 + i}).timed_out());
    EXPECT_TRUE(run_code(*interrupter_, *shrinks, kLargeLimits, microseconds{50 + i}).timed_out());
  }
}

using Attack60 = EveryWay;
MIMOBOX_IN_EACH_WAY(Attack60);

TEST_P(Attack60, BulkOperationsOverHalfAGigabyteEndAtTheDeadline) {
  constexpr std::string_view kOperations[] = {
      "(memory.fill (i32.const 0) (i32.const 1) (i32.const 536870911))",
      "(memory.copy (i32.const 0) (i32.const 65536) (i32.const 536805376))",
      "(memory.copy (i32.const 65536) (i32.const 0) (i32.const 536805376))",
  };
  for (const std::string_view operation : kOperations) {
    const auto endless_operation =
        code("(module (memory 8192) (func (export \"_start\") (loop $l " + std::string(operation) +
             " (br $l))))");
    expect_stopped(run_code(*interrupter_, *endless_operation, kLargeLimits, milliseconds{20}));
  }
}

TEST_P(Attack60, WorkThatIsTheEnginesOwnEndsAtTheDeadline) {
  for (const std::string_view name :
       {"memory_grow", "memory_grow_0", "table_grow_0", "elem_drop", "data_drop", "table_fill",
        "table_copy", "table_copy_0", "table_init", "table_init_0", "ref_func", "host_calls",
        "memory_fill_of_some_kib", "memory_init", "bulk_in_start_function"}) {
    SCOPED_TRACE(name);
    for (int i = 0; i < 3; ++i) {
      expect_stopped(run_code(*interrupter_, *endless(name), kLargeLimits, milliseconds{3}));
    }
  }
}

TEST_P(Attack60, InitialisingMebibytesEndsAtTheDeadline) {
  const auto inits = code(R"((module (memory 160) (data $d ")" + std::string(8U << 20, 'x') + R"(")
    (func (export "_start") (loop $l
      (memory.init $d (i32.const 0) (i32.const 0) (i32.const 8388608)) (br $l)))))");
  expect_stopped(run_code(*interrupter_, *inits, kLargeLimits, milliseconds{20}));
}

TEST_P(Attack60, OperationsOnTheLargestTablesEndAtTheDeadline) {
  constexpr std::string_view kOperations[] = {
      "(table.fill $t (i32.const 0) (ref.func $f) (i32.const 10000000))",
      "(table.fill $t (i32.const 0) (ref.null func) (i32.const 10000000))",
      "(table.copy $t $t (i32.const 1) (i32.const 0) (i32.const 9999999))",
  };
  GuestLimits limits = kLargeLimits;
  limits.table_elements = 10'000'000;
  for (const std::string_view operation : kOperations) {
    const auto endless_operation = code(
        "(module (table $t 10000000 funcref) (func $f) (elem declare func $f)"
        "(func (export \"_start\") (loop $l " +
        std::string(operation) + " (br $l))))");
    // Between epochs nothing ends one operation: ten million elements take a third of a second
    // here.
    const auto late = GetParam() == InterruptWay::kEpoch ? milliseconds{3000} : milliseconds{250};
    expect_stopped(run_code(*interrupter_, *endless_operation, limits, milliseconds{20}), late);
  }
}

TEST_P(Attack60, AGuestWhoseFillWasCutShortHasNotReturned) {
  // Its only operation is cut, and then it comes back as if that had been done.
  const auto fills = code(R"((module (memory 16384)
    (func (export "_start") (memory.fill (i32.const 0) (i32.const 1) (i32.const 1073741824)))))");
  const Ended ended = run_code(*interrupter_, *fills, kLargeLimits, milliseconds{20});
  if (ended.late > std::chrono::nanoseconds{0}) expect_stopped(ended);
}

using Attack63 = EveryWay;
MIMOBOX_IN_EACH_WAY(Attack63);

TEST_P(Attack63, SignalsThatTheCallerBlockedAreLetThroughForTheRunOnly) {
  const auto loops = endless("tight_loop");
  const auto traps = code("(module (func (export \"_start\") unreachable))");
  const auto divides = code(R"((module (func (export "_start")
    (drop (i32.div_u (i32.const 1) (i32.const 0))))))");
  sigset_t wanted;
  ::sigemptyset(&wanted);
  for (const int number : {SIGSEGV, SIGILL, SIGFPE, SIGURG, SIGUSR1})
    ::sigaddset(&wanted, number);
  std::thread([&] {
    ::pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
    expect_stopped(run_code(*interrupter_, *loops, kLargeLimits, milliseconds{5}));
    EXPECT_EQ(run_code(*interrupter_, *traps, kLargeLimits).outcome->trap->code,
              TrapCode::kUnreachable);
    EXPECT_EQ(run_code(*interrupter_, *divides, kLargeLimits).outcome->trap->code,
              TrapCode::kIntegerDivisionByZero);
    sigset_t now;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &now);
    for (const int number : {SIGSEGV, SIGILL, SIGFPE, SIGURG, SIGUSR1})
      EXPECT_EQ(::sigismember(&now, number), 1) << number;
    EXPECT_EQ(::sigismember(&now, SIGTERM), 0);
  }).join();
}

InterruptibleRun* interrupted_run = nullptr;
struct sigaction engines_handler{};

/// Stands before the engine's handler of SIGILL: the run's deadline is over, and its interrupt
/// meets the thread, when the guest's own trap has come.
void interrupt_then_trap(int number, siginfo_t* info, void* context) {
  interrupted_run->stop_signal().raise(static_cast<std::uint32_t>(StopReason::kTimeLimit));
  interrupted_run->interrupt(true);
  engines_handler.sa_sigaction(number, info, context);
}

TEST_P(Attack63, ATrapThatCameBeforeTheSignalStaysATrap) {
  const auto traps = code("(module (func (export \"_start\") unreachable))");
  const auto use = SignalUse::acquire(SIGURG);
  ASSERT_TRUE(use.has_value());
  ASSERT_EQ(::sigaction(SIGILL, nullptr, &engines_handler), 0);
  struct sigaction first = engines_handler;
  first.sa_sigaction = interrupt_then_trap;
  ASSERT_EQ(::sigaction(SIGILL, &first, nullptr), 0);
  InterruptibleRun run(*engine_, SIGURG);
  interrupted_run = &run;
  const auto outcome = run_guest(*traps, kLimits, run, nullptr);
  ::sigaction(SIGILL, &engines_handler, nullptr);
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
  EXPECT_EQ(run.activation().arrivals, 1U);
  ASSERT_EQ(outcome->end, GuestEnd::kTrapped);
  EXPECT_EQ(outcome->trap->code, TrapCode::kUnreachable);
}

TEST_P(Attack63, MoreSignalsThanOneChangeNothing) {
  const auto loops = endless("recursion");
  std::atomic<bool> done{false};
  std::atomic<pid_t> target{::gettid()};
  std::thread sender([&] {
    while (!done.load())
      send_interrupt_signal(SIGURG, target.load());
  });
  for (int i = 0; i < 300; ++i) {
    EXPECT_TRUE(run_code(*interrupter_, *loops, kLargeLimits, microseconds{100 + i}).timed_out());
  }
  done = true;
  sender.join();
}

// As a host's runtime does that preempts its own threads by the same number.
TEST_P(Attack63, AStormOfForeignSignalsOnOurNumberKeepsNoGuestGoing) {
  const auto loops = endless("recursion");
  std::atomic<bool> done{false};
  const pthread_t target = ::pthread_self();
  std::thread sender([&] {
    while (!done.load())
      ::pthread_kill(target, SIGURG);
  });
  for (int i = 0; i < 300; ++i) {
    expect_stopped(run_code(*interrupter_, *loops, kLargeLimits, microseconds{100 + i}));
  }
  done = true;
  sender.join();
}

TEST_P(Attack63, ASignalWithoutAStopChangesNothing) {
  const auto good = code(good_guest());
  std::atomic<bool> done{false};
  const pid_t target = ::gettid();
  std::thread sender([&] {
    while (!done.load())
      send_interrupt_signal(SIGURG, target);
  });
  for (int i = 0; i < 50; ++i) {
    const Ended ended = run_code(*interrupter_, *good, kLargeLimits);
    EXPECT_EQ(ended.outcome->end, GuestEnd::kReturned);
    EXPECT_EQ(ended.outcome->returned_code, 42U);
  }
  done = true;
  sender.join();
}

/// A guest that writes to every page of 8 MiB again and again.
constexpr std::string_view kFillsMuch = R"((module (memory 160)
  (func (export "_start") (loop $l
    (memory.fill (i32.const 0) (i32.const 165) (i32.const 8388608)) (br $l)))))";

using Attack64 = EveryWay;
MIMOBOX_IN_EACH_WAY(Attack64);

TEST_P(Attack64, TheNextGuestInTheSlotOfAStoppedOneFindsZeros) {
  EngineKey key = key_of(GetParam());
  key.pool_slots = 1;
  for (const bool scan : {true, false}) {
    key.pool_scans_pages = scan;
    const auto pooled = make_engine(key);
    ASSERT_TRUE(pooled.has_value()) << pooled.error().message;
    const auto fills = compile_text(*pooled, kFillsMuch);
    const auto good = compile_text(*pooled, good_guest());
    ASSERT_TRUE(fills && good);
    for (int i = 0; i < 40; ++i) {
      EXPECT_TRUE(
          run_code(*interrupter_, **fills, kLargeLimits, microseconds{300 + 90 * i}).timed_out());
      const Ended ended = run_code(*interrupter_, **good, kLargeLimits);
      ASSERT_TRUE(ended.outcome.has_value()) << ended.outcome.error().message;
      EXPECT_EQ(ended.outcome->returned_code, 42U) << "scan " << scan << ", run " << i;
    }
  }
}

// Section 7: our signal at random to all threads, while runs begin, end and are cancelled, with the
// host's own timers going.
std::atomic<std::uint64_t> alarms{0};

void on_alarm(int) {
  alarms.fetch_add(1, std::memory_order_relaxed);
}

class HostTimers {
 public:
  HostTimers() {
    struct sigaction action{};
    action.sa_handler = on_alarm;
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGALRM, &action, &alarm_before_);
    ::sigaction(SIGPROF, &action, &profile_before_);
    const itimerval often{.it_interval = {.tv_sec = 0, .tv_usec = 700},
                          .it_value = {.tv_sec = 0, .tv_usec = 700}};
    ::setitimer(ITIMER_REAL, &often, nullptr);
    ::setitimer(ITIMER_PROF, &often, nullptr);
  }
  ~HostTimers() {
    const itimerval never{};
    ::setitimer(ITIMER_REAL, &never, nullptr);
    ::setitimer(ITIMER_PROF, &never, nullptr);
    ::sigaction(SIGALRM, &alarm_before_, nullptr);
    ::sigaction(SIGPROF, &profile_before_, nullptr);
  }

 private:
  struct sigaction alarm_before_{};
  struct sigaction profile_before_{};
};

using Attack51 = EveryWay;
MIMOBOX_IN_EACH_WAY(Attack51);

TEST_P(Attack51, AStormOfSignalsStopsNoRunThatShouldGoOn) {
  const HostTimers timers;
  const auto good = code(good_guest());
  const auto recursion = endless("recursion");
  const auto fills = endless("memory_fill");
  constexpr int kThreads = 4;
  constexpr int kRuns = 60;
  std::vector<std::atomic<pid_t>> ids(kThreads);
  std::atomic<int> running{0};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      ids[static_cast<std::size_t>(t)] = ::gettid();
      running.fetch_add(1);
      for (int i = 0; i < kRuns; ++i) {
        const Ended well = run_code(*interrupter_, *good, kLargeLimits);
        if (!well.outcome || well.outcome->returned_code != 42) wrong.fetch_add(1);
        const auto& bad = i % 2 == 0 ? *recursion : *fills;
        if (!run_code(*interrupter_, bad, kLargeLimits, microseconds{37 * i}).timed_out()) {
          wrong.fetch_add(1);
        }
      }
      ids[static_cast<std::size_t>(t)] = 0;
      running.fetch_sub(1);
      // The thread stays until the storm is over: an id that goes may become another thread's.
      while (running.load() != 0)
        std::this_thread::yield();
    });
  }
  while (running.load() != kThreads)
    std::this_thread::yield();
  std::uint64_t sent = 0;
  while (running.load() != 0) {
    const pid_t target = ids[sent % kThreads].load();
    if (target != 0) send_interrupt_signal(SIGURG, target);
    if (++sent % 64 == 0) std::this_thread::sleep_for(microseconds{50});
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(wrong.load(), 0);
  EXPECT_GT(sent, 1000U);
  EXPECT_GT(alarms.load(), 0U);
}

}  // namespace
}  // namespace mimobox::engine::testing
