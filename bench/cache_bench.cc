// How long it takes until a module can run: from warm disk, and from memory.
//
//   cache_bench                                 the small guests
//   MIMOBOX_BENCH_MODULE=big.wasm cache_bench   that module too; its first run is timed once on
//   stderr
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <benchmark/benchmark.h>

#include "mimobox/runtime.h"
#include "mimobox/sandbox.h"

#include "bench/temporary_folder.h"

namespace mimobox {
namespace {

RuntimeConfig config() {
  static const auto kFolder = bench::TemporaryFolder::create().value();
  RuntimeConfig config;
  config.cache_folder = kFolder.path();
  config.compile_timeout = std::chrono::minutes{10};  // of a large module, on a busy machine
  return config;
}

void fail(benchmark::State& state, const SandboxError& error) {
  state.SkipWithError(error.message.c_str());
}

/// From an opened runtime that knows nothing to code that is ready to run.
void load_from_warm_disk(benchmark::State& state, const std::string& path) {
  RuntimeConfig cold = config();
  cold.cache_modules = 0;  // each time as a process that has just begun
  const auto runtime = Runtime::create(cold);
  if (!runtime) return fail(state, runtime.error());
  const auto begun = std::chrono::steady_clock::now();
  const auto first = runtime->load(path);
  if (!first) return fail(state, first.error());
  if (const auto compiled = runtime->compile(*first, {}); !compiled) {
    return fail(state, compiled.error());
  }
  const auto took = std::chrono::steady_clock::now() - begun;
  std::fprintf(
      stderr, "%s: first load and compile %lld ms\n", path.c_str(),
      static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
  for (auto _ : state) {
    const auto module = runtime->load(path);
    if (!module) return fail(state, module.error());
    const auto compiled = runtime->compile(*module, {});
    if (!compiled) return fail(state, compiled.error());
    if (module->compile_count() != 0) return state.SkipWithError("it was compiled");
  }
}

/// The same once the process knows it.
void load_from_memory(benchmark::State& state, const std::string& path) {
  const auto runtime = Runtime::create(config());
  if (!runtime) return fail(state, runtime.error());
  const auto kept = runtime->load(path);
  if (!kept) return fail(state, kept.error());
  if (const auto ready = runtime->compile(*kept, {}); !ready) return fail(state, ready.error());
  for (auto _ : state)
    benchmark::DoNotOptimize(runtime->load(path));
}

}  // namespace
}  // namespace mimobox

int main(int argc, char** argv) {
  const auto add = [](const std::string& name, const std::string& path) {
    benchmark::RegisterBenchmark(
        ("load_from_warm_disk/" + name).c_str(),
        [path](benchmark::State& state) { mimobox::load_from_warm_disk(state, path); })
        ->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark(
        ("load_from_memory/" + name).c_str(),
        [path](benchmark::State& state) { mimobox::load_from_memory(state, path); });
  };
  add("hello", std::string(MIMOBOX_GUEST_DIR) + "/hello.wasm");
  if (const char* const module = std::getenv("MIMOBOX_BENCH_MODULE")) add("module", module);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
