#include "base/confine.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <thread>

#include <gtest/gtest.h>

#include "base/sanitized.h"

namespace mimobox::base {
namespace {

/// A sanitizer maps far more address space than is left, and reads files when threads start: the
/// builds that have one bound neither memory nor calls.
constexpr const char* kWhySkipped = "a sanitizer cannot work within these bounds";

constexpr Confinement kRoomy{
    .memory_bytes = 1ULL << 40, .cpu_seconds = 1000, .file_bytes = 1ULL << 20, .parent = 0};

/// The status with which a confined child ends that returns what `body` says; 1000 and the number
/// if a signal ended it.
int confined(Confinement confinement, const std::function<int()>& body) {
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) {
    confinement.parent = confinement.parent == 0 ? parent : confinement.parent;
    ::_exit(confine_process(confinement) ? body() : 99);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// 0 when the call fails with this error.
int fails_with(int wanted, long result) {
  return result < 0 && errno == wanted ? 0 : 1;
}

TEST(ConfineProcess, LeavesNothingOfTheFileSystem) {
  if (kSanitized) GTEST_SKIP() << kWhySkipped;
  EXPECT_EQ(confined(kRoomy, [] { return fails_with(EPERM, ::open("/dev/null", O_RDONLY)); }), 0);
  EXPECT_EQ(confined(kRoomy, [] { return fails_with(EPERM, ::access("/", R_OK)); }), 0);
  EXPECT_EQ(confined(kRoomy, [] { return fails_with(EPERM, ::unlink("/none")); }), 0);
  // Where nothing can be made: a child that is not confined leaves nothing behind.
  EXPECT_EQ(confined(kRoomy, [] { return fails_with(EPERM, ::mkdir("/proc/none", 0700)); }), 0);
  EXPECT_EQ(confined(kRoomy, [] { return fails_with(EPERM, ::chdir("/")); }), 0);
}

TEST(ConfineProcess, LeavesNoNetworkNoProcessesAndNoSignalsToOthers) {
  if (kSanitized) GTEST_SKIP() << kWhySkipped;
  EXPECT_EQ(confined(kRoomy, [] { return fails_with(EPERM, ::socket(AF_INET, SOCK_STREAM, 0)); }),
            0);
  EXPECT_EQ(confined(kRoomy, [] { return fails_with(EPERM, ::socket(AF_UNIX, SOCK_STREAM, 0)); }),
            0);
  EXPECT_EQ(confined(kRoomy, [] { return fails_with(EPERM, ::fork()); }), 0);
  EXPECT_EQ(confined(kRoomy,
                     [] {
                       char* none[] = {nullptr};
                       return fails_with(EPERM, ::execve("/bin/true", none, none));
                     }),
            0);
  const pid_t parent = ::getpid();
  EXPECT_EQ(confined(kRoomy, [=] { return fails_with(EPERM, ::kill(parent, 0)); }), 0);
  EXPECT_EQ(confined(kRoomy, [=] { return fails_with(EPERM, ::tgkill(parent, parent, 0)); }), 0);
  EXPECT_EQ(confined(kRoomy, [] { return ::tgkill(::getpid(), ::gettid(), 0); }), 0);
}

TEST(ConfineProcess, LeavesDescriptorsMemoryAndThreads) {
  if (kSanitized) GTEST_SKIP() << kWhySkipped;
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  EXPECT_EQ(confined(kRoomy,
                     [&] {
                       int sum = 0;
                       std::thread([&sum] { sum = 42; }).join();
                       const char byte = static_cast<char>(sum);
                       return ::write(ends[1], &byte, 1) == 1 ? 0 : 1;
                     }),
            0);
  char byte = 0;
  EXPECT_EQ(::read(ends[0], &byte, 1), 1);
  EXPECT_EQ(byte, 42);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(ConfineProcess, BoundsMemoryAndFilesAndCannotBeLoosened) {
  if (kSanitized) GTEST_SKIP() << kWhySkipped;
  Confinement small = kRoomy;
  small.memory_bytes = 64U << 20;
  const auto map = [](std::size_t bytes) {
    return ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
           MAP_FAILED;
  };
  EXPECT_EQ(confined(small, [&] { return map(32U << 20) ? 0 : 1; }), 0);
  EXPECT_EQ(confined(small, [&] { return map(128U << 20) ? 1 : 0; }), 0);
  const auto map_shared = [] {
    return ::mmap(nullptr, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
  };
  EXPECT_EQ(confined(small, [&] { return map_shared() && errno == EPERM ? 0 : 1; }), 0)
      << "it counts for no limit";
  EXPECT_EQ(confined(small,
                     [] {
                       const rlimit more{.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
                       return fails_with(EPERM, ::setrlimit(RLIMIT_DATA, &more));
                     }),
            0);
  const int file = ::memfd_create("t", 0);
  EXPECT_EQ(confined(kRoomy, [&] { return ::pwrite(file, "x", 1, 100) == 1 ? 0 : 1; }), 0);
  EXPECT_EQ(confined(kRoomy, [&] { return ::pwrite(file, "x", 1, 1 << 20) == 1 ? 0 : 1; }),
            1000 + SIGXFSZ);
  ::close(file);
}

TEST(ConfineProcess, FailsWhenTheParentIsGone) {
  Confinement orphan = kRoomy;
  orphan.parent = 1 << 22;
  EXPECT_EQ(confined(orphan, [] { return 0; }), 99);
}

}  // namespace
}  // namespace mimobox::base
