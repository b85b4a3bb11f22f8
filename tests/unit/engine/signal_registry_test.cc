#include "engine/signal_registry.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include <gtest/gtest.h>

#include "base/stop_signal.h"
#include "engine/activation.h"

namespace mimobox::engine {
namespace {

volatile std::sig_atomic_t host_handler_calls = 0;

void host_handler(int) {
  host_handler_calls = host_handler_calls + 1;
}

struct sigaction disposition(int number) {
  struct sigaction now{};
  ::sigaction(number, nullptr, &now);
  return now;
}

TEST(SignalRegistry, PutsBackWhatWasThereWhenTheLastUseGoes) {
  struct sigaction host{};
  host.sa_handler = host_handler;
  ASSERT_EQ(::sigaction(SIGUSR1, &host, nullptr), 0);
  {
    auto first = SignalUse::acquire(SIGUSR1);
    ASSERT_TRUE(first.has_value());
    {
      const auto second = SignalUse::acquire(SIGUSR1);
      ASSERT_TRUE(second.has_value());
    }
    EXPECT_NE(disposition(SIGUSR1).sa_handler, host_handler);
    const SignalUse moved = std::move(*first);
    EXPECT_NE(disposition(SIGUSR1).sa_handler, host_handler);
  }
  EXPECT_EQ(disposition(SIGUSR1).sa_handler, host_handler);
  std::signal(SIGUSR1, SIG_DFL);
}

TEST(SignalRegistry, AForeignSignalReachesTheHostsHandlerAndOursDoesNot) {
  struct sigaction host{};
  host.sa_handler = host_handler;
  ASSERT_EQ(::sigaction(SIGUSR1, &host, nullptr), 0);
  const auto use = SignalUse::acquire(SIGUSR1);
  ASSERT_TRUE(use.has_value());
  host_handler_calls = 0;
  std::raise(SIGUSR1);
  EXPECT_EQ(host_handler_calls, 1);
  EXPECT_EQ(send_interrupt_signal(SIGUSR1, ::gettid()), 0);
  EXPECT_EQ(host_handler_calls, 1);
}

TEST(SignalRegistry, AForeignSignalThatWasIgnoredStaysSo) {
  for (const int flags : {0, SA_SIGINFO}) {
    struct sigaction ignored{};
    ignored.sa_handler = SIG_IGN;
    ignored.sa_flags = flags;
    ASSERT_EQ(::sigaction(SIGUSR1, &ignored, nullptr), 0);
    const auto use = SignalUse::acquire(SIGUSR1);
    ASSERT_TRUE(use.has_value());
    std::raise(SIGUSR1);
  }
}

TEST(SignalRegistry, OursIsHarmlessWhereTheDefaultEndsTheProcess) {
  std::signal(SIGUSR2, SIG_DFL);
  const auto use = SignalUse::acquire(SIGUSR2);
  ASSERT_TRUE(use.has_value());
  EXPECT_EQ(send_interrupt_signal(SIGUSR2, ::gettid()), 0);
}

/// Holds SIGUSR1 back on this thread.
class Blocked {
 public:
  Blocked() {
    ::sigemptyset(&number_);
    ::sigaddset(&number_, SIGUSR1);
    ::pthread_sigmask(SIG_BLOCK, &number_, nullptr);
  }
  ~Blocked() { ::pthread_sigmask(SIG_UNBLOCK, &number_, nullptr); }

 private:
  sigset_t number_{};
};

// The kernel delivers a standard signal that is pending twice once, with what came with the first.
TEST(SignalRegistry, OursHasArrivedWhenAForeignOneWasPendingBefore) {
  std::signal(SIGUSR1, host_handler);
  const auto use = SignalUse::acquire(SIGUSR1);
  ASSERT_TRUE(use.has_value());
  const base::StopSignal stop;
  Activation activation(stop);
  const ActivationScope scope(activation);
  host_handler_calls = 0;
  {
    const Blocked blocked;
    ::pthread_kill(::pthread_self(), SIGUSR1);
    activation.underway = true;
    EXPECT_EQ(send_interrupt_signal(SIGUSR1, ::gettid()), 0);
  }
  EXPECT_FALSE(activation.underway);
  EXPECT_EQ(host_handler_calls, 1);
}

// ... and without anything that came with it when the user has too many signals pending.
TEST(SignalRegistry, OursArrivesWhereNoMoreSignalsCanBeQueued) {
  for (const int number : {SIGUSR1, SIGRTMIN + 5}) {
    const auto use = SignalUse::acquire(number);
    ASSERT_TRUE(use.has_value());
    const base::StopSignal stop;
    Activation activation(stop);
    const ActivationScope scope(activation);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_SIGPENDING, &before), 0);
    const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_SIGPENDING, &none), 0);
    activation.underway = true;
    EXPECT_EQ(send_interrupt_signal(number, ::gettid()), 0);
    ::setrlimit(RLIMIT_SIGPENDING, &before);
    EXPECT_FALSE(activation.underway);
  }
}

TEST(SignalRegistry, AHandlerPutOverOursIsKeptAndRefusesTheNextUse) {
  std::signal(SIGUSR1, host_handler);
  struct sigaction ours{};
  {
    const auto use = SignalUse::acquire(SIGUSR1);
    ASSERT_TRUE(use.has_value());
    ours = disposition(SIGUSR1);
    // It may pass on to ours: were ours put over it again, they would call each other.
    std::signal(SIGUSR1, [](int) {});
    EXPECT_EQ(SignalUse::acquire(SIGUSR1).error().code, ErrorCode::kInvalidConfig);
  }
  EXPECT_NE(disposition(SIGUSR1).sa_handler, host_handler);
  EXPECT_EQ(SignalUse::acquire(SIGUSR1).error().code, ErrorCode::kInvalidConfig);
  // Whoever put it there takes it away again.
  ::sigaction(SIGUSR1, &ours, nullptr);
  {
    const auto use = SignalUse::acquire(SIGUSR1);
    ASSERT_TRUE(use.has_value());
    host_handler_calls = 0;
    std::raise(SIGUSR1);
    EXPECT_EQ(host_handler_calls, 1);
  }
  EXPECT_EQ(disposition(SIGUSR1).sa_handler, host_handler);
}

TEST(SignalRegistry, AHandlerOfOursThatWasTakenOutIsPutBackByTheNextUse) {
  const auto first = SignalUse::acquire(SIGUSR1);
  ASSERT_TRUE(first.has_value());
  std::signal(SIGUSR1, SIG_IGN);
  const auto second = SignalUse::acquire(SIGUSR1);
  ASSERT_TRUE(second.has_value());
  EXPECT_NE(disposition(SIGUSR1).sa_handler, SIG_IGN);
}

TEST(SignalRegistry, ANumberThatTakesNoHandlerIsAnError) {
  EXPECT_EQ(SignalUse::acquire(SIGKILL).error().code, ErrorCode::kInvalidConfig);
  EXPECT_EQ(SignalUse::acquire(0).error().code, ErrorCode::kInvalidConfig);
  EXPECT_EQ(SignalUse::acquire(1000).error().code, ErrorCode::kInvalidConfig);
}

}  // namespace
}  // namespace mimobox::engine
