// Instances from a pool: what they may not show of each other, and where the pool ends.

#include <sys/resource.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/host_call.h"
#include "base/sanitized.h"
#include "engine/artifact.h"
#include "engine/code.h"
#include "engine/engine.h"
#include "engine/instance.h"
#include "engine/interrupter.h"
#include "engine/slot_sweeper.h"
#include "tests/process_size.h"
#include "tests/unit/engine/run_code.h"

namespace mimobox::engine {
namespace {

using std::chrono::milliseconds;

/// What the guests' host functions talk to.
struct Meeting {
  std::uint64_t seen = 0;
  std::atomic<bool> arrived{false};
  std::atomic<bool> may_go{true};
};

/// Adds up what a guest found where there should be nothing.
base::HostCallOutcome found(void* context, std::span<std::byte>, base::RawValue* values) noexcept {
  static_cast<Meeting*>(context)->seen |= static_cast<std::uint64_t>(values[0].i64);
  return base::HostCallOutcome::kReturn;
}

base::HostCallOutcome wait_here(void* context, std::span<std::byte>, base::RawValue*) noexcept {
  auto& meeting = *static_cast<Meeting*>(context);
  meeting.arrived = true;
  meeting.arrived.notify_all();
  meeting.may_go.wait(false);
  return base::HostCallOutcome::kReturn;
}

base::HostCallOutcome leave(void*, std::span<std::byte>, base::RawValue*) noexcept {
  return base::HostCallOutcome::kExit;
}

constexpr base::HostFunction kFunctions[] = {
    {"found", "I:", found},
    {"wait_here", ":", wait_here},
    {"leave", ":", leave},
};

constexpr EngineKey kPooled{.code = {}, .stack_bytes = 1U << 20, .pool_slots = 1};
constexpr GuestLimits kLimits{.memory_bytes = 64U << 20, .tables = 100, .table_elements = 100'000};

GuestOutcome run(const Code& code, Meeting& meeting,
                 std::optional<milliseconds> wall = std::nullopt) {
  const auto interrupter = std::move(*Interrupter::create());
  InterruptibleRun guest(code.engine(), SIGURG);
  std::optional<Deadline> deadline;
  if (wall) deadline = Deadline::clock::now() + *wall;
  const ArmedScope armed(*interrupter, guest, {.wall = deadline});
  return *run_guest(code, kLimits, guest, &meeting);
}

/// A guest that first looks for what another one left in memory (16 MiB of it, grown), in its table
/// and its global, then leaves something everywhere, and ends as `ending` says.
std::string planter(std::string_view ending) {
  return R"((module
    (import "test" "found" (func $found (param i64)))
    (import "test" "leave" (func $leave))
    (memory (export "memory") 1)
    (data (i32.const 8) "\01")
    (table $t 1000 funcref)
    (elem declare func $nothing)
    (global $g (mut i64) (i64.const 0))
    (func $nothing)
    (func (export "_start") (local $at i32) (local $i i32)
      (drop (memory.grow (i32.const 255)))
      (if (i64.ne (i64.load8_u (i32.const 8)) (i64.const 1))
        (then (call $found (i64.const 1))))
      (i64.store8 (i32.const 8) (i64.const 0))
      (loop $next
        (call $found (i64.load (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 1024)))
        (br_if $next (i32.lt_u (local.get $at) (i32.const 16777216))))
      (call $found (global.get $g))
      (loop $entries
        (if (i32.eqz (ref.is_null (table.get $t (local.get $i))))
          (then (call $found (i64.const 1))))
        (table.set $t (local.get $i) (ref.func $nothing))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $entries (i32.lt_u (local.get $i) (i32.const 1000))))
      (memory.fill (i32.const 0) (i32.const 0xa5) (i32.const 16777216))
      (global.set $g (i64.const -1))
      )" +
         std::string(ending) + "))";
}

TEST(Pool, NothingOfARunIsSeenByTheNextHoweverItEnded) {
  const auto engine = *Engine::create(kPooled, {"test", kFunctions});
  const auto returns = testing::compile_text(engine, planter(""));
  const auto exits = testing::compile_text(engine, planter("(call $leave)"));
  const auto traps = testing::compile_text(engine, planter("unreachable"));
  const auto loops = testing::compile_text(engine, planter("(loop $ever (br $ever))"));
  ASSERT_TRUE(returns && exits && traps && loops);
  Meeting meeting;
  for (int round = 0; round < 5; ++round) {
    // The same module twice, so that its slot is warm, then the others in the same slot.
    EXPECT_EQ(run(**returns, meeting).end, GuestEnd::kReturned);
    EXPECT_EQ(run(**returns, meeting).end, GuestEnd::kReturned);
    EXPECT_EQ(run(**exits, meeting).end, GuestEnd::kExited);
    EXPECT_EQ(run(**exits, meeting).end, GuestEnd::kExited);
    EXPECT_EQ(run(**traps, meeting).end, GuestEnd::kTrapped);
    EXPECT_EQ(run(**traps, meeting).end, GuestEnd::kTrapped);
    EXPECT_EQ(run(**loops, meeting, milliseconds{30}).end, GuestEnd::kStopped);
    EXPECT_EQ(run(**loops, meeting, milliseconds{30}).end, GuestEnd::kStopped);
    EXPECT_EQ(meeting.seen, 0U) << "round " << round;
  }
}

TEST(Pool, ConcurrentBurstAboveTheSlotsIsToldAndRunsNothing) {
  const auto engine = *Engine::create(kPooled, {"test", kFunctions});
  const auto code =
      testing::compile_text(engine, R"((module (import "test" "wait_here" (func $wait))
      (memory (export "memory") 1) (func (export "_start") (call $wait))))");
  ASSERT_TRUE(code);
  Meeting first;
  first.may_go = false;
  std::thread holder([&] { EXPECT_EQ(run(**code, first).end, GuestEnd::kReturned); });
  first.arrived.wait(false);

  Meeting second;
  EXPECT_EQ(run(**code, second).end, GuestEnd::kNoSlot);
  EXPECT_FALSE(second.arrived);

  first.may_go = true;
  first.may_go.notify_all();
  holder.join();
  EXPECT_EQ(run(**code, second).end, GuestEnd::kReturned);
}

TEST(Pool, RefusesAModuleThatFitsNoSlot) {
  const auto engine = *Engine::create(kPooled, {"test", kFunctions});
  const std::string tables =
      "(module (table 1 funcref) (table 1 funcref) (table 1 funcref)"
      "(func (export \"_start\")))";
  EXPECT_FALSE(testing::compile_text(engine, tables));
  EngineKey on_demand = kPooled;
  on_demand.pool_slots = 0;
  EXPECT_TRUE(testing::compile_text(*Engine::create(on_demand, {"test", kFunctions}), tables));
}

TEST(Pool, TakesArtifactsOfAnEngineWithoutPool) {
  EngineKey on_demand = kPooled;
  on_demand.pool_slots = 0;
  const auto compiler = *Engine::create(on_demand, {"test", kFunctions});
  const auto bytes = text_to_binary("(module (func (export \"_start\")))");
  const auto artifact = engine::compile(*compiler, *bytes);
  ASSERT_TRUE(artifact);
  const auto code =
      Code::load(*Engine::create(kPooled, {"test", kFunctions}), Artifact::in_memory(*artifact));
  ASSERT_TRUE(code);
  Meeting meeting;
  EXPECT_EQ(run(**code, meeting).end, GuestEnd::kReturned);
}

/// Fills 1 MiB, waits, and tells if it finds anything else there.
constexpr std::string_view kKeeper = R"((module
    (import "test" "found" (func $found (param i64)))
    (import "test" "wait_here" (func $wait))
    (memory (export "memory") 16)
    (func (export "_start") (local $at i32)
      (memory.fill (i32.const 0) (i32.const 0x5a) (i32.const 1048576))
      (call $wait)
      (loop $next
        (call $found (i64.xor (i64.load (local.get $at)) (i64.const 0x5a5a5a5a5a5a5a5a)))
        (local.set $at (i32.add (local.get $at) (i32.const 1024)))
        (br_if $next (i32.lt_u (local.get $at) (i32.const 1048576)))))))";

TEST(Pool, ConcurrentSweepGivesBackWhatIdleSlotsKeepAndNothingOfARunInFlight) {
  constexpr int kSlots = 16;
  constexpr std::uint64_t kMiB = 1U << 20;
  const auto sweeper = *SlotSweeper::create(milliseconds{20});
  EngineKey key = kPooled;
  key.pool_slots = kSlots;
  const auto engine = *Engine::create(key, {"test", kFunctions}, nullptr, sweeper);
  const auto code = *testing::compile_text(engine, kKeeper);

  std::array<Meeting, kSlots> meetings;
  std::vector<std::thread> threads;
  for (Meeting& meeting : meetings) {
    meeting.may_go = false;
    threads.emplace_back([&] { EXPECT_EQ(run(*code, meeting).end, GuestEnd::kReturned); });
  }
  for (Meeting& meeting : meetings)
    meeting.arrived.wait(false);
  const auto let_go = [&](std::size_t i) {
    meetings[i].may_go = true;
    meetings[i].may_go.notify_all();
    threads[i].join();
  };
  // Longer than the sweeper waits: it has looked in vain before they end.
  std::this_thread::sleep_for(milliseconds{100});
  const std::uint64_t full = mimobox::testing::resident_bytes();
  for (std::size_t i = 1; i < kSlots; ++i)
    let_go(i);
  if (base::kSanitized) {  // whose own pages are in the figures
    std::this_thread::sleep_for(milliseconds{100});
  } else {
    const auto deadline = Deadline::clock::now() + std::chrono::seconds{20};
    while (mimobox::testing::resident_bytes() + (kSlots - 4) * kMiB > full &&
           Deadline::clock::now() < deadline) {
      std::this_thread::sleep_for(milliseconds{5});
    }
    EXPECT_LE(mimobox::testing::resident_bytes() + (kSlots - 4) * kMiB, full);
  }

  // With nothing left to be given back its thread sleeps.
  bool sleeps = false;
  for (int i = 0; i < 50 && !sleeps; ++i) {
    const std::uint64_t before = sweeper->wake_ups();
    std::this_thread::sleep_for(milliseconds{100});
    sleeps = sweeper->wake_ups() == before;
  }
  EXPECT_TRUE(sleeps);

  let_go(0);
  Meeting last;
  EXPECT_EQ(run(*code, last).end, GuestEnd::kReturned);
  for (const Meeting& meeting : meetings)
    EXPECT_EQ(meeting.seen, 0U);
  EXPECT_EQ(last.seen, 0U);
}

[[noreturn]] void make_pool_in_two_gigabytes() {
  const rlimit limit{.rlim_cur = 2UL << 30, .rlim_max = 2UL << 30};
  setrlimit(RLIMIT_AS, &limit);
  EngineKey many = kPooled;
  many.pool_slots = 64;
  const auto engine = Engine::create(many, {"test", kFunctions});
  std::_Exit(!engine && engine.error().code == ErrorCode::kResourceExhausted ? 0 : 1);
}

TEST(PoolDeathTest, RefusedReservationIsAnErrorAndNoAbort) {
  if (base::kSanitized) GTEST_SKIP() << "a sanitizer cannot map its own memory under such a limit";
  // In a child: the limit stays for good.
  EXPECT_EXIT(make_pool_in_two_gigabytes(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace mimobox::engine
