// The parts of a run, each as often as the clock needs: what a host call, a captured write and
// opening a file cost a guest, what a fresh instance costs, and finding a module that was loaded
// before.
//
//   run_parts_bench --benchmark_repetitions=5 --benchmark_report_aggregates_only=true
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "mimobox/runtime.h"
#include "mimobox/sandbox.h"

#include "bench/temporary_folder.h"

namespace {

using namespace mimobox;  // NOLINT(google-build-using-namespace)

/// How often a guest of `repeating()` does its work.
constexpr std::int64_t kTimes = 1000;

template <class T>
T or_die(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "run_parts_bench: %s\n", result.error().message.c_str());
  std::abort();
}

/// A guest that does `work` so many times; 16 bytes of text are at 64, an iovec of them at 32.
std::string repeating(std::string_view work) {
  return R"((module
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open" (func $open
    (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 32) "\40\00\00\00\10\00\00\00")
  (data (i32.const 64) "0123456789abcde\0a")
  (data (i32.const 96) "file")
  (func (export "_start") (local $left i32)
    (local.set $left (i32.const )" +
         std::to_string(kTimes) + R"())
    (loop $again )" +
         std::string(work) + R"(
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))))";
}

/// Runs the guest; its time is for each piece of work.
void run_repeating(benchmark::State& state, std::string_view work,
                   const SandboxConfig& config = {}) {
  const Runtime runtime = or_die(Runtime::create({.disk_cache = false}));
  const std::string text = repeating(work);
  const Module module = or_die(runtime.load_bytes(std::as_bytes(std::span(text)), "guest"));
  const std::unique_ptr<WasmSandbox> sandbox = or_die(WasmSandbox::create(runtime, config));
  for (auto _ : state) {
    const RunResult result = or_die(sandbox->execute(module));
    if (result.exit_code != 0U) state.SkipWithError("the guest failed");
  }
  state.counters["each"] = benchmark::Counter(
      static_cast<double>(kTimes),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void nothing_repeated(benchmark::State& state) {
  run_repeating(state, "");
}
BENCHMARK(nothing_repeated);

void host_call(benchmark::State& state) {
  run_repeating(state, "(drop (call $sizes (i32.const 0) (i32.const 4)))");
}
BENCHMARK(host_call);

void captured_write(benchmark::State& state) {
  run_repeating(state,
                "(if (call $write (i32.const 1) (i32.const 32) (i32.const 1) (i32.const 0))"
                " (then unreachable))");
}
BENCHMARK(captured_write);

void path_open(benchmark::State& state) {
  const auto folder = bench::TemporaryFolder::create().value();
  folder.write("file", std::as_bytes(std::span(std::string_view("text")))).value();
  run_repeating(state,
                "(if (call $open (i32.const 3) (i32.const 0) (i32.const 96) (i32.const 4)"
                " (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 0))"
                " (then unreachable))"
                "(if (call $close (i32.load (i32.const 0))) (then unreachable))",
                {.mounts = {{.host_path = folder.path(), .guest_path = "/folder"}}});
}
BENCHMARK(path_open);

void instantiate(benchmark::State& state) {
  static constexpr std::string_view kText =
      R"((module (memory (export "memory") 1) (func (export "_start"))))";
  const Runtime runtime = or_die(Runtime::create({.disk_cache = false}));
  const Module module = or_die(runtime.load_bytes(std::as_bytes(std::span(kText)), "guest"));
  const std::unique_ptr<WasmSandbox> sandbox = or_die(WasmSandbox::create(runtime));
  for (auto _ : state)
    benchmark::DoNotOptimize(or_die(sandbox->execute(module)));
}
BENCHMARK(instantiate);

void module_look_up(benchmark::State& state) {
  const auto folder = bench::TemporaryFolder::create().value();
  const std::string text = repeating("");
  const std::string path = folder.write("guest.wat", std::as_bytes(std::span(text))).value();
  const Runtime runtime = or_die(Runtime::create({.disk_cache = false}));
  benchmark::DoNotOptimize(or_die(runtime.load(path)));
  for (auto _ : state)
    benchmark::DoNotOptimize(or_die(runtime.load(path)));
}
BENCHMARK(module_look_up);

}  // namespace
