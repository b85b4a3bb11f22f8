#include "engine/signal_registry.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include <gtest/gtest.h>

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
  send_interrupt_signal(SIGUSR1, ::gettid());
  EXPECT_EQ(host_handler_calls, 1);
}

TEST(SignalRegistry, OursIsHarmlessWhereTheDefaultEndsTheProcess) {
  std::signal(SIGUSR2, SIG_DFL);
  const auto use = SignalUse::acquire(SIGUSR2);
  ASSERT_TRUE(use.has_value());
  send_interrupt_signal(SIGUSR2, ::gettid());
}

TEST(SignalRegistry, ANumberThatTakesNoHandlerIsAnError) {
  EXPECT_EQ(SignalUse::acquire(SIGKILL).error().code, ErrorCode::kInvalidConfig);
  EXPECT_EQ(SignalUse::acquire(0).error().code, ErrorCode::kInvalidConfig);
  EXPECT_EQ(SignalUse::acquire(1000).error().code, ErrorCode::kInvalidConfig);
}

}  // namespace
}  // namespace mimobox::engine
