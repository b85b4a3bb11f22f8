// Interrupting large real programs, the choice between the ways, and what their results tell.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/cache_home.h"
#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using ::testing::HasSubstr;

/// Words enough for some tens of milliseconds of counting.
std::string long_text() {
  std::string text;
  std::mt19937 random(7);
  for (int i = 0; i < 60'000; ++i)
    text += "word" + std::to_string(random() % 20'000) + (i % 12 == 0 ? "\n" : " ");
  return text;
}

std::uint64_t interruptions() {
  const char* const wanted = std::getenv("MIMOBOX_INTERRUPTIONS");
  return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 200;
}

/// The Go runtime and a C program end in the middle of anything, and the run after it is right.
void expect_interruptible(const char* guest) {
  if (!std::filesystem::exists(guest_path(guest))) {
    GTEST_SKIP() << "no Go 1.21 or newer was there when the guests were built";
  }
  const Module module = load_guest(guest);
  const auto sandbox = make_sandbox();
  const std::string text = long_text();
  const RunRequest all{.args = {"9"}, .input = InputBytes{text}};
  const Result<RunResult> whole = sandbox->execute(module, all);
  ASSERT_TRUE(whole.has_value()) << whole.error().message;
  ASSERT_EQ(whole->verdict, Verdict::kExited);
  const auto longest = whole->metrics.wall_time * 3 / 2;
  std::mt19937_64 random(11);
  std::uint64_t stopped = 0;
  for (std::uint64_t i = 0; i < interruptions(); ++i) {
    RunRequest some = all;
    some.limits = Limits{.wall_time = std::chrono::nanoseconds{
                             1 + random() % static_cast<std::uint64_t>(longest.count())}};
    const Result<RunResult> result = sandbox->execute(module, some);
    ASSERT_TRUE(result.has_value()) << result.error().message;
    if (result->verdict == Verdict::kTimeLimit) {
      ++stopped;
    } else {
      ASSERT_EQ(result->verdict, Verdict::kExited);
      ASSERT_EQ(result->out.data, whole->out.data);
    }
  }
  EXPECT_GT(stopped, interruptions() / 4);
  EXPECT_EQ(sandbox->execute(module, all)->out.data, whole->out.data);
}

TEST(InterruptProgram, InCEndsAnywhere) {
  expect_interruptible("wordcount.wasm");
}

TEST(InterruptProgram, InGoEndsAnywhere) {
  expect_interruptible("go_wordcount.wasm");
}

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

TEST(InterruptResult, TellsWhereTheGuestWas) {
  const Result<Runtime> runtime = Runtime::create({.interrupt = Interrupt::kSignal});
  ASSERT_TRUE(runtime.has_value()) << runtime.error().message;
  const auto sandbox =
      *WasmSandbox::create(*runtime, {.limits = {.wall_time = std::chrono::milliseconds{20}}});
  const auto module = runtime->load_bytes(bytes_of(R"((module
    (func $inner (loop $l (br $l)))
    (func $outer (call $inner) (unreachable))
    (func (export "_start") (call $outer) (unreachable))))"));
  ASSERT_TRUE(module.has_value()) << module.error().message;
  const Result<RunResult> result = sandbox->execute(*module);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::kTimeLimit);
  ASSERT_EQ(result->stopped_in.size(), 3U);
  EXPECT_EQ(result->stopped_in[0].function, "inner");
  EXPECT_EQ(result->stopped_in[0].function_index, 0U);
  EXPECT_EQ(result->stopped_in[1].function, "outer");
  EXPECT_EQ(result->stopped_in[2].function, "_start");
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
