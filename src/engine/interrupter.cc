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

constexpr std::chrono::milliseconds kFirstRepeat{1};
constexpr std::chrono::milliseconds kSlowestRepeat{10};

/// Makes guest code of `run` notice that it is being stopped.
void reach_guest(InterruptibleRun& run) noexcept {
  switch (run.engine().key().code.interrupt) {
    case InterruptWay::kEpoch:
      run.engine().bump_epoch();
      return;
  }
}

/// One attempt to stop `run`, and when to try again. An attempt can be lost: between a store's look
/// at its stop word and its new epoch deadline, or between a thread's last look and its system
/// call. So they repeat, ever slower, until the run is disarmed.
std::chrono::nanoseconds attempt(Watched& item, unsigned attempts_before) noexcept {
  auto& run = static_cast<InterruptibleRun&>(item);
  run.stop_signal().raise(std::to_underlying(StopReason::kTimeLimit));
  reach_guest(run);
  run.interrupt_blocking_call();
  return std::min(kSlowestRepeat, kFirstRepeat * (1U << std::min(attempts_before, 4U)));
}

}  // namespace

InterruptibleRun::InterruptibleRun(Engine& engine, int interrupt_signal)
    : engine_(engine), interrupt_signal_(interrupt_signal), thread_(current_thread()) {}

InterruptibleRun::~InterruptibleRun() {
  if (mask_before_) ::pthread_sigmask(SIG_SETMASK, &*mask_before_, nullptr);
}

void InterruptibleRun::begin_blocking() noexcept {
  if (!mask_before_) {
    // A host may have blocked the signal for its threads: then it would never interrupt the call.
    sigset_t ours;
    ::sigemptyset(&ours);
    ::sigaddset(&ours, interrupt_signal_);
    sigset_t before;
    if (::pthread_sigmask(SIG_UNBLOCK, &ours, &before) == 0) mask_before_ = before;
  }
  blocking_.store(true, std::memory_order_seq_cst);
}

void InterruptibleRun::end_blocking() noexcept {
  // Nothing is read behind it: a signal that comes a little late interrupts nothing.
  blocking_.store(false, std::memory_order_release);
}

void InterruptibleRun::interrupt_blocking_call() const noexcept {
  if (!blocking_.load(std::memory_order_seq_cst)) return;
  send_interrupt_signal(interrupt_signal_, thread_);
}

Result<std::unique_ptr<Interrupter>> Interrupter::create() {
  auto watchdog = Watchdog::create(attempt);
  if (!watchdog) return std::unexpected(std::move(watchdog).error());
  return std::unique_ptr<Interrupter>(new Interrupter(std::move(*watchdog)));
}

void Interrupter::arm(InterruptibleRun& run, const RunDeadlines& deadlines) {
  watchdog_->add(run, deadlines.wall);
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
