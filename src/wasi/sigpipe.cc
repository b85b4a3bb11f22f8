#include "wasi/sigpipe.h"

#include <csignal>
#include <ctime>

namespace mimobox::wasi {
namespace {

sigset_t only_sigpipe() noexcept {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGPIPE);
  return set;
}

}  // namespace

void SigpipeGuard::block() noexcept {
  if (done_) return;
  done_ = true;
  sigset_t pending;
  ::sigpending(&pending);
  pending_before_ = ::sigismember(&pending, SIGPIPE) == 1;
  const sigset_t set = only_sigpipe();
  sigset_t before;
  ::pthread_sigmask(SIG_BLOCK, &set, &before);
  blocked_here_ = ::sigismember(&before, SIGPIPE) == 0;
}

void SigpipeGuard::consume() const noexcept {
  if (pending_before_) return;
  const sigset_t set = only_sigpipe();
  const timespec at_once{};
  ::sigtimedwait(&set, nullptr, &at_once);
}

SigpipeGuard::~SigpipeGuard() {
  if (!blocked_here_) return;
  // A pipe whose reader went in the middle of a write raises the signal though write() has told of
  // the bytes that went: when the run was stopped then, no EPIPE has followed that consumed it.
  consume();
  const sigset_t set = only_sigpipe();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace mimobox::wasi
