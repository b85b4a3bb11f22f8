// Interrupting large real programs, the choice between the ways, and what their results tell.
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mimobox/doctor.h"

#include "base/sha256.h"
#include "base/unique_fd.h"
#include "tests/integration/cache_home.h"
#include "tests/integration/harness.h"
#include "tests/process_size.h"

namespace mimobox::testing {
namespace {

using ::testing::HasSubstr;

std::string text_of(int words) {
  std::string text;
  std::mt19937 random(7);
  for (int i = 0; i < words; ++i)
    text += "word" + std::to_string(random() % 4'000) + (i % 12 == 0 ? "\n" : " ");
  return text;
}

std::uint64_t interruptions() {
  const char* const wanted = std::getenv("MIMOBOX_INTERRUPTIONS");
  return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 300;
}

/// A program that counts the words of its input, in each way.
class InterruptProgram : public ::testing::TestWithParam<Interrupt> {
 protected:
  /// `words` are enough for some ten milliseconds of counting.
  void expect_interruptible(const char* guest, int words);

 private:
  void interrupt_at_random(std::uint64_t count, std::uint64_t seed);

  std::optional<Module> module_;
  std::unique_ptr<WasmSandbox> sandbox_;
  std::string text_;
  std::string output_;
  std::int64_t longest_ns_ = 0;
  std::atomic<std::uint64_t> stopped_{0};
  std::atomic<std::uint64_t> whole_{0};
};

void InterruptProgram::interrupt_at_random(std::uint64_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (std::uint64_t i = 0; i < count; ++i) {
    RunRequest request{.args = {"9"}, .input = InputBytes{text_}};
    const bool in_between = i % 16 == 0;  // it is to give the right answer, from the same slots
    if (!in_between) {
      request.limits = Limits{.wall_time = std::chrono::nanoseconds{
                                  1 + random() % static_cast<std::uint64_t>(longest_ns_)}};
    }
    const Result<RunResult> result = sandbox_->execute(*module_, request);
    ASSERT_TRUE(result.has_value()) << result.error().message;
    if (!in_between && result->verdict == Verdict::kTimeLimit) {
      ++stopped_;
    } else {
      ASSERT_EQ(result->verdict, Verdict::kExited);
      ASSERT_EQ(result->out.data, output_);
      ++whole_;
    }
  }
}

void InterruptProgram::expect_interruptible(const char* guest, int words) {
  if (!std::filesystem::exists(guest_path(guest))) {
    GTEST_SKIP() << "no Go 1.21 or newer was there when the guests were built";
  }
  const Result<Runtime> runtime = Runtime::create({.interrupt = GetParam()});
  ASSERT_TRUE(runtime.has_value()) << runtime.error().message;
  text_ = text_of(words);
  module_ = runtime->load(guest_path(guest)).value();
  sandbox_ = WasmSandbox::create(*runtime).value();
  ASSERT_TRUE(sandbox_->execute(*module_).has_value());  // compiled
  const RunRequest all{.args = {"9"}, .input = InputBytes{text_}};
  std::chrono::nanoseconds shortest = std::chrono::hours{1};
  for (int i = 0; i < 5; ++i) {
    const Result<RunResult> whole = sandbox_->execute(*module_, all);
    ASSERT_TRUE(whole.has_value()) << whole.error().message;
    ASSERT_EQ(whole->verdict, Verdict::kExited);
    output_ = whole->out.data;
    shortest = std::min<std::chrono::nanoseconds>(shortest, whole->metrics.wall_time);
  }
  longest_ns_ = shortest.count();
  std::uint64_t done = 0;
  for (const std::uint64_t threads : {1U, 2U, 16U}) {
    const std::uint64_t each = interruptions() / 3 / threads + 1;
    std::vector<std::thread> running;
    for (std::uint64_t t = 0; t < threads; ++t)
      running.emplace_back([&, t] { interrupt_at_random(each, threads * 100 + t); });
    for (std::thread& thread : running)
      thread.join();
    done += each * threads;
  }
  EXPECT_EQ(stopped_ + whole_, done);
  // Nearly all, unless whoever stops them comes late.
  EXPECT_GT(stopped_, done / 10);
}

TEST_P(InterruptProgram, InCEndsAnywhereAndAnswersRightlyInBetween) {
  expect_interruptible("wordcount.wasm", 300'000);
}

TEST_P(InterruptProgram, InGoEndsAnywhereAndAnswersRightlyInBetween) {
  expect_interruptible("go_wordcount.wasm", 20'000);
}

INSTANTIATE_TEST_SUITE_P(Ways, InterruptProgram,
                         ::testing::Values(Interrupt::kEpoch, Interrupt::kAuto),
                         [](const auto& way) {
                           return way.param == Interrupt::kEpoch ? "epoch" : "chosen";
                         });

TEST(InterruptChoice, OfEpochsIsKept) {
  const Result<Runtime> runtime = Runtime::create({.interrupt = Interrupt::kEpoch});
  ASSERT_TRUE(runtime.has_value()) << runtime.error().message;
  EXPECT_EQ(runtime->interrupt(), Interrupt::kEpoch);
}

TEST(InterruptChoice, LeftToTheMachineIsSignalsOrSaysWhyNot) {
  std::string said;
  const Result<Runtime> runtime =
      Runtime::create({.log = [&](LogLevel, std::string_view line) { said = line; }});
  ASSERT_TRUE(runtime.has_value()) << runtime.error().message;
#ifdef MIMOBOX_TEST_SANITIZED
  EXPECT_EQ(runtime->interrupt(), Interrupt::kEpoch);
  EXPECT_THAT(said, HasSubstr("sanitizers"));
#else
  EXPECT_EQ(runtime->interrupt(), Interrupt::kSignal) << said;
  EXPECT_EQ(said, "");
#endif
}

#ifndef MIMOBOX_TEST_SANITIZED

/// Doctor's check of that name.
Check doctor_says(std::string_view name) {
  const auto checks = examine_host();
  return *std::ranges::find(checks, name, &Check::name);
}

// In a process whose engine has its handlers in place, somebody takes one away.
TEST(InterruptChoice, AFaultHandlerInThePlaceOfTheEnginesIsAnErrorAndDoctorSaysSo) {
  ASSERT_TRUE(Runtime::create().has_value());
  EXPECT_TRUE(doctor_says("fault signals").ok);
  for (const int number : {SIGSEGV, SIGILL, SIGFPE}) {
    struct sigaction other{};
    struct sigaction engines{};
    other.sa_handler = [](int) { ::_exit(99); };
    ASSERT_EQ(::sigaction(number, &other, &engines), 0);
    const std::string name = std::string("SIG") + ::sigabbrev_np(number);
    for (const Interrupt way : {Interrupt::kAuto, Interrupt::kSignal, Interrupt::kEpoch}) {
      const auto runtime = Runtime::create({.interrupt = way});
      ASSERT_FALSE(runtime.has_value());
      EXPECT_EQ(runtime.error().code, ErrorCode::kInvalidConfig);
      EXPECT_THAT(runtime.error().message, HasSubstr(name));
    }
    const Check said = doctor_says("fault signals");
    EXPECT_FALSE(said.ok);
    EXPECT_THAT(said.found, HasSubstr(name + " is no longer the engine's"));
    ASSERT_EQ(::sigaction(number, &engines, nullptr), 0);
  }
  EXPECT_TRUE(Runtime::create().has_value());
  EXPECT_TRUE(doctor_says("fault signals").ok);
}

std::filesystem::path record_in(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder / "mimobox-wasm")) {
    if (entry.path().filename().string().starts_with("interrupt-")) return entry.path();
  }
  return {};
}

TEST(InterruptChoice, IsTestedOnceAndWrittenDown) {
  const TemporaryFolder folder;
  const CacheHome home(folder.path("").string());
  ASSERT_EQ(Runtime::create()->interrupt(), Interrupt::kSignal);
  const auto record = record_in(folder.path(""));
  ASSERT_FALSE(record.empty());
  const auto written = std::filesystem::last_write_time(record);
  EXPECT_EQ(Runtime::create()->interrupt(), Interrupt::kSignal);
  EXPECT_EQ(std::filesystem::last_write_time(record), written);
}

TEST(InterruptChoice, IsWrittenDownInTheCacheFolderThatIsConfigured) {
  const TemporaryFolder folder;
  const CacheHome home(folder.path("home").string());
  const auto own = folder.path("own") / "mimobox-wasm";
  const auto runtime = Runtime::create({.cache_folder = own});
  ASSERT_TRUE(runtime.has_value()) << runtime.error().message;
  EXPECT_EQ(runtime->interrupt(), Interrupt::kSignal);
  EXPECT_FALSE(record_in(folder.path("own")).empty());
  const auto named = folder.path("named") / "mimobox-wasm";
  ::setenv("MIMOBOX_CACHE_DIR", named.c_str(), 1);  // put back with the home
  EXPECT_EQ(Runtime::create()->interrupt(), Interrupt::kSignal);
  EXPECT_FALSE(record_in(folder.path("named")).empty());
  EXPECT_FALSE(std::filesystem::exists(folder.path("home")));
}

TEST(InterruptChoice, IsWrittenDownInTheUsersOwnFolderWhenTheCacheIsAFleets) {
  const TemporaryFolder folder;
  const CacheHome home(folder.path("").string());
  const auto shared = folder.path("shared") / "mimobox-wasm";
  std::filesystem::create_directories(shared);
  std::filesystem::permissions(shared, std::filesystem::perms::all);
  const auto runtime = Runtime::create({.cache_folder = shared, .cache_key = "secret of a fleet"});
  ASSERT_TRUE(runtime.has_value()) << runtime.error().message;
  EXPECT_EQ(runtime->interrupt(), Interrupt::kSignal);
  EXPECT_TRUE(record_in(folder.path("shared")).empty());
  EXPECT_FALSE(record_in(folder.path("")).empty());
}

TEST(InterruptChoice, IsWrittenDownInTheUsersOwnFolderWhenTheCacheIsOff) {
  const TemporaryFolder folder;
  const CacheHome home(folder.path("").string());
  const auto unused = folder.path("unused");
  const auto runtime = Runtime::create({.disk_cache = false, .cache_folder = unused});
  ASSERT_TRUE(runtime.has_value()) << runtime.error().message;
  EXPECT_EQ(runtime->interrupt(), Interrupt::kSignal);
  EXPECT_FALSE(std::filesystem::exists(unused));
  EXPECT_FALSE(record_in(folder.path("")).empty());
}

TEST(InterruptChoice, OfEpochsWithoutACacheLeavesNoTrace) {
  const TemporaryFolder folder;
  const CacheHome home(folder.path("home").string());
  EXPECT_TRUE(Runtime::create({.disk_cache = false, .interrupt = Interrupt::kEpoch}).has_value());
  EXPECT_FALSE(std::filesystem::exists(folder.path("home")));
}

TEST(InterruptChoice, WithoutACacheFolderIsEpochsUnlessSignalsAreAskedFor) {
  const CacheHome nowhere(std::nullopt);
  EXPECT_EQ(Runtime::create()->interrupt(), Interrupt::kEpoch);
  EXPECT_EQ(Runtime::create({.interrupt = Interrupt::kSignal})->interrupt(), Interrupt::kSignal);
}

TEST(InterruptChoice, ARecordThatOthersCanWriteIsNotTaken) {
  const TemporaryFolder folder;
  const CacheHome home(folder.path("").string());
  ASSERT_EQ(Runtime::create()->interrupt(), Interrupt::kSignal);
  const auto record = record_in(folder.path(""));
  std::filesystem::permissions(record, std::filesystem::perms::others_write,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(Runtime::create()->interrupt(), Interrupt::kEpoch);
}

TEST(InterruptChoice, AProcessThatStopsWithinItsTestHoldsUpNobodyForLong) {
  const TemporaryFolder folder;
  const CacheHome home(folder.path("").string());
  ASSERT_EQ(Runtime::create()->interrupt(), Interrupt::kSignal);
  const auto record = record_in(folder.path(""));
  std::filesystem::resize_file(record, 0);
  const base::UniqueFd held(::open(record.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(::flock(held.get(), LOCK_EX), 0);
  EXPECT_EQ(Runtime::create()->interrupt(), Interrupt::kSignal);
  EXPECT_EQ(std::filesystem::file_size(record), 0U) << "it is the other's to write";
}

/// What a process leaves that ends during a test, the n-th in a row.
void leave_begun_test(const std::filesystem::path& record, int tests) {
  const std::string body = "mimobox interrupt 2\ntesting\n" + std::to_string(tests);
  std::ofstream(record, std::ios::binary)
      << base::to_hex(base::sha256(std::as_bytes(std::span(body)))) << body;
}

TEST(InterruptChoice, ATestThatEndedWithItsProcessOnceIsRepeated) {
  const TemporaryFolder folder;
  const CacheHome home(folder.path("").string());
  ASSERT_EQ(Runtime::create()->interrupt(), Interrupt::kSignal);
  leave_begun_test(record_in(folder.path("")), 1);
  EXPECT_EQ(Runtime::create()->interrupt(), Interrupt::kSignal);
  leave_begun_test(record_in(folder.path("")), 1);
  EXPECT_EQ(Runtime::create()->interrupt(), Interrupt::kSignal) << "a good end begins a new count";
}

TEST(InterruptChoice, ATestThatEndedTwoProcessesHasFailedUntilDoctorRepeatsIt) {
  const TemporaryFolder folder;
  const CacheHome home(folder.path("").string());
  ASSERT_EQ(Runtime::create()->interrupt(), Interrupt::kSignal);
  leave_begun_test(record_in(folder.path("")), 2);
  std::string said;
  const RuntimeConfig logging{.log = [&](LogLevel, std::string_view line) { said = line; }};
  EXPECT_EQ(Runtime::create(logging)->interrupt(), Interrupt::kEpoch);
  EXPECT_THAT(said, HasSubstr("the self-test ended its process"));
  EXPECT_EQ(Runtime::create(logging)->interrupt(), Interrupt::kEpoch);
  EXPECT_EQ(Runtime::create({.interrupt = Interrupt::kSignal}).error().code,
            ErrorCode::kInvalidConfig);
  EXPECT_TRUE(doctor_says("interrupting guests").ok);
  EXPECT_EQ(Runtime::create()->interrupt(), Interrupt::kSignal);
}

/// From now on the kernel sends no queued signal for this process, as if there were no room.
[[nodiscard]] bool refuse_signals() {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_tgsigqueueinfo, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAGAIN),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{.len = std::size(program), .filter = program};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}

TEST(InterruptChoice, WhatFailsForTheMomentIsNotWrittenDown) {
  // A child is forked: it would wait for threads of other tests, which it has not. ctest gives each
  // test a process.
  if (entries_of("/proc/self/task") > 1) GTEST_SKIP() << "there are threads already";
  const TemporaryFolder folder;
  const CacheHome home(folder.path("").string());
  // In a child: a filter stays for good.
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (!refuse_signals()) std::_Exit(2);
    std::string said;
    const RuntimeConfig logging{.log = [&](LogLevel, std::string_view line) { said = line; }};
    const Result<Runtime> meanwhile = Runtime::create(logging);
    const bool fell_back = meanwhile && meanwhile->interrupt() == Interrupt::kEpoch &&
                           said.find("does not send the signal") != std::string::npos;
    std::_Exit(fell_back ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_EQ(Runtime::create()->interrupt(), Interrupt::kSignal);
}

TEST(InterruptChoice, ADamagedRecordIsMadeAgain) {
  const TemporaryFolder folder;
  const CacheHome home(folder.path("").string());
  ASSERT_EQ(Runtime::create()->interrupt(), Interrupt::kSignal);
  const auto record = record_in(folder.path(""));
  const auto size = std::filesystem::file_size(record);
  {
    std::fstream file(record, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(size / 2));
    file.put('\x55');
    file.put('\xaa');
  }
  EXPECT_EQ(Runtime::create()->interrupt(), Interrupt::kSignal);
  EXPECT_EQ(std::filesystem::file_size(record), size);
}

/// Endless in `inner`, in each of the places where a stop can meet it.
constexpr std::string_view kEndless[] = {
    R"((module (func $inner (loop $l (br $l)))
      (func $outer (call $inner) (unreachable))
      (func (export "_start") (call $outer) (unreachable))))",
    R"((module (memory 1) (func $inner (loop $l (drop (memory.grow (i32.const 0))) (br $l)))
      (func $outer (call $inner) (unreachable))
      (func (export "_start") (call $outer) (unreachable))))",
    R"((module (table 1 funcref) (elem $e func $inner)
      (func $inner (loop $l (elem.drop $e) (br $l)))
      (func $outer (call $inner) (unreachable))
      (func (export "_start") (call $outer) (unreachable))))",
    R"((module (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
      (func $inner (loop $l (drop (call $yield)) (br $l)))
      (func $outer (call $inner) (unreachable))
      (func (export "_start") (call $outer) (unreachable))))",
};

TEST(InterruptResult, TellsWhereTheGuestWasInBothWays) {
  for (const Interrupt way : {Interrupt::kSignal, Interrupt::kEpoch}) {
    const Result<Runtime> runtime = Runtime::create({.interrupt = way});
    ASSERT_TRUE(runtime.has_value()) << runtime.error().message;
    const auto sandbox =
        *WasmSandbox::create(*runtime, {.limits = {.wall_time = std::chrono::milliseconds{20}}});
    for (const std::string_view text : kEndless) {
      SCOPED_TRACE(text);
      const auto module = runtime->load_bytes(bytes_of(text));
      ASSERT_TRUE(module.has_value()) << module.error().message;
      const Result<RunResult> result = sandbox->execute(*module);
      ASSERT_TRUE(result.has_value()) << result.error().message;
      EXPECT_EQ(result->verdict, Verdict::kTimeLimit);
      ASSERT_EQ(result->stopped_in.size(), 3U);
      EXPECT_EQ(result->stopped_in[0].function, "inner");
      EXPECT_EQ(result->stopped_in[1].function, "outer");
      EXPECT_EQ(result->stopped_in[2].function, "_start");
      EXPECT_EQ(result->stopped_in[2].function_index, result->stopped_in[0].function_index + 2);
    }
  }
}

TEST(InterruptResult, KeepsPlacesOfAModuleWithAStartFunction) {
  // Compiling makes the start function an export, which moves the code.
  constexpr std::string_view kWithout =
      R"((module (func $f unreachable) (func (export "_start") (call $f))))";
  constexpr std::string_view kWith =
      R"((module (func $f unreachable) (func (export "_start") (call $f)) (func $s) (start $s)))";
  const auto place_of_call = [](std::string_view text) {
    const Result<RunResult> result = make_sandbox()->execute(*load_text(text));
    return result->trap->frames.at(1).module_offset.value();
  };
  // `with` has one more function of the same type (1 byte), and a start section (3 bytes), before
  // its code, and nothing else.
  EXPECT_EQ(place_of_call(kWith), place_of_call(kWithout) + 1 + 3);
}

#endif

}  // namespace
}  // namespace mimobox::testing
