#include "base/thread.h"

#include <link.h>

#include <algorithm>
#include <climits>
#include <csignal>
#include <cstddef>
#include <memory>

namespace mimobox::base {
namespace {

int add_tls_bytes(dl_phdr_info* object, std::size_t /*size*/, void* total) noexcept {
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = object->dlpi_phdr[i];
    if (header.p_type == PT_TLS) {
      *static_cast<std::size_t*>(total) += header.p_memsz + header.p_align;
    }
  }
  return 0;
}

/// What the C library takes from a new thread's stack for itself: the thread-local storage of all
/// loaded objects (TSan's runtime alone has 800 KiB), and its own bookkeeping.
std::size_t stack_taken_by_tls() noexcept {
  constexpr std::size_t kBookkeepingBytes = 16U << 10;
  std::size_t total = kBookkeepingBytes;
  ::dl_iterate_phdr(add_tls_bytes, &total);
  return total;
}

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
    const std::size_t usable = std::max(stack_bytes, static_cast<std::size_t>(PTHREAD_STACK_MIN));
    ::pthread_attr_setstacksize(&attributes, usable + stack_taken_by_tls());
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
