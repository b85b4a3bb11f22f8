// What a run costs that has its module ready. The figures may fall; that they do not grow is the
// claim.
#include <sys/syscall.h>

#include <array>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "mimobox/sandbox.h"

#include "tests/counts/allocations.h"
#include "tests/counts/system_calls.h"
#include "tests/paths.h"

namespace mimobox::testing {
namespace {

constexpr int kRuns = 100;

/// A sandbox with default settings whose module is compiled and whose slot is warm.
class HotSandbox {
 public:
  explicit HotSandbox(const std::string& guest, const RuntimeConfig& config = {}) {
    runtime_ = Runtime::create(config).value();
    path_ = std::string(kGuestFolder) + "/" + guest;
    module_ = runtime_->load(path_).value();
    sandbox_ = WasmSandbox::create(*runtime_, {}).value();
    for (int i = 0; i < 3; ++i)
      run();
  }

  void run() const {
    const auto result = sandbox_->execute(*module_);
    if (!result || result->verdict != Verdict::kExited) std::abort();
  }

  void run_from_path() const {
    const std::array command{path_};
    const auto result = sandbox_->execute(command);
    if (!result || result->verdict != Verdict::kExited) std::abort();
  }

 private:
  std::optional<Runtime> runtime_;
  std::string path_;
  std::optional<Module> module_;
  std::unique_ptr<WasmSandbox> sandbox_;
};

double allocations_per_run(const std::string& guest, bool from_path = false) {
  const HotSandbox hot(guest);
  if (from_path) hot.run_from_path();
  const std::uint64_t before = allocations_of_this_thread();
  for (int i = 0; i < kRuns; ++i) {
    if (from_path) {
      hot.run_from_path();
    } else {
      hot.run();
    }
  }
  const double each = static_cast<double>(allocations_of_this_thread() - before) / kRuns;
  ::testing::Test::RecordProperty("allocations", std::to_string(each));
  return each;
}

/// System calls of a hot run, in all; `from_path`: looked up by the module's path each time.
std::optional<double> calls_per_run(const std::string& guest, bool from_path,
                                    const RuntimeConfig& config = {}) {
  std::optional<HotSandbox> hot;
  const auto run = [&] {
    if (from_path) {
      hot->run_from_path();
    } else {
      hot->run();
    }
  };
  const auto counts = count_system_calls(
      [&] {
        hot.emplace(guest, config);
        for (int i = 0; i < 3; ++i)
          run();
      },
      [&] {
        for (int i = 0; i < kRuns; ++i)
          run();
      });
  if (!counts) return std::nullopt;
  double all = 0;
  for (const auto& [number, count] : *counts) {
    all += static_cast<double>(count) / kRuns;
    ::testing::Test::RecordProperty("syscall_" + std::to_string(number), static_cast<int>(count));
  }
  return all;
}

TEST(HotRun, OfAProgramThatDoesNothingAllocatesNoMoreThanItDid) {
  EXPECT_LE(allocations_per_run("empty.wat"), 15);
}

TEST(HotRun, OfAPrintfProgramAllocatesNoMoreThanItDid) {
  EXPECT_LE(allocations_per_run("hello.wasm"), 21);
}

// A child is forked, so these want a process that has no runtime yet: ctest gives each test its
// own.
TEST(HotRun, OfAModuleMakesNoMoreSystemCallsThanItDid) {
  const auto calls = calls_per_run("hello.wasm", false);
  if (!calls) GTEST_SKIP() << "this process may not trace its child";
  // The signal mask, and the engine's look at what the guest wrote to.
  EXPECT_LE(*calls, 2);
}

TEST(HotRun, FromAPathAllocatesNoMoreThanItDid) {
  EXPECT_LE(allocations_per_run("hello.wasm", true), 22);
}

// Whether the file is still the one that is known.
TEST(HotRun, FromAPathMakesOneMore) {
  const auto calls = calls_per_run("hello.wasm", true);
  if (!calls) GTEST_SKIP() << "this process may not trace its child";
  EXPECT_LE(*calls, 3);
}

TEST(HotRun, WhoseCpuTimeIsMeasuredMakesTwoMore) {
  const auto calls = calls_per_run("hello.wasm", false, {.measure_cpu_time = true});
  if (!calls) GTEST_SKIP() << "this process may not trace its child";
  EXPECT_LE(*calls, 4);
}

}  // namespace
}  // namespace mimobox::testing
