// Memory that runs out inside the engine. Its known worst case is that it ends the process by
// abort() (SECURITY.md says so), which is why each attempt is made in a child: an error, a verdict
// or that, and nothing else.
#include <dlfcn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <optional>

#include <gtest/gtest.h>

#include "mimobox/runtime.h"
#include "mimobox/sandbox.h"

#include "tests/faults/faults.h"
#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using faults::From;
using faults::Kind;
using faults::Whose;

/// One run from nothing; whether it ended in an error, or in a verdict that is right.
bool run_once(std::optional<ErrorCode>* error = nullptr) {
  const auto tell = [&](const SandboxError& what) {
    if (error != nullptr) *error = what.code;
    return true;
  };
  const auto runtime = Runtime::create();
  if (!runtime) return tell(runtime.error());
  const auto module = runtime->load(guest_path("keep_secret.wat"));
  if (!module) return tell(module.error());
  const auto sandbox = WasmSandbox::create(*runtime);
  if (!sandbox) return tell(sandbox.error());
  const auto result = (*sandbox)->execute(*module);
  if (!result) return tell(result.error());
  // Wherever it struck: the guest finds nothing that is not its own.
  return result->verdict != Verdict::kExited || result->exit_code == 0U;
}

/// In the child: the n-th allocation of the engine fails. `report` is told how many there were.
[[noreturn]] void live_without_memory(long nth, int report) {
  ::alarm(60);
  ::close(STDERR_FILENO);  // what the engine says when it aborts is expected
  const auto arm = reinterpret_cast<faults::Arm>(::dlsym(RTLD_DEFAULT, faults::kArm));
  const auto disarm = reinterpret_cast<faults::Disarm>(::dlsym(RTLD_DEFAULT, faults::kDisarm));
  arm(Kind::kAllocation, Whose::kEngines, From::kOnce, nth);
  const bool good = run_once();
  const long calls = disarm();
  const bool told = ::write(report, &calls, sizeof calls) == sizeof calls;
  ::_exit(good && told ? 0 : 1);
}

struct Life {
  int status = 0;
  long calls = 0;
};

Life try_in_a_child(long nth) {
  Pipe report;
  const pid_t child = ::fork();
  if (child == 0) live_without_memory(nth, report.writer());
  Life life;
  EXPECT_EQ(::waitpid(child, &life.status, 0), child);
  report.close_writer();
  if (::read(report.reader(), &life.calls, sizeof life.calls) != sizeof life.calls) life.calls = 0;
  return life;
}

TEST(Attack16EngineFaults, EndInAnErrorAVerdictOrAnAbort) {
  if (::dlsym(RTLD_DEFAULT, faults::kArm) == nullptr)
    GTEST_SKIP() << "only where libmimobox_faults.so is loaded (LD_PRELOAD): run it by ctest";
  const Life clean = try_in_a_child(0);
  ASSERT_TRUE(WIFEXITED(clean.status) && WEXITSTATUS(clean.status) == 0);
  ASSERT_GT(clean.calls, 0);
  constexpr long kAttempts = 40;
  long aborted = 0;
  for (long nth = 1; nth <= clean.calls; nth += std::max(1L, clean.calls / kAttempts)) {
    const Life life = try_in_a_child(nth);
    const bool abort = WIFSIGNALED(life.status) && WTERMSIG(life.status) == SIGABRT;
    EXPECT_TRUE(abort || (WIFEXITED(life.status) && WEXITSTATUS(life.status) == 0))
        << "call " << nth << " of " << clean.calls << ": status " << life.status;
    aborted += abort ? 1 : 0;
  }
  std::printf("%ld calls of the engine, %ld aborts\n", clean.calls, aborted);
}

// The engine maps by system calls of its own, which no library can stand in front of.
TEST(Attack16EngineFaults, WithoutAddressSpaceARunIsAnError) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(60);
    constexpr rlim_t kTooLittle = 3ULL << 30;  // a run reserves more than 4 GiB
    const rlimit limit{.rlim_cur = kTooLittle, .rlim_max = kTooLittle};
    if (::setrlimit(RLIMIT_AS, &limit) != 0) ::_exit(2);
    std::optional<ErrorCode> error;
    ::_exit(run_once(&error) && error == ErrorCode::kResourceExhausted ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

}  // namespace
}  // namespace mimobox::testing
