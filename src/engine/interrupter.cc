#include "engine/interrupter.h"

#include <unistd.h>

#include <cerrno>

#include "engine/signal_registry.h"

namespace mimobox::engine {
namespace {

pid_t current_thread() noexcept {
  // A child of fork() would inherit the parent's number in this cache, but no engine runs there.
  static thread_local const pid_t id = ::gettid();
  return id;
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

}  // namespace mimobox::engine
