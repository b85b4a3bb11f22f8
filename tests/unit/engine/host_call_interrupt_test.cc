// Whom the interrupt meets in host functions: those that asked for it, guests that they run, and
// nothing else.
#include <cerrno>
#include <chrono>
#include <csignal>
#include <ctime>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "base/blocking.h"
#include "base/host_call.h"
#include "tests/unit/engine/endless_guests.h"
#include "tests/unit/engine/run_code.h"

namespace mimobox::engine::testing {
namespace {

using std::chrono::milliseconds;

/// What a run's host function is to do, and what became of it.
struct Call {
  InterruptibleRun* run = nullptr;
  bool blocking = false;
  bool interrupted = false;
  Interrupter* interrupter = nullptr;
  const Code* inner = nullptr;
  Ended inner_ended = {};
};

/// Sleeps, in one system call, under the notice that it blocks or without.
base::HostCallOutcome nap(void* context, std::span<std::byte>, base::RawValue*) noexcept {
  auto& call = *static_cast<Call*>(context);
  const timespec briefly{.tv_sec = 0, .tv_nsec = 50'000'000};
  const timespec long_time{.tv_sec = 60, .tv_nsec = 0};
  if (call.blocking) {
    const base::BlockingScope blocking(*call.run);
    call.interrupted = ::nanosleep(&long_time, nullptr) != 0 && errno == EINTR;
  } else {
    call.interrupted = ::nanosleep(&briefly, nullptr) != 0;
  }
  return base::HostCallOutcome::kReturn;
}

/// Runs another guest on this thread, with a deadline behind that of the outer one.
base::HostCallOutcome run_inner(void* context, std::span<std::byte>, base::RawValue*) noexcept {
  auto& call = *static_cast<Call*>(context);
  call.inner_ended = run_code(*call.interrupter, *call.inner, kLargeLimits, milliseconds{50});
  return base::HostCallOutcome::kReturn;
}

constexpr base::HostFunction kFunctions[] = {{"nap", ":", nap}, {"run_inner", ":", run_inner}};

class HostCallInterrupt : public ::testing::TestWithParam<InterruptWay> {
 protected:
  void SetUp() override {
    auto signal = SignalUse::acquire(SIGURG);
    ASSERT_TRUE(signal.has_value()) << signal.error().message;
    signal_ = std::make_unique<SignalUse>(std::move(*signal));
    interrupter_ = std::move(*Interrupter::create());
    engine_ = *Engine::create(key_of(GetParam()), {"test", kFunctions}, *TrapSite::make());
  }

  /// Runs `_start` of this module for 10 ms; `call` is what its host function sees.
  Result<GuestOutcome> run(std::string_view text, Call& call) {
    const auto code = compile_text(engine_, text);
    if (!code) return std::unexpected(code.error());
    InterruptibleRun run(*engine_, SIGURG);
    call.run = &run;
    call.interrupter = interrupter_.get();
    const Deadline deadline = Deadline::clock::now() + milliseconds{10};
    const ArmedScope armed(*interrupter_, run, {.wall = deadline});
    return run_guest(**code, kLargeLimits, run, &call);
  }

  std::unique_ptr<SignalUse> signal_;
  std::unique_ptr<Interrupter> interrupter_;
  std::shared_ptr<Engine> engine_;
};

constexpr std::string_view kNaps = R"((module (import "test" "nap" (func $nap))
  (func (export "_start") (loop $l (call $nap) (br $l)))))";

TEST_P(HostCallInterrupt, MeetsNoCallThatDidNotAskForIt) {
  Call call;
  const auto outcome = run(kNaps, call);
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
  EXPECT_EQ(outcome->end, GuestEnd::kStopped);
  EXPECT_FALSE(call.interrupted);
}

TEST_P(HostCallInterrupt, EndsACallThatSaidItBlocks) {
  Call call{.blocking = true};
  const auto outcome = run(kNaps, call);
  ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
  EXPECT_EQ(outcome->end, GuestEnd::kStopped);
  EXPECT_TRUE(call.interrupted);
}

TEST_P(HostCallInterrupt, MeetsAGuestInsideACallForItsOwnDeadlineOnly) {
  const auto engine = make_engine(key_of(GetParam()));
  ASSERT_TRUE(engine.has_value()) << engine.error().message;
  for (const EndlessGuest& guest : endless_guests()) {
    if (guest.name != "recursion" && guest.name != "memory_grow_0") continue;
    const auto inner = compile_text(*engine, guest.text);
    ASSERT_TRUE(inner.has_value()) << inner.error().message;
    Call call{.inner = inner->get()};
    const auto outcome = run(R"((module (import "test" "run_inner" (func $run))
      (func (export "_start") (loop $l (call $run) (br $l)))))",
                             call);
    ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
    EXPECT_EQ(outcome->end, GuestEnd::kStopped);
    EXPECT_TRUE(call.inner_ended.timed_out());
    EXPECT_GE(call.inner_ended.late.count(), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Ways, HostCallInterrupt,
                         ::testing::Values(InterruptWay::kEpoch, InterruptWay::kSignal),
                         [](const auto& way) {
                           return way.param == InterruptWay::kEpoch ? "epoch" : "signal";
                         });

}  // namespace
}  // namespace mimobox::engine::testing
