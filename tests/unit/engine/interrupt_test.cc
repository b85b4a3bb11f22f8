// Interrupting guests at any moment of what they can be doing, in each way.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/sanitized.h"
#include "tests/process_size.h"
#include "tests/unit/engine/endless_guests.h"
#include "tests/unit/engine/run_code.h"

namespace mimobox::engine::testing {
namespace {

using mimobox::testing::ProcessSize;
using std::chrono::microseconds;
using std::chrono::milliseconds;

struct Guest {
  std::string name;
  std::shared_ptr<const Code> code;
  bool overflows_stack = false;
};

std::uint64_t interruptions() {
  const char* const wanted = std::getenv("MIMOBOX_INTERRUPTIONS");
  return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 20'000;
}

std::uint64_t random_modules() {
  return std::min<std::uint64_t>(30 + interruptions() / 5000, 200);
}

/// All guests, compiled for one engine.
std::vector<Guest> compile_all(const std::shared_ptr<Engine>& engine) {
  std::vector<Guest> guests;
  for (const EndlessGuest& guest : endless_guests()) {
    auto code = compile_text(engine, guest.text);
    EXPECT_TRUE(code.has_value()) << guest.name << ": " << code.error().message;
    if (code) guests.push_back({std::string(guest.name), *code, guest.overflows_stack});
  }
  for (std::uint64_t seed = 0; seed < random_modules(); ++seed) {
    auto code = compile_text(engine, random_module(seed));
    EXPECT_TRUE(code.has_value()) << seed << ": " << code.error().message;
    if (code) guests.push_back({"random_" + std::to_string(seed), *code});
  }
  return guests;
}

/// What one thread found wrong, for the first time.
struct Findings {
  std::atomic<std::uint64_t> stopped{0};
  std::atomic<std::uint64_t> trapped{0};
  std::atomic<std::uint64_t> wrong{0};
  std::string first;

  void add(const std::string& what) {
    if (wrong.fetch_add(1) == 0) first = what;
  }
};

void interrupt_at_random(const std::vector<Guest>& guests, const Code& good,
                         Interrupter& interrupter, std::uint64_t count, std::uint64_t seed,
                         Findings& findings) {
  std::mt19937_64 random(seed);
  for (std::uint64_t i = 0; i < count; ++i) {
    const Guest& guest = guests[random() % guests.size()];
    const Ended ended =
        run_code(interrupter, *guest.code, kLargeLimits, microseconds(random() % 300));
    if (ended.timed_out()) {
      findings.stopped.fetch_add(1);
    } else if (guest.overflows_stack && ended.outcome && ended.outcome->trap &&
               ended.outcome->trap->code == TrapCode::kStackOverflow) {
      findings.trapped.fetch_add(1);
    } else {
      findings.add(guest.name + " did not end by its time limit");
    }
    if (i % 16 != 0) continue;
    const Ended after = run_code(interrupter, good, kLargeLimits);
    if (!after.outcome || after.outcome->end != GuestEnd::kReturned ||
        after.outcome->returned_code != 42) {
      findings.add("the good guest went wrong after " + guest.name + ": " +
                   std::to_string(after.outcome ? after.outcome->returned_code : 0));
    }
  }
}

constexpr std::uint64_t kMostThreads = 16;

/// So many interruptions, divided among as many threads.
void interrupt_on_threads(std::uint64_t threads, const std::vector<Guest>& guests, const Code& good,
                          Interrupter& interrupter, std::uint64_t count, Findings& findings) {
  std::vector<std::thread> running;
  for (std::uint64_t t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      interrupt_at_random(guests, good, interrupter, count / threads, threads * 100 + t, findings);
    });
  }
  for (std::thread& thread : running)
    thread.join();
}

/// Nothing that each interruption could leave is there.
void expect_flat(const ProcessSize& before, const ProcessSize& after) {
  EXPECT_EQ(after.descriptors, before.descriptors);
  EXPECT_EQ(after.threads, before.threads);
  if (!base::kSanitized) {  // which maps and keeps memory of its own
    // Allocators keep some for the threads that there were.
    EXPECT_LE(after.mappings, before.mappings + 32);
    EXPECT_LE(after.resident_bytes, before.resident_bytes + (32U << 20));
  }
}

class Interrupt : public ::testing::TestWithParam<InterruptWay> {};

TEST_P(Interrupt, EndsEachGuestSoon) {
  const auto engine = make_engine(key_of(GetParam()));
  ASSERT_TRUE(engine.has_value()) << engine.error().message;
  const auto interrupter = std::move(*Interrupter::create());
  for (const Guest& guest : compile_all(*engine)) {
    ASSERT_TRUE(guest.code->interruptible()) << guest.name;
    const Ended ended = run_code(*interrupter, *guest.code, kLargeLimits, milliseconds{5});
    EXPECT_TRUE(ended.timed_out() || guest.overflows_stack) << guest.name;
    EXPECT_LT(ended.late, milliseconds{250}) << guest.name;
  }
}

// Guests of all kinds and a good one take turns in the slots of one pool.
TEST_P(Interrupt, AtRandomMomentsGivesTheRightVerdictEachTimeAndLeavesNothing) {
  EngineKey key = key_of(GetParam());
  key.pool_slots = kMostThreads;
  const auto engine = make_engine(key);
  ASSERT_TRUE(engine.has_value()) << engine.error().message;
  const std::vector<Guest> guests = compile_all(*engine);
  const auto good = compile_text(*engine, good_guest());
  ASSERT_TRUE(good.has_value()) << good.error().message;
  const auto interrupter = std::move(*Interrupter::create());
  Findings findings;
  // What the first use of slots, threads and guests makes and keeps.
  interrupt_on_threads(kMostThreads, guests, **good, *interrupter, 20 * kMostThreads, findings);
  findings.stopped = findings.trapped = 0;
  const ProcessSize before = ProcessSize::now();
  std::uint64_t done = 0;
  for (const std::uint64_t threads : {std::uint64_t{1}, std::uint64_t{2}, kMostThreads}) {
    const std::uint64_t count = interruptions() / 3 / kMostThreads * kMostThreads;
    interrupt_on_threads(threads, guests, **good, *interrupter, count, findings);
    done += count;
  }
  expect_flat(before, ProcessSize::now());
  EXPECT_EQ(findings.wrong.load(), 0U) << findings.first;
  EXPECT_EQ(findings.stopped.load() + findings.trapped.load(), done);
}

INSTANTIATE_TEST_SUITE_P(Ways, Interrupt,
                         ::testing::Values(InterruptWay::kEpoch, InterruptWay::kSignal),
                         [](const auto& way) {
                           return way.param == InterruptWay::kEpoch ? "epoch" : "signal";
                         });

}  // namespace
}  // namespace mimobox::engine::testing
