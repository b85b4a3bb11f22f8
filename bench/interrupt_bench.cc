// What stopping guests costs them, and how late they are stopped.
//
//   interrupt_bench [rounds]     tables in Markdown, for docs/benchmarks.md
//
// Programs run in turn on three engines of one build with one configuration but for the way of
// being stopped: none at all (the engine by its C API alone), signals, epochs. Each round runs all
// three, another one first each time, so that what else the machine does meets them alike; figures
// are medians over the rounds. With limits a run is one as in the library, through src/engine:
// armed, instantiated, run, dropped.
#include <mimobox_engine.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/host_call.h"
#include "engine/code.h"
#include "engine/engine.h"
#include "engine/instance.h"
#include "engine/interrupter.h"
#include "engine/signal_registry.h"
#include "engine/trap_site.h"

namespace {

using namespace mimobox;
using namespace mimobox::engine;
using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

base::HostCallOutcome answer_zero(void*, std::span<std::byte>, base::RawValue* values) noexcept {
  values[0].i32 = 0;
  return base::HostCallOutcome::kReturn;
}

base::HostCallOutcome bad_descriptor(void*, std::span<std::byte>, base::RawValue* values) noexcept {
  values[0].i32 = 8;
  return base::HostCallOutcome::kReturn;
}

base::HostCallOutcome leave(void*, std::span<std::byte>, base::RawValue*) noexcept {
  return base::HostCallOutcome::kExit;
}

/// A guest in a blocking call, as in the library's own: it waits for the run's stop.
base::HostCallOutcome wait_for_stop(void* context, std::span<std::byte>,
                                    base::RawValue* values) noexcept {
  auto& run = *static_cast<InterruptibleRun*>(context);
  pollfd stopped{.fd = run.stop_signal().event_fd(), .events = POLLIN, .revents = 0};
  while (!run.stop_signal().stopped())
    ::poll(&stopped, 1, -1);
  values[0].i32 = 0;
  return base::HostCallOutcome::kReturn;
}

// As little of preview 1 as a program needs that computes and prints a number.
constexpr base::HostFunction kFunctions[] = {
    {"args_get", "ii:i", answer_zero},
    {"args_sizes_get", "ii:i", answer_zero},
    {"environ_get", "ii:i", answer_zero},
    {"environ_sizes_get", "ii:i", answer_zero},
    {"fd_close", "i:i", answer_zero},
    {"fd_fdstat_get", "ii:i", bad_descriptor},
    {"fd_prestat_get", "ii:i", bad_descriptor},
    {"fd_prestat_dir_name", "iii:i", bad_descriptor},
    {"fd_seek", "iIii:i", bad_descriptor},
    {"fd_write", "iiii:i", bad_descriptor},
    {"proc_exit", "i:", leave},
    {"sched_yield", ":i", wait_for_stop},
};
constexpr HostModule kHost{"wasi_snapshot_preview1", kFunctions};
constexpr GuestLimits kLimits{.memory_bytes = 1ULL << 30, .tables = 100, .table_elements = 2 << 20};
constexpr std::uint64_t kStack = 1U << 20;

void check(wasmtime_error_t* error) {
  if (error != nullptr) std::exit(1);
}

/// An engine without any limit in time, and otherwise with the settings of ours.
wasm_engine_t* bare_engine() {
  wasm_config_t* config = wasm_config_new();
  wasmtime_config_max_wasm_stack_set(config, kStack);
  wasmtime_config_gc_support_set(config, false);
  char* text = nullptr;
  return mimobox_engine_new(config, true, &text);
}

wasm_byte_vec_t compile_bare(const wasm_engine_t* engine, std::span<const std::byte> bytes) {
  wasm_byte_vec_t artifact;
  check(mimobox_compile(engine, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(),
                        &artifact));
  return artifact;
}

/// The engine as it is, by its C API alone.
class Unlimited {
 public:
  explicit Unlimited(std::span<const std::byte> bytes) {
    engine_ = bare_engine();
    wasm_byte_vec_t artifact = compile_bare(engine_, bytes);
    check(wasmtime_module_deserialize(engine_, reinterpret_cast<std::uint8_t*>(artifact.data),
                                      artifact.size, &module_));
    wasm_byte_vec_delete(&artifact);
    linker_ = wasmtime_linker_new(engine_);
    for (const base::HostFunction& function : kFunctions)
      define(function);
  }
  Unlimited(const Unlimited&) = delete;
  Unlimited& operator=(const Unlimited&) = delete;
  ~Unlimited() {
    wasmtime_linker_delete(linker_);
    wasmtime_module_delete(module_);
    wasm_engine_delete(engine_);
  }

  void run() const {
    wasmtime_store_t* store = wasmtime_store_new(engine_, nullptr, nullptr);
    wasmtime_context_t* context = wasmtime_store_context(store);
    wasmtime_instance_t instance;
    wasm_trap_t* trap = nullptr;
    check(wasmtime_linker_instantiate(linker_, context, module_, &instance, &trap));
    wasmtime_extern_t start;
    wasmtime_instance_export_get(context, &instance, "_start", 6, &start);
    if (auto* error = wasmtime_func_call(context, &start.of.func, nullptr, 0, nullptr, 0, &trap)) {
      wasmtime_error_delete(error);
    }
    if (trap != nullptr) wasm_trap_delete(trap);
    wasmtime_store_delete(store);
  }

 private:
  static wasm_trap_t* call(void* env, wasmtime_caller_t*, wasmtime_val_raw_t* values, std::size_t) {
    const auto& function = *static_cast<const base::HostFunction*>(env);
    const auto outcome = function.call(nullptr, {}, reinterpret_cast<base::RawValue*>(values));
    return outcome == base::HostCallOutcome::kReturn ? nullptr : wasmtime_trap_new("exit", 4);
  }
  void define(const base::HostFunction& function) {
    std::vector<wasm_valtype_t*> types[2];
    int side = 0;
    for (const char letter : function.signature) {
      if (letter == ':') {
        side = 1;
      } else {
        types[side].push_back(wasm_valtype_new(letter == 'i' ? WASM_I32 : WASM_I64));
      }
    }
    wasm_valtype_vec_t parameters;
    wasm_valtype_vec_t results;
    wasm_valtype_vec_new(&parameters, types[0].size(), types[0].data());
    wasm_valtype_vec_new(&results, types[1].size(), types[1].data());
    wasm_functype_t* type = wasm_functype_new(&parameters, &results);
    check(wasmtime_linker_define_func_unchecked(
        linker_, kHost.name.data(), kHost.name.size(), function.name.data(), function.name.size(),
        type, call, const_cast<base::HostFunction*>(&function), nullptr));
    wasm_functype_delete(type);
  }

  wasm_engine_t* engine_ = nullptr;
  wasmtime_module_t* module_ = nullptr;
  wasmtime_linker_t* linker_ = nullptr;
};

std::shared_ptr<Engine> limited_engine(InterruptWay way) {
  return must(Engine::create({.code = {.interrupt = way}, .stack_bytes = kStack}, kHost,
                             must(TrapSite::make())));
}

/// Code on one of our engines, with its limits on.
class Limited {
 public:
  /// `shared`: of another, as guests of one runtime have.
  Limited(InterruptWay way, std::span<const std::byte> bytes,
          std::shared_ptr<Interrupter> shared = nullptr)
      : signal_(must(SignalUse::acquire(SIGURG))),
        interrupter_(shared ? std::move(shared) : must(Interrupter::create())) {
    const auto engine = limited_engine(way);
    code_ = must(Code::load(engine, Artifact::in_memory(must(compile(*engine, bytes)))));
  }

  /// How late the run ended behind its limit; negative when it ended by itself.
  Milliseconds run(std::chrono::nanoseconds wall = std::chrono::seconds{30}) const {
    InterruptibleRun run(code_->engine(), signal_.number());
    const Deadline deadline = Deadline::clock::now() + wall;
    {
      const ArmedScope armed(*interrupter_, run, {.wall = deadline});
      const GuestOutcome outcome = must(run_guest(*code_, kLimits, run, &run));
      if (outcome.end == GuestEnd::kTrapped) {
        std::fprintf(stderr, "%s\n", outcome.trap->message.c_str());
        std::exit(1);  // it would be measured for less than its work
      }
    }
    return Deadline::clock::now() - deadline;
  }

  [[nodiscard]] const std::shared_ptr<Interrupter>& interrupter() const { return interrupter_; }

 private:
  SignalUse signal_;
  std::shared_ptr<Interrupter> interrupter_;
  std::shared_ptr<const Code> code_;
};

std::vector<std::byte> read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (bytes.empty()) std::fprintf(stderr, "no %s\n", path.c_str());
  const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
  return {begin, begin + bytes.size()};
}

template <class Run>
double timed(const Run& run) {
  const auto begun = Clock::now();
  run();
  return Milliseconds(Clock::now() - begun).count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

enum Way : std::size_t { kNone, kBySignal, kByEpoch, kWays };

/// The medians of what `figure(way)` gives for each way over `rounds` rounds; one before them is
/// not counted.
template <class Figure>
std::array<double, kWays> medians(int rounds, const Figure& figure) {
  std::array<std::vector<double>, kWays> seen;
  for (int round = -1; round < rounds; ++round) {
    for (std::size_t i = 0; i < kWays; ++i) {
      const Way way = static_cast<Way>((i + static_cast<std::size_t>(round + 1)) % kWays);
      const double value = figure(way);
      if (round >= 0) seen[way].push_back(value);
    }
  }
  return {median(seen[kNone]), median(seen[kBySignal]), median(seen[kByEpoch])};
}

void compare_running(const char* name, std::span<const std::byte> bytes, int rounds) {
  const Unlimited none(bytes);
  const Limited signal(InterruptWay::kSignal, bytes);
  const Limited epoch(InterruptWay::kEpoch, bytes);
  const auto time = medians(rounds, [&](Way way) {
    return timed([&] {
      if (way == kNone) none.run();
      if (way == kBySignal) signal.run();
      if (way == kByEpoch) epoch.run();
    });
  });
  std::printf("| %s | %.2f | %.3f | %.3f |\n", name, time[kNone], time[kBySignal] / time[kNone],
              time[kByEpoch] / time[kNone]);
}

void compare_compiling(const char* name, std::span<const std::byte> bytes, int rounds) {
  wasm_engine_t* const none = bare_engine();
  const auto signal = limited_engine(InterruptWay::kSignal);
  const auto epoch = limited_engine(InterruptWay::kEpoch);
  std::array<std::size_t, kWays> size{};
  const auto time = medians(rounds, [&](Way way) {
    return timed([&] {
      if (way == kNone) {
        wasm_byte_vec_t artifact = compile_bare(none, bytes);
        size[way] = artifact.size;
        wasm_byte_vec_delete(&artifact);
      } else {
        size[way] = must(compile(way == kBySignal ? *signal : *epoch, bytes)).size();
      }
    });
  });
  wasm_engine_delete(none);
  std::printf("| %s | %.1f | %.1f | %.1f | %zu | %zu | %zu |\n", name, time[kNone], time[kBySignal],
              time[kByEpoch], size[kNone] >> 10, size[kBySignal] >> 10, size[kByEpoch] >> 10);
}

constexpr const char* kPrograms[] = {"fib", "matrix", "sieve", "sha256", "sort"};

std::vector<std::byte> program(std::string_view name) {
  return read(std::string(MIMOBOX_GUEST_DIR "/bench_") + std::string(name) + ".wasm");
}

void compare_programs(int rounds) {
  std::printf("| program | no limit, ms | signals, times that | epochs |\n|---|---|---|---|\n");
  for (const char* const name : kPrograms)
    compare_running(name, program(name), rounds);
  std::printf(
      "\n| compiling | no limit, ms | signals | epochs | artifact, KiB: none | signals | epochs |\n"
      "|---|---|---|---|---|---|---|\n");
  for (const char* const name : kPrograms)
    compare_compiling(name, program(name), rounds);
  const auto large = read(MIMOBOX_GUEST_DIR "/go_wordcount.wasm");
  if (!large.empty()) compare_compiling("a Go program", large, std::max(1, rounds / 5));
}

struct Endless {
  const char* name;
  std::string_view text;
};

constexpr Endless kEndless[] = {
    {"a loop", "(loop $l (br $l))"},
    {"`memory.fill` of 512 MiB",
     "(loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 536870911)) (br $l))"},
    {"`memory.fill` of 200 KiB",
     "(loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 204800)) (br $l))"},
    {"`memory.copy` of 256 MiB",
     "(loop $l (memory.copy (i32.const 0) (i32.const 268435456) (i32.const 268435456)) (br $l))"},
    {"`memory.init` of 16 bytes",
     "(loop $l (memory.init $d (i32.const 0) (i32.const 0) (i32.const 16)) (br $l))"},
    {"`table.fill` of 1,000",
     "(loop $l (table.fill $t (i32.const 0) (ref.null func) (i32.const 1000)) (br $l))"},
    {"`table.fill` of 1,048,576, the most by default",
     "(loop $l (table.fill $large (i32.const 0) (ref.null func) (i32.const 1048576)) (br $l))"},
    {"`table.copy` of 0",
     "(loop $l (table.copy (i32.const 1) (i32.const 0) (i32.const 0)) (br $l))"},
    {"`table.init` of 0",
     "(loop $l (table.init $e (i32.const 1) (i32.const 0) (i32.const 0)) (br $l))"},
    {"`elem.drop`", "(loop $l (elem.drop $e) (br $l))"},
    {"`data.drop`", "(loop $l (data.drop $d) (br $l))"},
    {"`memory.grow` of 0", "(loop $l (drop (memory.grow (i32.const 0))) (br $l))"},
    {"`table.grow` of 0", "(loop $l (drop (table.grow $t (ref.null func) (i32.const 0))) (br $l))"},
    {"the shortest host call", "(loop $l (drop (call $close (i32.const 0))) (br $l))"},
};

void print_distribution(const char* name, std::vector<double> late) {
  std::ranges::sort(late);
  const auto at = [&](double part) {
    return late[static_cast<std::size_t>(part * static_cast<double>(late.size() - 1))];
  };
  std::printf("| %s | %.3f | %.3f | %.3f | %.3f |\n", name, at(0), at(0.5), at(0.99), at(1));
}

std::vector<std::byte> endless_module(std::string_view loop) {
  return must(
      text_to_binary("(module (import \"wasi_snapshot_preview1\" \"fd_close\" (func $close (param "
                     "i32) (result i32)))"
                     "(memory 8192) (table $t 1000 funcref) (table $large 1048576 funcref) (func "
                     "$f) (elem $e func $f $f) (data "
                     "$d \"0123456789abcdef\")"
                     "(func (export \"_start\") " +
                     std::string(loop) + "))"));
}

void print_head(const char* what) {
  std::printf("\n| %s | least, ms | median | 99 %% | most |\n|---|---|---|---|---|\n", what);
}

void measure_deadlines(int rounds) {
  print_head("late behind a limit of 5 ms: endless");
  for (const Endless& endless : kEndless) {
    const Limited signal(InterruptWay::kSignal, endless_module(endless.text));
    std::vector<double> late;
    for (int i = 0; i < rounds * 5; ++i)
      late.push_back(signal.run(std::chrono::milliseconds{5}).count());
    print_distribution(endless.name, std::move(late));
  }
}

constexpr std::size_t kInFlight = 64;

std::vector<std::byte> asleep() {
  return must(text_to_binary(R"((module
    (import "wasi_snapshot_preview1" "sched_yield" (func $wait (result i32)))
    (func (export "_start") (drop (call $wait)))))"));
}

/// `count` runs of `guest` at a time, each on a thread of its own, which end one after the other.
std::vector<double> late_at_once(const Limited& guest, std::size_t count, int rounds) {
  std::vector<std::vector<double>> late(count);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < rounds; ++round)
        late[i].push_back(
            guest.run(std::chrono::milliseconds{100 + 3 * static_cast<int>(i)}).count());
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  std::vector<double> all;
  for (const auto& each : late)
    all.insert(all.end(), each.begin(), each.end());
  return all;
}

/// One loop that is stopped while 63 other runs of the same runtime are in flight and asleep.
std::vector<double> late_among_sleepers(int rounds) {
  const Limited loop(InterruptWay::kSignal, endless_module(kEndless[0].text));
  const Limited sleeper(InterruptWay::kSignal, asleep(), loop.interrupter());
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < kInFlight; ++i)
    threads.emplace_back(
        [&] { sleeper.run(std::chrono::seconds{1} + std::chrono::milliseconds{6} * rounds); });
  std::this_thread::sleep_for(std::chrono::milliseconds{100});
  std::vector<double> late;
  for (int i = 0; i < rounds; ++i)
    late.push_back(loop.run(std::chrono::milliseconds{5}).count());
  for (std::thread& thread : threads)
    thread.join();
  return late;
}

void measure_many(int rounds) {
  print_head("late with 64 runs in flight");
  print_distribution("a loop, the other 63 asleep", late_among_sleepers(rounds * 5));
  print_distribution("64 asleep in a host call",
                     late_at_once(Limited(InterruptWay::kSignal, asleep()), kInFlight, rounds));
  const std::string processors = std::to_string(std::thread::hardware_concurrency());
  print_distribution(("64 loops that share " + processors + " processors").c_str(),
                     late_at_once(Limited(InterruptWay::kSignal, endless_module(kEndless[0].text)),
                                  kInFlight, std::max(1, rounds / 5)));
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 15;
  must(start_compile_threads());
  compare_programs(rounds);
  measure_deadlines(rounds);
  measure_many(rounds);
  return 0;
}
