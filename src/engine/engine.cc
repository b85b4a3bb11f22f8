#include "engine/engine.h"

#include <mimobox_engine.h>

#include <iterator>
#include <span>
#include <string>
#include <utility>

#include "base/require.h"
#include "engine/errors.h"
#include "engine/host_binding.h"
#include "engine/new_engine.h"
#include "engine/stopped_builtin.h"

namespace mimobox::engine {
namespace {

/// The proposals that guests may use; all others are off and stay off.
constexpr std::string_view kProposals[] = {
    "mutable-globals",
    "sign-extension",
    "saturating-float-to-int",
    "multi-value",
    "bulk-memory",
    "reference-types",
    "simd",
    "relaxed-simd",
    "tail-call",
    "extended-const",
};

/// As `kKeptMemoryBytes`, of a table.
constexpr std::uint64_t kKeptTableBytes = 64U << 10;

void use_pool(wasm_config_t* config, const EngineKey& key) {
  const mimobox_pool_t pool{.slots = key.pool_slots,
                            .tables_per_slot = 2,
                            .memory_bytes = 1ULL << 32,
                            .table_elements = kPoolTableElements,
                            .keep_memory_bytes = kKeptMemoryBytes,
                            .keep_table_bytes = kKeptTableBytes,
                            .pagemap_scan = key.pool_scans_pages};
  mimobox_config_pool(config, &pool);
}

/// With a target named, the engine assumes no more than every processor of that kind has.
void use_baseline(wasm_config_t* config) {
#if defined(__x86_64__)
  constexpr const char* kTarget = "x86_64-unknown-linux-gnu";
#elif defined(__aarch64__)
  constexpr const char* kTarget = "aarch64-unknown-linux-gnu";
#endif
  const ErrorPtr refused(wasmtime_config_target_set(config, kTarget));
  base::require(refused == nullptr, "the engine does not know its own target");
}

/// Counts the changes of what `make_config()` asks of the compiler, so that no code made before one
/// is taken after it: the engine that loads code has no compiler to compare with.
constexpr int kCompilerSettings = 1;

wasm_config_t* make_config(const EngineKey& key) {
  wasm_config_t* config = wasm_config_new();
  if (key.code.cpu == Cpu::kBaseline) use_baseline(config);
  wasmtime_config_strategy_set(config, WASMTIME_STRATEGY_CRANELIFT);
  wasmtime_config_max_wasm_stack_set(config, key.stack_bytes);
  wasmtime_config_consume_fuel_set(config, key.code.metered);
  wasmtime_config_cranelift_nan_canonicalization_set(config, key.code.deterministic);
  wasmtime_config_wasm_relaxed_simd_deterministic_set(config, key.code.deterministic);
  wasmtime_config_epoch_interruption_set(config, key.code.interrupt == InterruptWay::kEpoch);
  wasmtime_config_memory_init_cow_set(config, true);
  if (key.pool_slots != 0) use_pool(config, key);

  wasmtime_config_wasm_multi_value_set(config, true);
  wasmtime_config_wasm_bulk_memory_set(config, true);
  wasmtime_config_wasm_simd_set(config, true);
  wasmtime_config_wasm_relaxed_simd_set(config, true);
  wasmtime_config_wasm_tail_call_set(config, true);

  // GC, function references, exceptions and threads are not built in (engine/Cargo.toml).
  wasmtime_config_gc_support_set(config, false);
  wasmtime_config_wasm_memory64_set(config, false);
  wasmtime_config_wasm_multi_memory_set(config, false);
  wasmtime_config_wasm_wide_arithmetic_set(config, false);
  wasmtime_config_wasm_custom_page_sizes_set(config, false);
  return config;
}

}  // namespace

Result<std::shared_ptr<Engine>> Engine::create(const EngineKey& key, const HostModule& host,
                                               std::shared_ptr<const TrapSite> trap_site,
                                               std::shared_ptr<SlotSweeper> sweeper) {
  const bool by_signal = key.code.interrupt == InterruptWay::kSignal;
  auto engine = std::shared_ptr<Engine>(new Engine(key, host));
  if (by_signal) engine->trap_site_ = std::move(trap_site);
  auto raw = new_engine(make_config(key), EngineUse::kRun);
  if (!raw) return std::unexpected(std::move(raw).error());
  engine->engine_ = *raw;
  if (key.pool_slots != 0 && sweeper) engine->slots_.emplace(*engine, std::move(sweeper));
  engine->linker_ = wasmtime_linker_new(engine->engine_);
  return engine;
}

Result<wasmtime_instance_pre_t*> Engine::link(const wasmtime_module_t& module,
                                              std::span<const base::HostFunction* const> imports) {
  const std::lock_guard lock(linker_mutex_);
  for (const base::HostFunction* const function : imports) {
    if (!defined_.insert(function).second) continue;
    if (auto defined = define_host_function(*linker_, host_.name, *function); !defined) {
      defined_.erase(function);
      return std::unexpected(std::move(defined).error());
    }
  }
  wasmtime_instance_pre_t* linked = nullptr;
  const ErrorPtr error(wasmtime_linker_instantiate_pre(linker_, &module, &linked));
  if (error) {
    return std::unexpected(SandboxError{ErrorCode::kUnsupportedImport, error_text(*error)});
  }
  return linked;
}

const void* const* Engine::trapping_builtins(const void* const* original) {
  if (const void* const* made = made_builtins_.load(std::memory_order_acquire)) return made;
  const std::lock_guard lock(builtins_mutex_);
  if (trapping_builtins_.empty()) {
    trapping_builtins_.resize(mimobox_builtin_count());
    mimobox_trapping_builtins(original, reinterpret_cast<const void*>(mimobox_stopped_builtin),
                              trapping_builtins_.data());
    made_builtins_.store(trapping_builtins_.data(), std::memory_order_release);
  }
  return trapping_builtins_.data();
}

Engine::~Engine() {
  slots_.reset();
  if (linker_ != nullptr) wasmtime_linker_delete(linker_);
  if (compiler_ != nullptr) wasm_engine_delete(compiler_);
  if (engine_ != nullptr) wasm_engine_delete(engine_);
}

Result<const wasm_engine_t*> Engine::compiler() const {
  const std::lock_guard lock(compiler_mutex_);
  if (compiler_ == nullptr) {
    EngineKey key = key_;
    key.pool_slots = 0;  // it runs nothing
    const auto made = new_engine(make_config(key), EngineUse::kCompile);
    if (!made) return std::unexpected(made.error());
    compiler_ = *made;
  }
  return compiler_;
}

Result<void> start_compile_threads() {
  char* why = nullptr;
  if (mimobox_start_threads(&why)) return {};
  SandboxError error{ErrorCode::kResourceExhausted,
                     std::string("the host gives no threads to compile on: ") +
                         (why != nullptr ? why : "no reason given")};
  mimobox_string_delete(why);
  return std::unexpected(std::move(error));
}

Result<void> Engine::validate(std::span<const std::byte> bytes) const {
  if (auto started = start_compile_threads(); !started) return started;
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const ErrorPtr error(wasmtime_module_validate(engine_, data, bytes.size()));
  if (!error) return {};
  return std::unexpected(SandboxError{ErrorCode::kModuleInvalid, error_text(*error)});
}

std::vector<std::byte> Engine::settings() const {
  const CodeKey& code = key_.code;
  wasm_byte_vec_t raw;
  mimobox_engine_settings(engine_, code.cpu == Cpu::kNative, &raw);
  const auto* begin = reinterpret_cast<const std::byte*>(raw.data);
  std::vector<std::byte> bytes(begin, begin + raw.size);
  wasm_byte_vec_delete(&raw);
  // The compiler, whose settings this engine need not have: what it makes depends on its build and
  // on the key.
  std::string rest = engine_build();
  rest += std::to_string(kCompilerSettings) + ' ';
  for (const bool setting : {code.metered, code.deterministic,
                             code.interrupt == InterruptWay::kEpoch, code.cpu == Cpu::kBaseline}) {
    rest += setting ? '1' : '0';
  }
  const auto rest_bytes = std::as_bytes(std::span(rest));
  bytes.insert(bytes.end(), rest_bytes.begin(), rest_bytes.end());
  return bytes;
}

void Engine::bump_epoch() noexcept {
  wasmtime_engine_increment_epoch(engine_);
}

Result<std::vector<std::byte>> text_to_binary(std::string_view text) {
  wasm_byte_vec_t binary;
  const ErrorPtr error(wasmtime_wat2wasm(text.data(), text.size(), &binary));
  if (error) {
    return std::unexpected(SandboxError{ErrorCode::kModuleInvalid, error_text(*error)});
  }
  const auto* begin = reinterpret_cast<const std::byte*>(binary.data);
  std::vector<std::byte> bytes(begin, begin + binary.size);
  wasm_byte_vec_delete(&binary);
  return bytes;
}

std::string engine_version() {
  return "wasmtime " WASMTIME_VERSION;
}

std::string engine_build() {
  return MIMOBOX_ENGINE_BUILD;
}

std::vector<std::string> build_features() {
  return {
#ifdef WASMTIME_FEATURE_CRANELIFT
      "cranelift",
#endif
#ifdef WASMTIME_FEATURE_PARALLEL_COMPILATION
      "parallel-compilation",
#endif
#ifdef WASMTIME_FEATURE_POOLING_ALLOCATOR
      "pooling-allocator",
#endif
#ifdef WASMTIME_FEATURE_ADDR2LINE
      "addr2line",
#endif
#ifdef WASMTIME_FEATURE_DEMANGLE
      "demangle",
#endif
#ifdef WASMTIME_FEATURE_WAT
      "wat",
#endif
  };
}

std::vector<std::string> enabled_proposals() {
  return {std::begin(kProposals), std::end(kProposals)};
}

}  // namespace mimobox::engine
