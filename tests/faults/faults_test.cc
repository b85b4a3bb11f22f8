// Each of our own calls that can fail fails once, in all the places there are: the run ends with an
// error or a verdict, nothing is left behind, and the next run is right.
#include "tests/faults/faults.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "mimobox/runtime.h"
#include "mimobox/sandbox.h"

#include "tests/integration/harness.h"
#include "tests/process_size.h"

namespace mimobox::testing {
namespace {

using faults::From;
using faults::Kind;
using faults::Whose;

template <class Function>
Function found(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_DEFAULT, name));
}

long live_objects() {
  return found<faults::LiveObjects>(faults::kLiveObjects)();
}

/// Faults are armed until the first of these calls.
struct Armed {
  static void begin(Kind kind, Whose whose, From from, long nth) {
    found<faults::Arm>(faults::kArm)(kind, whose, from, nth);
    calls = 0;
    on = true;
  }
  static void disarm_and_keep() {
    const long seen = found<faults::Disarm>(faults::kDisarm)();
    if (on) calls = seen;
    on = false;
  }
  static inline bool on = false;
  static inline long calls = 0;
};

/// A thread of the compiler ends a moment after its caller has the result.
bool threads_come_down_to(std::size_t wanted) {
  for (int i = 0; i < 1000; ++i) {
    if (entries_of("/proc/self/task") <= wanted) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return false;
}

/// What came of a scenario: the code of an error or the words of a verdict.
struct Outcome {
  std::optional<ErrorCode> error;
  std::string message;
  std::optional<RunResult> result;
  bool threw = false;
};

const std::string kInput(5000, 'i');

/// Folders and modules that outlive all scenarios.
struct World {
  World() {
    std::filesystem::create_directory(folder.path("mount"));
    runtime.emplace(Runtime::create().value());
    program.emplace(runtime->load(guest_path("use_everything.wasm")).value());
    config.mounts = {
        {.host_path = folder.path("mount"), .guest_path = "/mount", .access = Access::kReadWrite},
        {.host_path = folder.path("mount"), .guest_path = "/read-only"}};
    config.scratch = {{.guest_path = "/scratch"}};
    sandbox = WasmSandbox::create(*runtime, config).value();
  }

  TemporaryFolder folder;
  std::optional<Runtime> runtime;
  std::optional<Module> program;
  SandboxConfig config;
  std::unique_ptr<WasmSandbox> sandbox;
};

template <class T>
Outcome failed(const Result<T>& what) {
  Armed::disarm_and_keep();
  return {.error = what.error().code, .message = what.error().message, .result = {}};
}

// Each scenario calls `begin` when all that is its own is made: what fails from there on is asked
// for by the library.
using Begin = std::function<void()>;

Outcome run_program(World& world, const Begin& begin) {
  const RunRequest request{.args = {"/mount", "/scratch"}, .input = InputBytes{kInput}};
  begin();
  auto result = world.sandbox->execute(*world.program, request);
  Armed::disarm_and_keep();
  if (!result) return failed(result);
  return {.error = {}, .message = {}, .result = *std::move(result)};
}

// A descriptor as output, and a pipe as input.
Outcome run_streams(World& world, const Begin& begin) {
  Pipe input;
  input.write("bytes of a pipe");
  input.close_writer();
  const Pipe output;
  const RunRequest request{.input = InputDescriptor{input.reader()},
                           .output = OutputDescriptor{output.writer()}};
  begin();
  auto result = world.sandbox->execute(*world.program, request);
  Armed::disarm_and_keep();
  if (!result) return failed(result);
  return {.error = {}, .message = {}, .result = *std::move(result)};
}

Outcome create_sandbox(World& world, const Begin& begin) {
  Runtime runtime = *world.runtime;
  SandboxConfig config = world.config;
  begin();
  const auto sandbox = WasmSandbox::create(std::move(runtime), std::move(config));
  Armed::disarm_and_keep();
  if (!sandbox) return failed(sandbox);
  return {};
}

Outcome load_and_compile(World& world, const Begin& begin) {
  const std::filesystem::path path = guest_path("empty.wat");
  begin();
  const auto module = world.runtime->load(path);
  if (!module) return failed(module);
  auto result = world.sandbox->execute(*module);
  Armed::disarm_and_keep();
  if (!result) return failed(result);
  return {.error = {}, .message = {}, .result = *std::move(result)};
}

Outcome create_runtime(World& /*world*/, const Begin& begin) {
  const std::filesystem::path path = guest_path("empty.wat");
  begin();
  const auto runtime = Runtime::create();
  if (!runtime) return failed(runtime);
  const auto module = runtime->load(path);
  if (!module) return failed(module);
  const auto sandbox = WasmSandbox::create(*runtime);
  if (!sandbox) return failed(sandbox);
  auto result = (*sandbox)->execute(*module);
  Armed::disarm_and_keep();
  if (!result) return failed(result);
  return {.error = {}, .message = {}, .result = *std::move(result)};
}

struct Scenario {
  const char* name;
  Outcome (*run)(World& world, const Begin& begin);
};
constexpr Scenario kScenarios[] = {{"run", run_program},
                                   {"streams", run_streams},
                                   {"create_sandbox", create_sandbox},
                                   {"load_and_compile", load_and_compile},
                                   {"create_runtime", create_runtime}};

struct Fault {
  const char* name;
  Kind kind;
  From from;
  /// A program sees nothing of it: the call is made again, or goes on.
  bool invisible;
};
void PrintTo(const Fault& fault, std::ostream* out) {
  *out << fault.name;
}

class Attack16Faults : public ::testing::TestWithParam<Fault> {
 protected:
  void SetUp() override {
    if (found<faults::Arm>(faults::kArm) == nullptr)
      GTEST_SKIP() << "only where libmimobox_faults.so is loaded (LD_PRELOAD): run it by ctest";
    ASSERT_GT(found<faults::KnownFunctions>(faults::kKnownFunctions)(), 1000)
        << "the program has no symbols, so that our calls cannot be told from the engine's";
    world = std::make_unique<World>();
  }

  /// Runs a scenario whose n-th call fails, and says how many such calls there were.
  [[nodiscard]] Outcome attempt(const Scenario& scenario, long nth, long* calls = nullptr) {
    const Begin begin = [nth] {
      Armed::begin(GetParam().kind, Whose::kOurs, GetParam().from, nth);
    };
    Outcome outcome;
    try {
      outcome = scenario.run(*world, begin);
    } catch (const std::bad_alloc&) {
      outcome.threw = true;
    }
    Armed::disarm_and_keep();
    if (calls != nullptr) *calls = Armed::calls;
    std::filesystem::remove_all(world->folder.path("mount") / "d");
    return outcome;
  }

  void expect_error_or_verdict(const Outcome& outcome) const {
    EXPECT_FALSE(outcome.threw) << "an exception left the library";
    if (GetParam().invisible) {
      EXPECT_FALSE(outcome.error.has_value()) << outcome.message;
      if (outcome.result) {
        EXPECT_EQ(outcome.result->exit_code, 0U) << outcome.result->err.data;
      }
      return;
    }
    if (outcome.error) {
      EXPECT_NE(*outcome.error, ErrorCode::kInternal) << outcome.message;
      EXPECT_FALSE(outcome.message.empty());
      return;
    }
    if (!outcome.result) return;
    EXPECT_EQ(outcome.result->verdict, Verdict::kExited);
    EXPECT_NE(outcome.result->exit_code, 3U) << "bytes were lost: " << outcome.result->err.data;
  }

  std::unique_ptr<World> world;
};

constexpr Fault kFaults[] = {
    {"Allocation", Kind::kAllocation, From::kOnce, false},
    {"AllocationFromThenOn", Kind::kAllocation, From::kAlways, false},
    {"Descriptor", Kind::kDescriptor, From::kOnce, false},
    {"DescriptorFromThenOn", Kind::kDescriptor, From::kAlways, false},
    {"Disk", Kind::kDisk, From::kOnce, false},
    {"DiskFromThenOn", Kind::kDisk, From::kAlways, false},
    {"Interrupt", Kind::kInterrupt, From::kOnce, true},
    {"Short", Kind::kShort, From::kOnce, true},
    {"Thread", Kind::kThread, From::kOnce, false},
};

void expect_success(const char* scenario, const Outcome& outcome) {
  ASSERT_FALSE(outcome.threw) << scenario;
  ASSERT_FALSE(outcome.error) << scenario << ": " << outcome.message;
  if (outcome.result) {
    ASSERT_EQ(outcome.result->exit_code, 0U) << scenario << ": " << outcome.result->err.data;
  }
}

TEST_P(Attack16Faults, EndInAnErrorOrAVerdictWhereverTheyStrike) {
  long places = 0;
  for (const Scenario& scenario : kScenarios) {
    long calls = 0;
    for (int warm = 0; warm < 3; ++warm)
      expect_success(scenario.name, attempt(scenario, 0, &calls));
    const std::size_t descriptors = entries_of("/proc/self/fd");
    const std::size_t threads = entries_of("/proc/self/task");
    const long objects = live_objects();
    places += calls;
    for (long nth = 1; nth <= calls && !HasFailure(); ++nth) {
      SCOPED_TRACE(std::string(scenario.name) + ", call " + std::to_string(nth) + " of " +
                   std::to_string(calls));
      expect_error_or_verdict(attempt(scenario, nth));
      expect_success(scenario.name, attempt(scenario, 0));
      // A thread that compiled holds descriptors until it ends.
      EXPECT_TRUE(threads_come_down_to(threads));
      EXPECT_EQ(entries_of("/proc/self/fd"), descriptors);
    }
    // What a fault leaves behind would be there once for each.
    if (!HasFailure()) {
      EXPECT_LE(live_objects(), objects + 3) << scenario.name;
    }
  }
  RecordProperty("places", std::to_string(places));
  std::printf("%s: %ld places\n", GetParam().name, places);
  EXPECT_GT(places, 0);
}

INSTANTIATE_TEST_SUITE_P(Each, Attack16Faults, ::testing::ValuesIn(kFaults),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

}  // namespace
}  // namespace mimobox::testing
