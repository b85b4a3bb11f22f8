#include "engine/interrupter.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "engine/engine.h"
#include "engine/signal_registry.h"

namespace mimobox::engine {
namespace {

pid_t current_thread() noexcept {
  // A child of fork() would inherit the parent's number in this cache, but no engine runs there.
  static thread_local const pid_t id = ::gettid();
  return id;
}

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// How long after an attempt comes the next one. A signal that finds the guest in one of the
/// engine's own functions was in vain, and a guest may spend nearly all its time there: soon again,
/// for a while.
std::chrono::nanoseconds pause_after(unsigned attempts_before, bool by_signal) noexcept {
  if (by_signal) {
    if (attempts_before < 100) return microseconds{20};
    if (attempts_before < 1000) return microseconds{100};
  }
  return std::min(milliseconds{10}, milliseconds{1} * (1U << std::min(attempts_before, 4U)));
}

/// CPU time is looked at when it could be used up at the earliest, but no sooner than this: what is
/// left shrinks with each look at a thread that shares its processor.
constexpr std::chrono::milliseconds kShortestLook{1};
/// A thread that sleeps with little left is looked at ever less often, down to this.
constexpr unsigned kMostIdleLooks = 4;

}  // namespace

InterruptibleRun::InterruptibleRun(Engine& engine, int interrupt_signal)
    : engine_(engine), interrupt_signal_(interrupt_signal), thread_(current_thread()) {}

void InterruptibleRun::begin_blocking() noexcept {
  blocking_.store(true, std::memory_order_seq_cst);
}

void InterruptibleRun::end_blocking() noexcept {
  blocking_.store(false, std::memory_order_seq_cst);
  activation_.settle();
}

bool InterruptibleRun::interrupt(bool guest_too) noexcept {
  // One that was sent and has not arrived yet does for this attempt too.
  const bool sent_before = activation_.underway.exchange(true, std::memory_order_seq_cst);
  // After the stop was raised and `underway` was set, and before the signal is sent: a thread that
  // leaves the guest or the call after this look waits for the signal (Activation::settle) or sees
  // the stop (HostCallScope).
  const bool in_guest = activation_.in_guest.load(std::memory_order_seq_cst);
  const bool wanted = (guest_too && in_guest) || blocking_.load(std::memory_order_seq_cst);
  if (sent_before) return in_guest;
  const int error = wanted ? send_interrupt_signal(interrupt_signal_, thread_) : 0;
  if (error != 0) signal_error_ = error;
  if (!wanted || error != 0) activation_.underway.store(false, std::memory_order_release);
  return in_guest;
}

/// 0: the run is to be stopped, and its reason is set.
std::chrono::nanoseconds Interrupter::until_next_look(InterruptibleRun& run) noexcept {
  using std::chrono::nanoseconds;
  nanoseconds next = std::chrono::hours{24};
  if (run.deadlines_.wall) {
    next = *run.deadlines_.wall - Deadline::clock::now();
    if (next <= nanoseconds{0}) {
      run.stop_signal().raise(std::to_underlying(StopReason::kTimeLimit));
      return nanoseconds{0};
    }
  }
  if (!run.deadlines_.cpu) return next;
  const nanoseconds used = run.cpu_clock_.now();
  const nanoseconds left = *run.deadlines_.cpu - used;
  if (left <= nanoseconds{0}) {
    run.stop_signal().raise(std::to_underlying(StopReason::kCpuTimeLimit));
    return nanoseconds{0};
  }
  const bool idle = used - run.cpu_seen_ < kShortestLook / 4;
  run.idle_looks_ = idle ? std::min(run.idle_looks_ + 1, kMostIdleLooks) : 0;
  run.cpu_seen_ = used;
  return std::min(next, std::max<nanoseconds>(left, kShortestLook * (1U << run.idle_looks_)));
}

/// One attempt to stop `run`, and when to try again. An attempt can be lost: between a store's look
/// at its stop word and its new epoch deadline, or between a thread's last look and its system
/// call. So they repeat, ever slower, until the run is disarmed.
std::chrono::nanoseconds Interrupter::attempt(InterruptibleRun& run) noexcept {
  const unsigned before = run.attempts_++;
  switch (run.engine().key().code.interrupt) {
    case InterruptWay::kEpoch:
      run.engine().bump_epoch();
      run.interrupt(false);
      return pause_after(before, false);
    case InterruptWay::kSignal:
      return pause_after(before, run.interrupt(true));
  }
  return milliseconds{10};
}

std::chrono::nanoseconds Interrupter::look(Watched& item, unsigned /*looks_before*/) noexcept {
  auto& run = static_cast<InterruptibleRun&>(item);
  if (!run.stop_signal().stopped()) {
    const std::chrono::nanoseconds next = until_next_look(run);
    if (next > std::chrono::nanoseconds{0}) return next;
  }
  return attempt(run);
}

Result<std::unique_ptr<Interrupter>> Interrupter::create() {
  auto watchdog = Watchdog::create(look);
  if (!watchdog) return std::unexpected(std::move(watchdog).error());
  return std::unique_ptr<Interrupter>(new Interrupter(std::move(*watchdog)));
}

void Interrupter::arm(InterruptibleRun& run, const RunDeadlines& deadlines) noexcept {
  run.deadlines_ = deadlines;
  run.cpu_seen_ = std::chrono::nanoseconds{0};
  run.idle_looks_ = run.attempts_ = 0;
  std::optional<Deadline> first = deadlines.wall;
  if (deadlines.cpu) {
    // At the earliest when the thread does nothing but use it up.
    run.cpu_seen_ = run.cpu_clock_.now();
    const Deadline earliest = Deadline::clock::now() + (*deadlines.cpu - run.cpu_seen_);
    first = first ? std::min(*first, earliest) : earliest;
  }
  watchdog_->add(run, first);
}

void Interrupter::disarm(InterruptibleRun& run) noexcept {
  watchdog_->remove(run);
}

void Interrupter::stop(InterruptibleRun& run, StopReason reason) noexcept {
  // The reason is set here and now, so that it is the first one; the watchdog does the rest.
  run.stop_signal().raise(std::to_underlying(reason));
  watchdog_->expire_now(run);
}

}  // namespace mimobox::engine
