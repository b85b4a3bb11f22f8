#include "base/thread.h"

#include <csignal>
#include <cstddef>

#include <gtest/gtest.h>

#include "base/thread_stack.h"

namespace mimobox::base {
namespace {

TEST(ThreadConcurrent, HasTheStackThatWasAskedFor) {
  // More than threads have by default: libc gives the stack of one that has ended to the next that
  // asks for no more.
  constexpr std::size_t kStack = 32U << 20;
  std::size_t left = 0;
  auto thread = Thread::start([&] { left = stack_left(); }, kStack);
  ASSERT_TRUE(thread.has_value());
  thread->join();
  EXPECT_GT(left, kStack - (16U << 10));  // the frames above the body
  EXPECT_LE(left, kStack + (1U << 20));   // sanitizers need less than we leave for them
}

TEST(ThreadConcurrent, KnowsTheStackOfTheMainThreadAsTheCLibraryDoes) {
  pthread_attr_t attributes;
  void* low = nullptr;
  std::size_t size = 0;
  ASSERT_EQ(::pthread_getattr_np(::pthread_self(), &attributes), 0);
  ASSERT_EQ(::pthread_attr_getstack(&attributes, &low, &size), 0);
  ::pthread_attr_destroy(&attributes);
  const auto left = static_cast<std::size_t>(static_cast<char*>(__builtin_frame_address(0)) -
                                             static_cast<char*>(low));
  EXPECT_LE(stack_left(), left);
  EXPECT_GT(stack_left() + (256U << 10), left);
}

TEST(ThreadConcurrent, TakesFaultSignalsAndNoOthers) {
  sigset_t inside;
  auto thread = Thread::start([&] { ::pthread_sigmask(SIG_SETMASK, nullptr, &inside); });
  ASSERT_TRUE(thread.has_value());
  thread->join();
  EXPECT_EQ(::sigismember(&inside, SIGSEGV), 0);
  EXPECT_EQ(::sigismember(&inside, SIGILL), 0);
  EXPECT_EQ(::sigismember(&inside, SIGFPE), 0);
  EXPECT_EQ(::sigismember(&inside, SIGTERM), 1);
  EXPECT_EQ(::sigismember(&inside, SIGURG), 1);
}

TEST(ThreadConcurrent, LeavesTheMakersMaskAlone) {
  sigset_t before;
  sigset_t after;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &before);
  auto thread = Thread::start([] {});
  ::pthread_sigmask(SIG_SETMASK, nullptr, &after);
  for (int number = 1; number < SIGRTMIN; ++number) {
    EXPECT_EQ(::sigismember(&before, number), ::sigismember(&after, number)) << number;
  }
}

}  // namespace
}  // namespace mimobox::base
