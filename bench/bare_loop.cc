#include "bench/bare_loop.h"

#include <mimobox_engine.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::int32_t kSuccess = 0;
constexpr std::int32_t kSeekPipe = 70;
constexpr std::size_t kMemoryLimit = 64U << 20U;

/// What a run's host functions work on.
struct Run {
  std::string out;
  wasmtime_memory_t memory{};
  bool memory_known = false;
};

void check(wasmtime_error_t* error, const char* what) {
  if (error == nullptr) return;
  std::fprintf(stderr, "bare loop: %s failed\n", what);
  std::abort();
}

std::uint8_t* memory_of(wasmtime_caller_t* caller) {
  wasmtime_context_t* const context = wasmtime_caller_context(caller);
  auto& run = *static_cast<Run*>(wasmtime_context_get_data(context));
  if (!run.memory_known) {
    wasmtime_extern_t item;
    if (!wasmtime_caller_export_get(caller, "memory", 6, &item)) std::abort();
    run.memory = item.of.memory;
    run.memory_known = true;
  }
  return wasmtime_memory_data(context, &run.memory);
}

std::uint32_t word(const std::uint8_t* at) {
  std::uint32_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// The programs that run here are ours: nothing of what they pass is checked.

wasm_trap_t* fd_write(void*, wasmtime_caller_t* caller, wasmtime_val_raw_t* values, std::size_t) {
  std::uint8_t* const memory = memory_of(caller);
  auto& run = *static_cast<Run*>(wasmtime_context_get_data(wasmtime_caller_context(caller)));
  const std::uint8_t* vector = memory + static_cast<std::uint32_t>(values[1].i32);
  std::uint32_t written = 0;
  for (std::int32_t i = 0; i < values[2].i32; ++i, vector += 8) {
    const std::uint32_t size = word(vector + 4);
    run.out.append(reinterpret_cast<const char*>(memory + word(vector)), size);
    written += size;
  }
  std::memcpy(memory + static_cast<std::uint32_t>(values[3].i32), &written, sizeof written);
  values[0].i32 = kSuccess;
  return nullptr;
}

wasm_trap_t* fd_fdstat_get(void*, wasmtime_caller_t* caller, wasmtime_val_raw_t* values,
                           std::size_t) {
  std::memset(memory_of(caller) + static_cast<std::uint32_t>(values[1].i32), 0, 24);
  values[0].i32 = kSuccess;
  return nullptr;
}

wasm_trap_t* fd_close(void*, wasmtime_caller_t*, wasmtime_val_raw_t* values, std::size_t) {
  values[0].i32 = kSuccess;
  return nullptr;
}

wasm_trap_t* fd_seek(void*, wasmtime_caller_t*, wasmtime_val_raw_t* values, std::size_t) {
  values[0].i32 = kSeekPipe;
  return nullptr;
}

wasm_trap_t* proc_exit(void*, wasmtime_caller_t*, wasmtime_val_raw_t*, std::size_t) {
  return wasmtime_trap_new("exit", 4);
}

/// "iI:i" are the kinds of parameters and result.
void define(wasmtime_linker_t* linker, std::string_view name, std::string_view signature,
            wasmtime_func_unchecked_callback_t callback) {
  static constexpr std::string_view kModule = "wasi_snapshot_preview1";
  const std::size_t colon = signature.find(':');
  std::vector<wasm_valtype_t*> types;
  for (const char kind : signature.substr(0, colon))
    types.push_back(wasm_valtype_new(kind == 'i' ? WASM_I32 : WASM_I64));
  wasm_valtype_vec_t parameters;
  wasm_valtype_vec_new(&parameters, types.size(), types.data());
  wasm_valtype_vec_t results;
  wasm_valtype_t* const result = wasm_valtype_new(WASM_I32);
  if (colon + 1 < signature.size()) {
    wasm_valtype_vec_new(&results, 1, &result);
  } else {
    wasm_valtype_delete(result);
    wasm_valtype_vec_new_empty(&results);
  }
  wasm_functype_t* const type = wasm_functype_new(&parameters, &results);
  check(wasmtime_linker_define_func_unchecked(linker, kModule.data(), kModule.size(), name.data(),
                                              name.size(), type, callback, nullptr, nullptr),
        "linking a host function");
  wasm_functype_delete(type);
}

wasm_engine_t* make_engine() {
  char* why = nullptr;
  if (!mimobox_start_threads(&why)) std::abort();
  wasm_config_t* const config = wasm_config_new();
  wasmtime_config_memory_init_cow_set(config, true);
  wasmtime_config_gc_support_set(config, false);
  const mimobox_pool_t pool{.slots = 16,
                            .tables_per_slot = 1,
                            .memory_bytes = 1ULL << 32U,
                            .table_elements = 10'000,
                            .keep_memory_bytes = 1U << 20U,
                            .keep_table_bytes = 64U << 10U,
                            .pagemap_scan = true};
  mimobox_config_pool(config, &pool);
  wasm_engine_t* const engine = mimobox_engine_new(config, true, &why);
  if (engine == nullptr) {
    std::fprintf(stderr, "bare loop: no engine: %s\n", why);
    std::abort();
  }
  return engine;
}

}  // namespace

BareLoop::BareLoop(std::span<const std::byte> module)
    : engine_(make_engine()), linker_(wasmtime_linker_new(engine_.get())) {
  define(linker_.get(), "fd_write", "iiii:i", fd_write);
  define(linker_.get(), "fd_fdstat_get", "ii:i", fd_fdstat_get);
  define(linker_.get(), "fd_close", "i:i", fd_close);
  define(linker_.get(), "fd_seek", "iIii:i", fd_seek);
  define(linker_.get(), "proc_exit", "i:", proc_exit);
  wasmtime_module_t* compiled = nullptr;
  check(wasmtime_module_new(engine_.get(), reinterpret_cast<const std::uint8_t*>(module.data()),
                            module.size(), &compiled),
        "compiling");
  module_.reset(compiled);
  wasmtime_instance_pre_t* pre = nullptr;
  check(wasmtime_linker_instantiate_pre(linker_.get(), compiled, &pre), "linking");
  pre_.reset(pre);
}

std::size_t BareLoop::run_once() const {
  Run run;
  wasmtime_store_t* const store = wasmtime_store_new(engine_.get(), &run, nullptr);
  wasmtime_context_t* const context = wasmtime_store_context(store);
  wasmtime_store_limiter(store, kMemoryLimit, -1, 1, 4, 1);
  wasmtime_instance_t instance;
  wasm_trap_t* trap = nullptr;
  check(wasmtime_instance_pre_instantiate(pre_.get(), context, &instance, &trap), "instantiating");
  wasmtime_extern_t start;
  if (!wasmtime_instance_export_get(context, &instance, "_start", 6, &start)) std::abort();
  wasmtime_val_raw_t values[1];
  check(wasmtime_func_call_unchecked(context, &start.of.func, values, 0, &trap), "the guest");
  if (trap != nullptr) std::abort();
  wasmtime_store_delete(store);
  return run.out.size();
}
