#include "base/thread.h"

#include <algorithm>
#include <climits>
#include <csignal>
#include <memory>

namespace mimobox::base {
namespace {

using Body = std::function<void()>;

void* enter(void* argument) noexcept {
  const std::unique_ptr<Body> body(static_cast<Body*>(argument));
  (*body)();
  return nullptr;
}

sigset_t quiet_mask() noexcept {
  sigset_t mask;
  ::sigfillset(&mask);
  // A fault raises these on the thread itself, and blocked they would kill the process.
  for (const int number : {SIGILL, SIGSEGV, SIGFPE, SIGBUS, SIGTRAP, SIGABRT, SIGSYS}) {
    ::sigdelset(&mask, number);
  }
  return mask;
}

}  // namespace

std::expected<Thread, int> Thread::start(Body body, std::size_t stack_bytes) {
  auto argument = std::make_unique<Body>(std::move(body));
  pthread_attr_t attributes;
  if (const int error = ::pthread_attr_init(&attributes); error != 0) return std::unexpected(error);
  if (stack_bytes != 0) {
    ::pthread_attr_setstacksize(&attributes,
                                std::max(stack_bytes, static_cast<std::size_t>(PTHREAD_STACK_MIN)));
  }
  // A thread starts with its maker's mask.
  const sigset_t quiet = quiet_mask();
  sigset_t before;
  ::pthread_sigmask(SIG_SETMASK, &quiet, &before);
  Thread thread;
  const int error = ::pthread_create(&thread.thread_, &attributes, enter, argument.get());
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::pthread_attr_destroy(&attributes);
  if (error != 0) return std::unexpected(error);
  static_cast<void>(argument.release());  // the thread owns it now
  thread.running_ = true;
  return thread;
}

void Thread::join() noexcept {
  if (std::exchange(running_, false)) ::pthread_join(thread_, nullptr);
}

void Thread::detach() noexcept {
  if (std::exchange(running_, false)) ::pthread_detach(thread_);
}

}  // namespace mimobox::base
