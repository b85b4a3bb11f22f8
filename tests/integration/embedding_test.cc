// What docs/embedding.md promises to a host program.
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/thread.h"
#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using std::chrono::milliseconds;

// A guest that needs most of its 1 MiB of stack, from a thread that has 64 KiB.
TEST(WasmSandboxStack, OfTheCallerMayBeTiny) {
  const Module module = load_guest("recursion_20000.wat");
  ASSERT_TRUE(shared_runtime().compile(module, {}).has_value());
  const auto sandbox = make_sandbox();
  std::optional<Result<RunResult>> result;
  auto thread = base::Thread::start([&] { result = sandbox->execute(module); }, 64U << 10);
  ASSERT_TRUE(thread.has_value());
  thread->join();
  ASSERT_TRUE(result->has_value()) << result->error().message;
  EXPECT_EQ((*result)->verdict, Verdict::kExited);
}

// A C++ coroutine library with stacks of its own, in its smallest form.
struct Fibre {
  ucontext_t here{};
  ucontext_t there{};
  std::vector<char> stack = std::vector<char>(256U << 10);
  Sandbox* sandbox = nullptr;
  const Module* module = nullptr;
  std::optional<Result<RunResult>> result;
};

Fibre* running = nullptr;  // what makecontext() cannot pass as a pointer

TEST(WasmSandboxStack, MayBeAFibres) {
#ifdef MIMOBOX_TEST_SANITIZED
  GTEST_SKIP() << "the sanitizers do not follow a switch of stacks that they are not told of";
#endif
  const Module module = load_guest("recursion_20000.wat");
  ASSERT_TRUE(shared_runtime().compile(module, {}).has_value());
  const auto sandbox = make_sandbox();
  Fibre fibre;
  fibre.sandbox = sandbox.get();
  fibre.module = &module;
  running = &fibre;
  ::getcontext(&fibre.there);
  fibre.there.uc_stack.ss_sp = fibre.stack.data();
  fibre.there.uc_stack.ss_size = fibre.stack.size();
  fibre.there.uc_link = &fibre.here;
  ::makecontext(
      &fibre.there, [] { running->result = running->sandbox->execute(*running->module); }, 0);
  ::swapcontext(&fibre.here, &fibre.there);
  ASSERT_TRUE(fibre.result->has_value()) << fibre.result->error().message;
  EXPECT_EQ((*fibre.result)->verdict, Verdict::kExited);
}

// In a child: the handler is installed before any engine is, as a crash reporter would.
TEST(EmbeddingSignals, AFaultOfTheHostReachesTheHandlerFromBefore) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        struct sigaction ours{};
        ours.sa_handler = [](int) { ::_exit(42); };
        ::sigaction(SIGSEGV, &ours, nullptr);
        const auto runtime = Runtime::create();
        const auto sandbox = WasmSandbox::create(*runtime);
        const auto module = runtime->load(guest_path("out_of_bounds.wat"));
        if ((*sandbox)->execute(*module)->verdict != Verdict::kTrapped) ::_exit(1);
        ::raise(SIGSEGV);
        ::_exit(2);
      },
      ::testing::ExitedWithCode(42), "");
}

TEST(EmbeddingSignals, FaultsMayBeBlockedOnTheCallersThread) {
  sigset_t all;
  sigset_t before;
  sigset_t after;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  for (const char* const guest : {"out_of_bounds.wat", "unreachable.wat", "divide_by_zero.wasm"}) {
    const auto result = run_guest(guest);
    EXPECT_TRUE(result.has_value());
    EXPECT_EQ(result->verdict, Verdict::kTrapped) << guest;
  }
  ::pthread_sigmask(SIG_SETMASK, &before, &after);
  for (const int number : {SIGSEGV, SIGILL, SIGFPE, SIGBUS, SIGTERM}) {
    EXPECT_EQ(::sigismember(&after, number), 1) << number;
  }
}

int alarms = 0;

TEST(EmbeddingSignals, AStormOfAlarmsDisturbsNoRun) {
  struct sigaction ours{};
  struct sigaction before{};
  ours.sa_handler = [](int) { ++alarms; };
  ::sigaction(SIGALRM, &ours, &before);
  const itimerval storm{.it_interval = {0, 200}, .it_value = {0, 200}};
  const itimerval calm{};
  ::setitimer(ITIMER_REAL, &storm, nullptr);
  const std::string text(200'000, 'x');
  const Module echo = load_guest("echo_stdin.wasm");
  const Module sleep = load_guest("short_sleep.wasm");
  const auto sandbox = make_sandbox();
  for (int i = 0; i < 30; ++i) {
    const auto echoed = sandbox->execute(echo, {.input = InputBytes{text}});
    ASSERT_TRUE(echoed.has_value()) << echoed.error().message;
    EXPECT_EQ(echoed->out.data, text);
    const auto slept = sandbox->execute(sleep);
    ASSERT_TRUE(slept.has_value()) << slept.error().message;
    EXPECT_EQ(slept->verdict, Verdict::kExited);
  }
  ::setitimer(ITIMER_REAL, &calm, nullptr);
  ::sigaction(SIGALRM, &before, nullptr);
  EXPECT_GT(alarms, 10);
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator entries("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

// A module may keep a descriptor for the image of its memory: they are made before and stay.
TEST(EmbeddingDescriptors, AreBackAfterEveryKindOfEnd) {
  const auto sandbox = make_sandbox({.limits = {.wall_time = milliseconds{20}}});
  std::vector<Module> modules;
  for (const char* const guest : {"hello.wasm", "infinite_loop.wat", "sleep.wasm",
                                  "unreachable.wat", "recursion.wat", "poll_stdin.wasm"}) {
    modules.push_back(load_guest(guest));
    ASSERT_TRUE(sandbox->execute(modules.back()).has_value());
  }
  const std::size_t before = open_descriptors();
  for (const Module& module : modules) {
    const Pipe input;
    ASSERT_TRUE(sandbox->execute(module, {.input = InputDescriptor{input.reader()}}).has_value());
  }
  EXPECT_EQ(open_descriptors(), before);
}

// In a process of its own, since this one has a runtime by now.
TEST(EmbeddingFork, AChildMadeBeforeTheFirstRuntimeMayHaveOne) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        const pid_t child = ::fork();
        if (child == 0) {
          const auto runtime = Runtime::create();
          const auto sandbox =
              WasmSandbox::create(*runtime, {.limits = {.wall_time = milliseconds{50}}});
          const auto endless = runtime->load(guest_path("infinite_loop.wat"));
          const auto result = (*sandbox)->execute(*endless);
          ::_exit(result && result->verdict == Verdict::kTimeLimit ? 0 : 1);
        }
        int status = -1;
        ::waitpid(child, &status, 0);
        ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 2);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace mimobox::testing
