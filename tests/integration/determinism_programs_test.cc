#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mimobox/config.h"
#include "mimobox/result.h"
#include "mimobox/run_request.h"

#include "tests/integration/harness.h"

// Real programs, many times, each time with what may differ between two runs: the host's inode
// numbers, times and order of entries, how input arrives, and who else runs.

namespace mimobox::testing {
namespace {

#ifdef MIMOBOX_TEST_SANITIZED
constexpr int kTimes = 10;
#else
constexpr int kTimes = 100;
#endif

/// All of a run that two deterministic ones have in common: the result but for the real world's
/// times and where the code came from, and what the guest called.
struct Whole {
  RunResult result = {};
  std::string trace;

  friend bool operator==(const Whole&, const Whole&) = default;
};

Whole whole_of(RunResult result, std::string trace) {
  Metrics& metrics = result.metrics;
  metrics.code_source = {};
  metrics.cpu_time = {};
  for (auto* const time : {&metrics.load_time, &metrics.compile_time, &metrics.wall_time,
                           &metrics.queue_time, &metrics.instantiate_time, &metrics.run_time,
                           &metrics.callback_time, &metrics.teardown_time}) {
    *time = {};
  }
  return {.result = std::move(result), .trace = std::move(trace)};
}

/// Files that are the same each time, made in another order, with other times.
void fill(const std::filesystem::path& folder, std::minstd_rand& chance) {
  std::vector<int> numbers(30);
  for (int i = 0; i < 30; ++i)
    numbers[static_cast<std::size_t>(i)] = i;
  std::ranges::shuffle(numbers, chance);
  std::filesystem::create_directory(folder / "sub");
  for (const int number : numbers) {
    const auto path = folder / (number % 3 == 0 ? "sub" : ".") / ("file" + std::to_string(number));
    std::ofstream(path) << std::string(static_cast<std::size_t>(number) * 7, 'x') << "\n";
    std::filesystem::last_write_time(
        path, std::filesystem::file_time_type::clock::now() - std::chrono::hours(chance() % 1'000));
  }
}

/// Writes `text` in pieces of any length, as it comes from a slow program.
void write_in_pieces(Pipe& pipe, std::string_view text, std::minstd_rand& chance) {
  while (!text.empty()) {
    const std::size_t length = std::min<std::size_t>(text.size(), 1 + chance() % 5'000);
    pipe.write(text.substr(0, length));
    text.remove_prefix(length);
    std::this_thread::yield();
  }
  pipe.close_writer();
}

std::string book() {
  std::string text;
  for (int i = 0; i < 5'000; ++i)
    text += "word" + std::to_string(i * 7'919 % 257) + (i % 11 == 0 ? "\n" : " ");
  return text;
}

struct Program {
  std::string name;
  std::string module;
  std::vector<std::string> args;
  bool optional = false;  ///< built only where its language's compiler is
};

std::vector<Program> programs() {
  return {
      {"learn", "learn.wasm", {"/data"}, false},
      {"learn_scratch", "learn.wasm", {"/tmp"}, false},
      {"fill", "file_tools.wasm", {"fill", "/data"}, false},
      {"copy", "file_tools.wasm", {"copy", "/data", "/tmp/copy"}, false},
      {"walk", "file_tools.wasm", {"walk", "/data"}, false},
      {"chance_and_time", "random_clock.wasm", {}, false},
      {"trap", "divide_by_zero.wasm", {}, false},
      {"go_filetree", "go_filetree.wasm", {"/data/go"}, true},
      {"go_wordcount", "go_wordcount.wasm", {"10"}, true},
      {"go_clockwork", "go_clockwork.wasm", {"/data"}, true},
      {"rust_filetree", "rust_filetree.wasm", {"/data"}, true},
  };
}

class DeterministicProgram : public ::testing::TestWithParam<Program> {
 protected:
  void SetUp() override {
    if (GetParam().optional && !std::filesystem::exists(guest_path(GetParam().module))) {
      GTEST_SKIP() << "built without its language";
    }
  }

  Whole expect_same_each_time(const Limits& limits, int times) const;

  Whole run(const Module& module, std::minstd_rand& chance, const SandboxConfig& base) const {
    const TemporaryFolder folder;
    fill(folder.path("").string(), chance);
    SandboxConfig config = base;
    config.mounts = {{.host_path = folder.path("").string(),
                      .guest_path = "/data",
                      .access = Access::kReadWrite}};
    config.scratch = {{}};
    Pipe pipe;
    std::string trace;
    RunRequest request;
    request.args = GetParam().args;
    request.input = InputDescriptor{pipe.reader()};
    request.keep_scratch = true;
    request.trace = [&](std::string_view line) { trace += std::string(line) + "\n"; };
    const std::string text = book();
    std::thread writer([&, seed = chance()] {
      std::minstd_rand pieces(seed);
      write_in_pieces(pipe, text, pieces);
    });
    auto result = make_sandbox(config)->execute(module, request);
    // What the guest did not read must not keep the writer.
    std::string rest(std::size_t{1} << 20U, '\0');
    while (::read(pipe.reader(), rest.data(), rest.size()) > 0) {
    }
    writer.join();
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message);
    return result ? whole_of(*std::move(result), std::move(trace)) : Whole{};
  }
};

/// Runs the program again and again; what the first run was.
Whole DeterministicProgram::expect_same_each_time(const Limits& limits, int times) const {
  const Module module = load_guest(GetParam().module);
  std::minstd_rand chance(1);
  const SandboxConfig config{.limits = limits, .determinism = Determinism{.seed = 42}};
  const Whole first = run(module, chance, config);
  EXPECT_FALSE(first.trace.empty());
  for (int i = 1; i < times; ++i) {
    const Whole again = run(module, chance, config);
    EXPECT_EQ(again.result.out.data, first.result.out.data) << "run " << i;
    EXPECT_EQ(again.result.metrics.fuel_used, first.result.metrics.fuel_used) << "run " << i;
    EXPECT_EQ(again.trace, first.trace) << "run " << i;
    EXPECT_TRUE(again == first) << "run " << i;
    if (HasFailure()) break;
  }
  return first;
}

TEST_P(DeterministicProgram, IsTheSameEachTime) {
  const Whole whole = expect_same_each_time({}, kTimes);
  EXPECT_EQ(whole.result.metrics.fuel_used, std::nullopt);
}

TEST_P(DeterministicProgram, UsesTheSameFuelEachTime) {
  constexpr std::uint64_t kPlenty = 1ULL << 40U;
  const Whole whole = expect_same_each_time({.fuel = kPlenty}, kTimes);
  EXPECT_EQ(whole.result.limit_hit, LimitHit::kNone);
  EXPECT_GT(whole.result.metrics.fuel_used, 0U);
}

// What it had done by then is the same, too.
TEST_P(DeterministicProgram, RunsOutOfFuelAtTheSamePlaceEachTime) {
  constexpr std::uint64_t kPlenty = 1ULL << 40U;
  const std::uint64_t all = *expect_same_each_time({.fuel = kPlenty}, 1).result.metrics.fuel_used;
  const Whole whole = expect_same_each_time({.fuel = all / 2}, kTimes / 5);
  EXPECT_EQ(whole.result.verdict, Verdict::kOutOfFuel);
  EXPECT_EQ(whole.result.metrics.fuel_used, all / 2);
}

INSTANTIATE_TEST_SUITE_P(Real, DeterministicProgram, ::testing::ValuesIn(programs()),
                         [](const auto& parameter) { return parameter.param.name; });

// The same comparison fails for what is not deterministic: it can fail.
using OrdinaryProgram = DeterministicProgram;
TEST_P(OrdinaryProgram, Attack49DiffersFromOneRunToTheNext) {
  const Module module = load_guest(GetParam().module);
  std::minstd_rand chance(1);
  EXPECT_NE(run(module, chance, {}).result.out, run(module, chance, {}).result.out);
}

INSTANTIATE_TEST_SUITE_P(Real, OrdinaryProgram,
                         ::testing::Values(Program{"learn", "learn.wasm", {"/data"}, false}),
                         [](const auto& parameter) { return parameter.param.name; });

TEST(DeterministicPrograms, Attack49TheSeedAndTheStartAreAllThatDiffers) {
  const Module module = load_guest("learn.wasm");
  const auto out = [&](Determinism determinism) {
    return make_sandbox({.determinism = determinism})->execute(module)->out.data;
  };
  EXPECT_NE(out({.seed = 1}), out({.seed = 2}));
  EXPECT_NE(out({.start_time = std::chrono::seconds{1}}),
            out({.start_time = std::chrono::seconds{2}}));
  EXPECT_EQ(out({.seed = 1}), out({.seed = 1}));
}

}  // namespace
}  // namespace mimobox::testing
