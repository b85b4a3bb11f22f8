#include "mimobox/runtime.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <limits>
#include <new>
#include <utility>

#include "base/processor.h"
#include "base/require.h"
#include "base/sanitized.h"
#include "cache/key.h"
#include "sandbox/cache_settings.h"
#include "sandbox/load_module.h"
#include "sandbox/module_impl.h"
#include "sandbox/no_memory.h"
#include "sandbox/precompiled.h"
#include "sandbox/runtime_impl.h"
#include "wasi/host.h"

namespace mimobox {
namespace internal {

namespace {

/// How long an engine has no run before the slots of its pool give their pages back.
constexpr std::chrono::seconds kIdleBeforeSweep{2};

/// A sanitizer leaves too little address space for more.
constexpr std::uint64_t kMostPoolSlots =
    base::kSanitized ? 8 : std::numeric_limits<std::uint64_t>::max();

engine::EngineKey without_pool(engine::EngineKey key) {
  key.pool_slots = 0;
  return key;
}

std::uint64_t compiles_at_once(const RuntimeConfig& config) {
  if (config.max_compiles != 0) return config.max_compiles;
  return base::usable_processors();
}

}  // namespace

RuntimeImpl::RuntimeImpl(const RuntimeConfig& config, engine::SignalUse signal,
                         InterruptChoice interrupt,
                         std::unique_ptr<engine::Interrupter> interrupter)
    : config_(config),
      signal_(std::move(signal)),
      interrupt_(std::move(interrupt)),
      interrupter_(std::move(interrupter)),
      runs_(config.max_runs),
      compiles_(compiles_at_once(config)),
      modules_(static_cast<std::size_t>(config.cache_modules), config.cache_memory_bytes) {
  if (config.max_memory_bytes) memory_.emplace(*config.max_memory_bytes);
}

void RuntimeImpl::take_disk(std::expected<std::unique_ptr<cache::DiskCache>, cache::Refusal> disk) {
  if (disk) {
    disk_ = *std::move(disk);
  } else {
    // Where somebody asked for that folder they have to know.
    const bool warn = disk.error().unsafe || names_cache_folder(config_);
    log(warn ? LogLevel::kWarning : LogLevel::kInfo, disk.error().why);
  }
}

std::shared_ptr<const cache::CodeStore> RuntimeImpl::store(const engine::EngineKey& key) {
  if (!disk_) return nullptr;
  std::optional<cache::Digest> code_key;
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = code_keys_.find(key.code); known != code_keys_.end()) {
      code_key = known->second;
    }
  }
  if (!code_key) {
    const auto made = engine(key);
    if (!made) return nullptr;
    code_key = cache::code_key((*made)->settings(), disk_->rules().seal);
    const std::lock_guard lock(mutex_);
    code_keys_.emplace(key.code, *code_key);
  }
  auto store = disk_->store(*code_key);
  if (store) return *std::move(store);
  log_once(store.error().unsafe ? LogLevel::kWarning : LogLevel::kInfo, store.error().why);
  return nullptr;
}

void RuntimeImpl::log_once(LogLevel level, std::string line) noexcept {
  try {
    {
      const std::lock_guard lock(mutex_);
      if (!logged_.insert(line).second) return;
    }
    log(level, line);
  } catch (const std::bad_alloc&) {  // nobody is told
  }
}

void RuntimeImpl::log(LogLevel level, std::string_view line) const noexcept {
  if (!config_.log) return;
  try {
    config_.log(level, line);
  } catch (...) {  // there is nobody left to tell
  }
}

Result<std::shared_ptr<RuntimeImpl>> RuntimeImpl::create(const RuntimeConfig& config) {
  if (auto valid = config.validate(); !valid) return std::unexpected(std::move(valid).error());
  if (!config.compile_helper.empty() && ::access(config.compile_helper.c_str(), X_OK) != 0) {
    return std::unexpected(SandboxError{
        ErrorCode::kInvalidConfig,
        "compile_helper " + config.compile_helper.native() + " cannot be executed", errno});
  }
  auto signal = engine::SignalUse::acquire(config.interrupt_signal);
  if (!signal) return std::unexpected(std::move(signal).error());
  auto disk = open_disk_cache(config);
  auto interrupt = choose_interrupt(config.interrupt, *signal, disk ? disk->get() : nullptr);
  if (!interrupt) return std::unexpected(std::move(interrupt).error());
  auto interrupter = engine::Interrupter::create();
  if (!interrupter) return std::unexpected(std::move(interrupter).error());
  auto runtime = std::shared_ptr<RuntimeImpl>(
      new RuntimeImpl(config, std::move(*signal), std::move(*interrupt), std::move(*interrupter)));
  runtime->take_disk(std::move(disk));
  if (const std::string& why = runtime->interrupt_.why_not_signal; !why.empty()) {
    runtime->log(LogLevel::kInfo, "guests are stopped by checks in their code (epoch): " + why);
  }
  return runtime;
}

engine::EngineKey RuntimeImpl::engine_key(const SandboxConfig& config, const Limits& of_run) const {
  // A guest in a slot could not grow its tables as far as a larger limit lets it.
  const bool fits_pool = of_run.table_elements <= engine::kPoolTableElements;
  const std::uint64_t slots = fits_pool ? std::min(config_.pool_slots, kMostPoolSlots) : 0;
  return {.code = {.metered = of_run.fuel.has_value(),
                   .deterministic = config.determinism.has_value(),
                   .interrupt = interrupt_.way},
          .stack_bytes = of_run.stack_bytes,
          .pool_slots = static_cast<std::uint32_t>(slots)};
}

Result<std::shared_ptr<engine::Engine>> RuntimeImpl::engine(const engine::EngineKey& key) {
  const std::lock_guard lock(mutex_);
  if (const auto known = engines_.find(key); known != engines_.end()) return known->second;
  const engine::HostModule host{wasi::kModuleName, wasi::functions()};
  if (key.pool_slots != 0 && sweeper_ == nullptr) {
    auto sweeper = engine::SlotSweeper::create(kIdleBeforeSweep);
    if (!sweeper) return std::unexpected(std::move(sweeper).error());
    sweeper_ = *std::move(sweeper);
  }
  auto made = engine::Engine::create(key, host, interrupt_.trap_site, sweeper_);
  if (!made && key.pool_slots != 0) {
    log(LogLevel::kWarning,
        "no pool of instances, each is made on demand: " + made.error().message);
    made = engine::Engine::create(without_pool(key), host, interrupt_.trap_site);
  }
  if (made) engines_.emplace(key, *made);
  return made;
}

Result<std::shared_ptr<const engine::Code>> RuntimeImpl::load_code(
    const engine::EngineKey& key, engine::Artifact artifact,
    std::optional<std::vector<engine::CodeRange>> ranges) {
  auto engine_of_key = engine(key);
  if (!engine_of_key) return std::unexpected(std::move(engine_of_key).error());
  if ((*engine_of_key)->key().pool_slots == 0) {
    return engine::Code::load(*std::move(engine_of_key), std::move(artifact), std::move(ranges));
  }
  auto again = artifact.duplicate();
  auto code = engine::Code::load(*std::move(engine_of_key), std::move(artifact), ranges);
  if (code || !again) return code;
  // Its tables fit no slot, say.
  auto on_demand = engine(without_pool(key));
  if (!on_demand) return std::unexpected(std::move(on_demand).error());
  return engine::Code::load(*std::move(on_demand), *std::move(again), std::move(ranges));
}

}  // namespace internal

Runtime::Runtime(std::shared_ptr<internal::RuntimeImpl> impl) : impl_(std::move(impl)) {}

Result<Runtime> Runtime::create(const RuntimeConfig& config) {
  return internal::or_no_memory([&]() -> Result<Runtime> {
    auto impl = internal::RuntimeImpl::create(config);
    if (!impl) return std::unexpected(std::move(impl).error());
    return Runtime(std::move(*impl));
  });
}

const std::shared_ptr<internal::RuntimeImpl>& Runtime::impl() const {
  base::require(impl_ != nullptr, "use of a moved-from Runtime");
  return impl_;
}

namespace {

/// A handle of what was loaded, which is counted.
Result<Module> make_module(const std::shared_ptr<internal::RuntimeImpl>& runtime,
                           Result<internal::LoadedModule> loaded) {
  if (!loaded) return std::unexpected(std::move(loaded).error());
  runtime->totals().count_load(loaded->load_time);
  return Module(std::make_shared<internal::ModuleImpl>(runtime, *std::move(loaded)));
}

}  // namespace

Result<Module> Runtime::load(const std::filesystem::path& path) const {
  return internal::or_no_memory([&] {
    return make_module(
        impl(), internal::load_file(*impl(), path.native(), std::chrono::steady_clock::now()));
  });
}

Result<Module> Runtime::load_bytes(std::span<const std::byte> bytes, std::string name) const {
  return internal::or_no_memory(
      [&] { return make_module(impl(), internal::load_bytes(*impl(), bytes, std::move(name))); });
}

Result<void> Runtime::compile(const Module& module, const SandboxConfig& config) const {
  return internal::or_no_memory([&]() -> Result<void> {
    if (auto same = module.impl()->belongs_to(*impl()); !same) return same;
    if (auto valid = config.validate(); !valid) return valid;
    auto code = module.impl()->loaded().code(impl(), impl()->engine_key(config, config.limits),
                                             std::stop_token{});
    if (!code) return std::unexpected(std::move(code).error());
    return {};
  });
}

Interrupt Runtime::interrupt() const {
  switch (impl()->interrupt().way) {
    case engine::InterruptWay::kEpoch:
      return Interrupt::kEpoch;
    case engine::InterruptWay::kSignal:
      return Interrupt::kSignal;
  }
  return Interrupt::kEpoch;
}

Result<std::string> Runtime::metrics_text() const {
  internal::RuntimeImpl& runtime = *impl();
  return internal::or_no_memory([&]() -> Result<std::string> {
    return runtime.totals().text() +
           internal::metric_text("mimobox_runs_in_flight", "gauge",
                                 "Runs that have begun and not ended", runtime.runs().taken()) +
           internal::metric_text("mimobox_watchdog_wake_ups_total", "counter",
                                 "How often the thread that ends runs woke up",
                                 runtime.interrupter().wake_ups());
  });
}

Result<std::vector<std::byte>> Runtime::precompile(const Module& module,
                                                   const SandboxConfig& config,
                                                   CpuFeatures cpu) const {
  return internal::or_no_memory([&]() -> Result<std::vector<std::byte>> {
    if (auto same = module.impl()->belongs_to(*impl()); !same) {
      return std::unexpected(std::move(same).error());
    }
    if (auto valid = config.validate(); !valid) return std::unexpected(std::move(valid).error());
    auto key = impl()->engine_key(config, config.limits);
    if (cpu == CpuFeatures::kBaseline) key.code.cpu = engine::Cpu::kBaseline;
    auto code = internal::precompile(impl(), *module.impl()->loaded().contents, key);
    if (!code) code.error().message = module.name() + ": " + code.error().message;
    return code;
  });
}

Result<Module> Runtime::load_precompiled(const std::filesystem::path& path) const {
  return internal::or_no_memory(
      [&] { return make_module(impl(), internal::load_precompiled_file(*impl(), path)); });
}

std::string_view version() {
  return MIMOBOX_VERSION;
}

std::string engine_version() {
  return engine::engine_version();
}

EngineFeatures engine_features() {
  return {.build = engine::build_features(), .proposals = engine::enabled_proposals()};
}

}  // namespace mimobox
