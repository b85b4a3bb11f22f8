// Each setting has an effect: with just enough of it a guest does not notice it, with too little it
// does. The tables below have a row for each row of the settings; without it this does not compile.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mimobox/cache.h"
#include "mimobox/settings.h"

#include "base/sanitized.h"
#include "sandbox/setting_rows.h"
#include "tests/integration/harness.h"
#include "tests/paths.h"
#include "tests/process_size.h"

namespace mimobox::testing {
namespace {

using std::chrono::milliseconds;

/// A row of settings under test. `notices` runs something that needs `enough` of it and says
/// whether the bound got in its way.
template <class Owner>
struct Knob {
  std::string_view field;
  std::uint64_t too_little;
  std::uint64_t enough;
  bool (*notices)(const Owner& owner);
  /// Whether the smallest and the largest value may be tried: where "enough" of it is no matter of
  /// seconds or gigabytes.
  bool extremes = true;
};

template <std::size_t kSize, class Rows, class Row>
consteval bool same_fields(const std::array<Row, kSize>& tests, const Rows& rows) {
  if (rows.size() != kSize) return false;
  for (std::size_t i = 0; i < kSize; ++i) {
    if (tests[i].field != rows[i].field) return false;
  }
  return true;
}

Result<RunResult> run_with(const Module& module, const Limits& limits, const RunRequest& request) {
  return make_sandbox({.limits = limits})->execute(module, request);
}

/// Whether a run ends or goes on with this bound hit.
bool hits(LimitHit limit, const char* guest, const Limits& limits, const RunRequest& request = {}) {
  const auto result = run_with(load_guest(guest), limits, request);
  EXPECT_TRUE(result.has_value()) << result.error().message;
  return result && result->limit_hit == limit;
}

bool hits_text(LimitHit limit, const char* text, const Limits& limits) {
  const auto result = run_with(load_text(text).value(), limits, {});
  EXPECT_TRUE(result.has_value()) << result.error().message;
  return result && result->limit_hit == limit;
}

bool refuses_text(ErrorCode code, const char* text, const Limits& limits) {
  const auto result = run_with(load_text(text).value(), limits, {});
  return !result && result.error().code == code;
}

/// Writes 20 files, some of them of 30 KB, to a folder of its own.
bool hits_on_files(LimitHit limit, const Limits& limits) {
  const TemporaryFolder folder;
  const auto sandbox = make_sandbox({.limits = limits,
                                     .mounts = {{.host_path = folder.path("").string(),
                                                 .guest_path = "/data",
                                                 .access = Access::kReadWrite}}});
  const auto result = sandbox->execute(load_guest("file_tools.wasm"), {.args = {"fill", "/data"}});
  EXPECT_TRUE(result.has_value()) << result.error().message;
  return result && result->limit_hit == limit;
}

constexpr const char* kTwoTables =
    R"((module (memory (export "memory") 1) (table 1 funcref) (table 1 funcref)
         (func (export "_start"))))";
constexpr const char* kGrowTable =
    R"((module (memory (export "memory") 1) (table $t 20 funcref)
         (func (export "_start") (drop (table.grow $t (ref.null func) (i32.const 100))))))";
// Some tens of milliseconds of nothing but work.
constexpr const char* kWork =
    R"((module (memory (export "memory") 1) (func (export "_start") (local $i i32)
         (loop $again (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
           (i32.const 50000000)))))))";

constexpr std::uint64_t kSecond = 1'000'000'000;

constexpr std::array kLimitKnobs = {
    Knob<Limits>{"memory_bytes", kMiB - kPage, kMiB,
                 [](const Limits& limits) {
                   return hits(LimitHit::kMemoryBytes, "grow_by_pages.wat", limits);
                 }},
    Knob<Limits>{"tables", 1, 2,
                 [](const Limits& limits) {
                   return refuses_text(ErrorCode::kModuleTooLarge, kTwoTables, limits);
                 }},
    Knob<Limits>{"table_elements", 119, 120,
                 [](const Limits& limits) {
                   return limits.table_elements < 20
                              ? refuses_text(ErrorCode::kModuleTooLarge, kGrowTable, limits)
                              : hits_text(LimitHit::kTableElements, kGrowTable, limits);
                 }},
    Knob<Limits>{
        "wall_time", kSecond / 1000, 20 * kSecond,
        [](const Limits& limits) { return hits(LimitHit::kWallTime, "short_sleep.wasm", limits); }},
    Knob<Limits>{"cpu_time", kSecond / 1000, 20 * kSecond,
                 [](const Limits& limits) { return hits_text(LimitHit::kCpuTime, kWork, limits); }},
    Knob<Limits>{"fuel", 100, 1'000'000,
                 [](const Limits& limits) { return hits(LimitHit::kFuel, "hello.wasm", limits); }},
    Knob<Limits>{
        "stdout_bytes", 20, 21,
        [](const Limits& limits) { return hits(LimitHit::kStdoutBytes, "hello.wasm", limits); }},
    Knob<Limits>{
        "stderr_bytes", 20, 21,
        [](const Limits& limits) { return hits(LimitHit::kStderrBytes, "hello.wasm", limits); }},
    Knob<Limits>{"stack_bytes", 256 * kKiB, 8 * kMiB,
                 [](const Limits& limits) {
                   return hits(LimitHit::kStackBytes, "recursion_20000.wat", limits);
                 }},
    Knob<Limits>{
        "written_bytes", 282'909, 282'910,
        [](const Limits& limits) { return hits_on_files(LimitHit::kWrittenBytes, limits); }},
    Knob<Limits>{"file_bytes", 29'289, 29'290,
                 [](const Limits& limits) { return hits_on_files(LimitHit::kFileBytes, limits); }},
    Knob<Limits>{
        "created_files", 22, 23,
        [](const Limits& limits) { return hits_on_files(LimitHit::kCreatedFiles, limits); }},
    Knob<Limits>{
        "open_descriptors", 4, 5,
        [](const Limits& limits) { return hits_on_files(LimitHit::kOpenDescriptors, limits); }},
};
static_assert(same_fields(kLimitKnobs, internal::kLimitSettings),
              "a row of limits has no test of its effect");

/// Runs hello.wasm in a second sandbox from a callback of a first run, both with 64 MiB.
bool nested_run_is_refused(const RuntimeConfig& config) {
  const Runtime runtime = Runtime::create(config).value();
  const Module module = runtime.load(guest_path("hello.wasm")).value();
  const SandboxConfig small{.limits = {.memory_bytes = 64 * kMiB}};
  const auto outer = WasmSandbox::create(runtime, small).value();
  const auto inner = WasmSandbox::create(runtime, small).value();
  bool refused = false;
  const auto result = outer->execute(
      module, {.output = OutputCallback{[&](auto) {
                 const auto nested = inner->execute(module);
                 refused = !nested && nested.error().code == ErrorCode::kResourceExhausted;
               }}});
  return refused || !result;
}

/// Compiles something small while something large is being compiled.
bool second_compile_is_refused(RuntimeConfig config) {
  config.disk_cache = false;
  // Long enough to begin on a busy machine: a compile that was given up before holds no place.
  config.compile_timeout = milliseconds{50};
  const Runtime runtime = Runtime::create(config).value();
  const Module large = runtime.load_bytes(bytes_of(large_module_text())).value();
  const Module small = runtime.load(guest_path("empty.wat")).value();
  // Overdue, and holds its place until it ends.
  EXPECT_EQ(runtime.compile(large, {}).error().code, ErrorCode::kCompileTimeout);
  const auto second = runtime.compile(small, {});
  const bool refused = !second && second.error().code == ErrorCode::kResourceExhausted;
  // Until it has ended it keeps the runtime, which the next test's figures would show.
  while (!runtime.compile(large, {})) {
  }
  return refused;
}

/// Whether a runtime that has run something keeps fewer than two memories' worth of address space.
bool has_no_pool(const RuntimeConfig& config) {
  const std::uint64_t before = process_pages().mapped;
  const Runtime runtime = Runtime::create(config).value();
  const auto sandbox = WasmSandbox::create(runtime).value();
  const auto result = sandbox->execute(runtime.load(guest_path("hello.wasm")).value());
  EXPECT_TRUE(result.has_value()) << result.error().message;
  return process_pages().mapped < before + (8ULL << 30U);
}

/// Runs the module of this number and says where its code came from.
CodeSource run_numbered(const Runtime& runtime, int number) {
  const std::string text =
      "(module (func (export \"_start\") (drop (i32.const " + std::to_string(number) + "))))";
  const auto sandbox = WasmSandbox::create(runtime).value();
  const Module module = runtime.load_bytes(bytes_of(text)).value();
  return sandbox->execute(module).value().metrics.code_source;
}

/// Whether the process has forgotten a module after it has run another.
bool memory_forgets(RuntimeConfig config) {
  config.disk_cache = false;
  const Runtime runtime = Runtime::create(config).value();
  run_numbered(runtime, 1);
  run_numbered(runtime, 2);
  return run_numbered(runtime, 1) != CodeSource::kMemory;
}

/// Whether the disk cache holds fewer than the hundred modules that have run.
bool disk_forgets(RuntimeConfig config) {
  const TemporaryFolder folder;
  config.cache_folder = folder.path("code");
  config.cache_modules = 0;
  const Runtime runtime = Runtime::create(config).value();
  for (int i = 0; i < 100; ++i)
    run_numbered(runtime, i);
  return cache_stats(config).value().modules < 100;
}

/// Whether the compile helper runs out of memory over a large module.
bool helper_lacks_memory(RuntimeConfig config) {
  config.disk_cache = false;
  config.compile_helper = kCommand;
  const Runtime runtime = Runtime::create(config).value();
  std::string text = "(module (memory 1)";
  for (int i = 0; i < 20'000; ++i) {
    text += "(func (result i32) (i32.load (i32.add (i32.const " + std::to_string(i) +
            ") (i32.load (i32.const 4)))))";
  }
  text += "(func (export \"_start\")))";
  const auto loaded = runtime.load_bytes(bytes_of(text));
  const Result<void> compiled =
      loaded ? runtime.compile(*loaded, {}) : Result<void>(std::unexpected(loaded.error()));
  return !compiled && compiled.error().code == ErrorCode::kResourceExhausted;
}

constexpr std::array kRuntimeKnobs = {
    Knob<RuntimeConfig>{"compile_timeout", 1, 60 * kSecond,
                        [](const RuntimeConfig& with_disk) {
                          RuntimeConfig config = with_disk;
                          config.disk_cache = false;
                          const Runtime runtime = Runtime::create(config).value();
                          const auto done =
                              runtime.compile(runtime.load(guest_path("hello.wasm")).value(), {});
                          return !done && done.error().code == ErrorCode::kCompileTimeout;
                        }},
    Knob<RuntimeConfig>{"max_runs", 1, 2, nested_run_is_refused},
    Knob<RuntimeConfig>{"max_memory_bytes", 128 * kMiB - 1, 128 * kMiB, nested_run_is_refused},
    Knob<RuntimeConfig>{"max_compiles", 1, 2,
                        [](const RuntimeConfig& config) {
                          RuntimeConfig refusing = config;
                          refusing.on_busy = OnBusy::kRefuse;
                          return second_compile_is_refused(refusing);
                        },
                        false},
    Knob<RuntimeConfig>{"pool_slots", 0, 8, has_no_pool, false},
    Knob<RuntimeConfig>{"cache_disk_bytes", 1 * kMiB, 256 * kMiB,
                        [](const RuntimeConfig& config) { return disk_forgets(config); }, false},
    Knob<RuntimeConfig>{"compile_memory_bytes", 64 * kMiB, 4096 * kMiB,
                        [](const RuntimeConfig& config) { return helper_lacks_memory(config); },
                        false},
    Knob<RuntimeConfig>{"cache_modules", 1, 2,
                        [](const RuntimeConfig& config) { return memory_forgets(config); }},
    Knob<RuntimeConfig>{"cache_memory_bytes", 1, 1024 * kMiB,
                        [](const RuntimeConfig& config) { return memory_forgets(config); }},
};
static_assert(same_fields(kRuntimeKnobs, internal::kRuntimeSettings),
              "a row of the runtime's settings has no test of its effect");

/// The same on a scratch of the sandbox.
template <LimitHit kLimit>
bool hits_on_scratch(const Scratch& scratch) {
  Scratch at_data = scratch;
  at_data.guest_path = "/data";
  const auto result =
      run_guest("file_tools.wasm", {.args = {"fill", "/data"}}, {.scratch = {at_data}});
  EXPECT_TRUE(result.has_value()) << result.error().message;
  return result && result->limit_hit == kLimit;
}

constexpr std::array kScratchKnobs = {
    Knob<Scratch>{"bytes", 416'581, 416'582, hits_on_scratch<LimitHit::kScratchBytes>},
    Knob<Scratch>{"files", 22, 23, hits_on_scratch<LimitHit::kScratchFiles>},
};
static_assert(same_fields(kScratchKnobs, internal::kScratchSettings),
              "a row of scratches has no test of its effect");

template <class Owner>
Owner with(const Setting<Owner>& setting, std::optional<std::uint64_t> value) {
  Owner owner;
  setting.set(owner, value);
  return owner;
}

template <class Knobs, class Owner>
void expect_effects(const Knobs& knobs, std::span<const Setting<Owner>> settings) {
  for (std::size_t i = 0; i < knobs.size(); ++i) {
    const auto& knob = knobs[i];
    const Setting<Owner>& setting = settings[i];
    SCOPED_TRACE(std::string(knob.field));
    // A child with a sanitizer has no bound on its memory (base/confine.h).
    if (base::kSanitized && knob.field == "compile_memory_bytes") continue;
    EXPECT_TRUE(knob.notices(with(setting, knob.too_little)));
    EXPECT_FALSE(knob.notices(with(setting, knob.enough)));
    if (!knob.extremes) continue;
    EXPECT_FALSE(knob.notices(with(setting, setting.maximum)));
    // The smallest value is too little for a guest that needs more than that.
    if (setting.minimum <= knob.too_little) {
      EXPECT_TRUE(knob.notices(with(setting, setting.minimum)));
    }
    if (setting.may_be_none()) {
      EXPECT_FALSE(knob.notices(with<Owner>(setting, std::nullopt)));
    }
  }
}

TEST(Knobs, OfLimitsHaveAnEffect) {
  expect_effects(kLimitKnobs, limit_settings());
}

TEST(Knobs, OfTheRuntimeHaveAnEffect) {
  expect_effects(kRuntimeKnobs, runtime_settings());
}

TEST(Knobs, OfScratchesHaveAnEffect) {
  expect_effects(kScratchKnobs, scratch_settings());
}

/// A row of choices under test: what is seen with each word has to differ from the others.
template <class Owner>
struct ChoiceKnob {
  std::string_view field;
  std::string (*seen)(const Owner& owner);
  /// Words that stand for one of the others ("auto").
  std::size_t synonyms = 0;
};

std::string stream_seen(const OutputStream& stream, Verdict verdict) {
  return stream.data + "|" + stream.tail + "|" + std::string(verdict_name(verdict));
}

/// What a guest sees of the wall clock and of random numbers, as it is.
std::string clock_and_random(const Determinism& determinism) {
  const char* text = R"((module
    (import "wasi_snapshot_preview1" "clock_time_get"
      (func $clock (param i32 i64 i32) (result i32)))
    (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write"
      (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start")
      (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 64)))
      (drop (call $random (i32.const 72) (i32.const 16)))
      (i32.store (i32.const 0) (i32.const 64))
      (i32.store (i32.const 4) (i32.const 24))
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))))";
  const auto result = make_sandbox({.determinism = determinism})->execute(load_text(text).value());
  EXPECT_TRUE(result.has_value()) << result.error().message;
  return result ? result->out.data : "";
}

constexpr std::array kSandboxChoiceKnobs = {
    ChoiceKnob<SandboxConfig>{"on_stdout_limit",
                              [](const SandboxConfig& from) {
                                SandboxConfig config = from;
                                config.limits.stdout_bytes = 10;
                                const auto result = run_guest("hello.wasm", {}, config);
                                return stream_seen(result->out, result->verdict);
                              }},
    ChoiceKnob<SandboxConfig>{"on_stderr_limit",
                              [](const SandboxConfig& from) {
                                SandboxConfig config = from;
                                config.limits.stderr_bytes = 10;
                                const auto result = run_guest("hello.wasm", {}, config);
                                return stream_seen(result->err, result->verdict);
                              }},
    ChoiceKnob<SandboxConfig>{
        "on_memory_denied",
        [](const SandboxConfig& from) {
          SandboxConfig config = from;
          config.limits.memory_bytes = kPage;
          return std::string(verdict_name(run_guest("grow_by_pages.wat", {}, config)->verdict));
        }},
};
static_assert(same_fields(kSandboxChoiceKnobs, internal::kSandboxChoices),
              "a choice of a sandbox has no test of its effect");

/// A signal meets a loop at any instruction, of which no place in the module is told; the look at
/// an epoch has one.
std::string way_seen(const RuntimeConfig& config) {
  const auto runtime = Runtime::create(config);
  if (!runtime) return "refused";
  const auto sandbox =
      WasmSandbox::create(*runtime, {.limits = {.wall_time = milliseconds{50}}}).value();
  const auto result = sandbox->execute(runtime->load(guest_path("infinite_loop.wat")).value());
  EXPECT_TRUE(result.has_value()) << result.error().message;
  if (!result) return "";
  EXPECT_EQ(result->verdict, Verdict::kTimeLimit);
  if (result->stopped_in.empty()) return "nowhere";
  return result->stopped_in.front().module_offset ? "epoch" : "signal";
}

constexpr std::array kRuntimeChoiceKnobs = {
    ChoiceKnob<RuntimeConfig>{"interrupt", way_seen, 1},
    ChoiceKnob<RuntimeConfig>{"on_busy",
                              [](const RuntimeConfig& from) {
                                RuntimeConfig config = from;
                                config.max_compiles = 1;
                                return std::string(second_compile_is_refused(config) ? "refused"
                                                                                     : "waited");
                              }},
};
static_assert(same_fields(kRuntimeChoiceKnobs, internal::kRuntimeChoices),
              "a choice of the runtime has no test of its effect");

constexpr std::array kDeterminismKnobs = {
    ChoiceKnob<Determinism>{"seed", clock_and_random},
    ChoiceKnob<Determinism>{"start_time", clock_and_random},
};
static_assert(same_fields(kDeterminismKnobs, internal::kDeterminismSettings),
              "a row of determinism has no test of its effect");

TEST(Knobs, OfDeterminismHaveAnEffect) {
  for (const auto& setting : determinism_settings()) {
    Determinism one;
    Determinism other;
    setting.set(one, 1'000'000'000);
    setting.set(other, 2'000'000'000);
    const auto& knob =
        *std::ranges::find(kDeterminismKnobs, setting.field, &ChoiceKnob<Determinism>::field);
    EXPECT_EQ(knob.seen(one), knob.seen(one)) << setting.field;
    EXPECT_NE(knob.seen(one), knob.seen(other)) << setting.field;
    for (const std::uint64_t extreme : {setting.minimum, setting.maximum}) {
      setting.set(other, extreme);
      EXPECT_NE(knob.seen(other), "") << setting.field;
    }
  }
}

template <class Knobs, class Owner>
void expect_differences(const Knobs& knobs, std::span<const Choice<Owner>> choices) {
  for (std::size_t i = 0; i < knobs.size(); ++i) {
    std::set<std::string> seen;
    for (std::size_t number = 0; number < choices[i].words.size(); ++number) {
      Owner owner;
      choices[i].set(owner, number);
      seen.insert(knobs[i].seen(owner));
    }
    EXPECT_EQ(seen.size(), choices[i].words.size() - knobs[i].synonyms) << knobs[i].field;
  }
}

TEST(Knobs, OfChoicesHaveAnEffect) {
  expect_differences(kSandboxChoiceKnobs, sandbox_choices());
  expect_differences(kRuntimeChoiceKnobs, runtime_choices());
}

}  // namespace
}  // namespace mimobox::testing
