#include "engine/self_test.h"

#include <mimobox_engine.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/host_call.h"
#include "base/thread.h"
#include "engine/activation.h"
#include "engine/code.h"
#include "engine/engine.h"
#include "engine/instance.h"
#include "engine/interrupter.h"

namespace mimobox::engine {
namespace {

using std::chrono::microseconds;

struct Looked {
  bool memory_is_where_we_look = false;
};

/// What the guest of `kLook` has in its memory when it calls: so large, and this at its very end.
constexpr std::size_t kLookedBytes = 4U << 16U;
constexpr std::uint64_t kLookedWord = 0x0123'4567'89AB'CDEF;

/// Compares what host functions get for the guest's memory with what compiled code sees.
base::HostCallOutcome look(void* context, std::span<std::byte> memory, base::RawValue*) noexcept {
  std::uint64_t last = 0;
  const bool right_size = memory.size() == kLookedBytes;
  if (right_size) std::memcpy(&last, memory.last(sizeof last).data(), sizeof last);
  static_cast<Looked*>(context)->memory_is_where_we_look = last == kLookedWord;
  return base::HostCallOutcome::kReturn;
}

constexpr base::HostFunction kFunctions[] = {{"look", ":", look}};

struct Trial {
  std::string_view what;
  std::string_view text;
  int times;
};

// Each would end by itself after a second or some more, so that a machine on which nothing stops
// them is told from one on which this test hangs.
constexpr Trial kTrials[] = {
    {"a loop", R"((module (func (export "main") (local i32)
       (loop $l (br_if $l (i32.ne (i32.const -1)
         (local.tee 0 (i32.add (local.get 0) (i32.const 1)))))))))",
     20},
    {"a tail call that needs more room for its arguments", R"((module
       (func $g (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
         (result i64) (i64.add (local.get 0) (local.get 15)))
       (func $junk (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
         (result i64) (i64.add (local.get 0) (local.get 15)))
       (func $f (param i64) (result i64) (return_call $g
         (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0)
         (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0)
         (local.get 0) (local.get 0) (local.get 0) (local.get 0)))
       (func (export "main") (local i64 i32) (loop $l
         (local.set 0 (call $f (call $junk
           (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0)
           (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0)
           (local.get 0) (local.get 0) (local.get 0) (i64.const 1))))
         (br_if $l (i32.ne (i32.const 200000000)
           (local.tee 1 (i32.add (local.get 1) (i32.const 1)))))))))",
     60},
    {"memory.fill", R"((module (memory 64) (func (export "main") (local i32)
       (loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 4194304))
         (br_if $l (i32.ne (i32.const 5000)
           (local.tee 0 (i32.add (local.get 0) (i32.const 1)))))))))",
     10},
    {"memory.grow of nothing", R"((module (memory 1) (func (export "main") (local i32)
       (loop $l (drop (memory.grow (i32.const 0)))
         (br_if $l (i32.ne (i32.const 80000000)
           (local.tee 0 (i32.add (local.get 0) (i32.const 1)))))))))",
     10},
    {"a start function", R"((module (func $s (local i32)
       (loop $l (br_if $l (i32.ne (i32.const -1)
         (local.tee 0 (i32.add (local.get 0) (i32.const 1)))))))
       (start $s) (func (export "main"))))",
     5},
};

constexpr std::string_view kLook =
    R"((module (import "test" "look" (func $look)) (memory (export "memory") 3)
  (func (export "main") (drop (memory.grow (i32.const 1)))
    (i64.store (i32.const 262136) (i64.const 0x0123456789ABCDEF)) (call $look))))";
constexpr std::string_view kTrap = R"((module (func (export "main") (unreachable))))";

/// A guest that so many interrupts reached, and which still ended by itself, cannot be stopped.
constexpr std::uint32_t kEnoughArrivals = 50;
/// Runs that may show nothing, for each that has to show something: the deadline came before the
/// guest began, or the guest was through before the watchdog came.
constexpr int kMostVainRuns = 20;
/// Of those in which the guest was through, which take long.
constexpr int kMostLongRuns = 5;

using Tested = std::expected<void, SelfTestFailure>;

std::unexpected<SelfTestFailure> wrong(std::string why) {
  return std::unexpected(SelfTestFailure{.why = std::move(why), .lasting = true});
}

std::unexpected<SelfTestFailure> for_now(std::string why) {
  return std::unexpected(SelfTestFailure{.why = std::move(why), .lasting = false});
}

/// Too many signals pending is nothing that stays.
std::unexpected<SelfTestFailure> refused(int os_errno) {
  return std::unexpected(SelfTestFailure{
      .why = std::string("the kernel does not send the signal: ") + std::strerror(os_errno),
      .lasting = os_errno != EAGAIN});
}

/// How one run went.
struct Trace {
  GuestOutcome outcome;
  std::uint32_t arrivals = 0;
  int signal_error = 0;
};

class Tester {
 public:
  Tester(std::shared_ptr<Engine> engine, Interrupter& interrupter, int signal)
      : engine_(std::move(engine)), interrupter_(interrupter), signal_(signal) {}

  Tested test() {
    if (auto looked = test_places(); !looked) return looked;
    for (const Trial& trial : kTrials) {
      if (auto stopped = test_stop(trial); !stopped) return stopped;
    }
    return {};
  }

 private:
  std::expected<std::shared_ptr<const Code>, SelfTestFailure> load(std::string_view text) {
    auto bytes = text_to_binary(text);
    if (!bytes) return for_now(bytes.error().message);
    auto artifact = compile(*engine_, *bytes);
    if (!artifact) return for_now(artifact.error().message);
    auto code = Code::load(engine_, Artifact::in_memory(*std::move(artifact)));
    if (!code) return for_now(code.error().message);
    if (!(*code)->interruptible()) {
      return wrong("the engine's table of functions is not what we know");
    }
    return *std::move(code);
  }

  std::expected<Trace, SelfTestFailure> run(const Code& code, std::optional<microseconds> wall) {
    constexpr GuestLimits kLimits{.memory_bytes = 64U << 20, .tables = 100, .table_elements = 1000};
    InterruptibleRun guest(*engine_, signal_);
    std::optional<Deadline> deadline;
    if (wall) deadline = Deadline::clock::now() + *wall;
    Result<GuestOutcome> outcome;
    {
      const ArmedScope armed(interrupter_, guest, {.wall = deadline});
      outcome = run_guest(code, kLimits, guest, &looked_);
    }
    if (!outcome) return for_now(outcome.error().message);
    return Trace{.outcome = *std::move(outcome),
                 .arrivals = guest.activation().arrivals,
                 .signal_error = guest.signal_error()};
  }

  Tested test_places() {
    const auto looking = load(kLook);
    if (!looking) return std::unexpected(looking.error());
    const auto looked = run(**looking, std::nullopt);
    if (!looked) return std::unexpected(looked.error());
    if (!looked_.memory_is_where_we_look) {
      return wrong("the engine keeps the memory of an instance elsewhere");
    }
    const auto trapping = load(kTrap);
    if (!trapping) return std::unexpected(trapping.error());
    const auto trapped = run(**trapping, std::nullopt);
    if (!trapped) return std::unexpected(trapped.error());
    const GuestOutcome& outcome = trapped->outcome;
    if (outcome.end != GuestEnd::kTrapped || outcome.trap->code != TrapCode::kUnreachable) {
      return wrong("a guest's own trap is not told from an interrupt");
    }
    return {};
  }

  /// Until an interrupt has stopped as many guests as the trial says. What depends on how busy the
  /// machine is decides nothing.
  Tested test_stop(const Trial& trial) {
    const auto code = load(trial.text);
    if (!code) return std::unexpected(code.error());
    const std::string what(trial.what);
    int stopped = 0;
    int long_runs = 0;
    for (int i = 0; stopped < trial.times; ++i) {
      if (i == trial.times * kMostVainRuns || long_runs == kMostLongRuns) {
        return for_now("the machine is too busy to tell whether guests are stopped inside " + what);
      }
      const auto ran = run(**code, microseconds{100 + 7 * (i % trial.times)});
      if (!ran) return std::unexpected(ran.error());
      if (ran->signal_error != 0) return refused(ran->signal_error);
      if (ran->outcome.end == GuestEnd::kStopped) {
        if (ran->arrivals != 0) ++stopped;
      } else if (ran->arrivals >= kEnoughArrivals) {
        return wrong("a guest was not stopped inside " + what);
      } else {
        ++long_runs;
      }
    }
    return {};
  }

  const std::shared_ptr<Engine> engine_;
  Interrupter& interrupter_;
  const int signal_;
  Looked looked_;
};

}  // namespace

std::expected<void, SelfTestFailure> test_signal_way(const SignalUse& signal,
                                                     const std::shared_ptr<const TrapSite>& trap) {
  constexpr std::size_t kGuestStack = 256U << 10;
  auto engine =
      Engine::create({.code = {.interrupt = InterruptWay::kSignal}, .stack_bytes = kGuestStack},
                     {"test", kFunctions}, trap);
  if (!engine) return for_now(engine.error().message);
  auto interrupter = Interrupter::create();
  if (!interrupter) return for_now(interrupter.error().message);
  Tested result;
  auto thread = base::Thread::start(
      [&]() noexcept { result = Tester(*engine, **interrupter, signal.number()).test(); },
      kGuestStack + (16U << 20));  // it compiles, too
  if (!thread) return for_now("there is no thread for the self-test");
  thread->join();
  return result;
}

}  // namespace mimobox::engine
