#include "wasi/sigpipe.h"

#include <array>
#include <csignal>
#include <ctime>

namespace mimobox::wasi {
namespace {

constexpr std::array kSignals = {SIGPIPE, SIGXFSZ};

}  // namespace

void SigpipeGuard::block_now() noexcept {
  done_ = true;
  sigset_t pending;
  ::sigpending(&pending);
  sigset_t both;
  ::sigemptyset(&both);
  ::sigemptyset(&ours_);
  for (const int number : kSignals) {
    ::sigaddset(&both, number);
    if (::sigismember(&pending, number) != 1) ::sigaddset(&ours_, number);
  }
  ::pthread_sigmask(SIG_BLOCK, &both, &before_);
}

void SigpipeGuard::consume() const noexcept {
  const timespec at_once{};
  while (::sigtimedwait(&ours_, nullptr, &at_once) > 0) {
  }
}

SigpipeGuard::~SigpipeGuard() {
  if (!done_) return;
  sigset_t unblocked;
  ::sigemptyset(&unblocked);
  for (const int number : kSignals) {
    if (::sigismember(&before_, number) != 1) ::sigaddset(&unblocked, number);
  }
  // A pipe whose reader went in the middle of a write raises the signal though write() has told of
  // the bytes that went: when the run was stopped then, no EPIPE has followed that consumed it.
  consume();
  ::pthread_sigmask(SIG_UNBLOCK, &unblocked, nullptr);
}

}  // namespace mimobox::wasi
