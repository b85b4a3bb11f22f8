#include "mimobox/runtime.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/read_file.h"
#include "base/require.h"
#include "sandbox/module_check.h"
#include "sandbox/module_impl.h"
#include "sandbox/no_memory.h"
#include "sandbox/runtime_impl.h"
#include "wasi/host.h"

namespace mimobox {
namespace internal {

namespace {

engine::EngineKey without_pool(engine::EngineKey key) {
  key.pool_slots = 0;
  return key;
}

std::uint64_t compiles_at_once(const RuntimeConfig& config) {
  if (config.max_compiles != 0) return config.max_compiles;
  return std::max(1U, std::thread::hardware_concurrency());
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
      compiles_(compiles_at_once(config)) {
  if (config.max_memory_bytes) memory_.emplace(*config.max_memory_bytes);
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
  auto signal = engine::SignalUse::acquire(config.interrupt_signal);
  if (!signal) return std::unexpected(std::move(signal).error());
  auto interrupt = choose_interrupt(config.interrupt, *signal);
  if (!interrupt) return std::unexpected(std::move(interrupt).error());
  auto interrupter = engine::Interrupter::create();
  if (!interrupter) return std::unexpected(std::move(interrupter).error());
  auto runtime = std::shared_ptr<RuntimeImpl>(
      new RuntimeImpl(config, std::move(*signal), std::move(*interrupt), std::move(*interrupter)));
  if (const std::string& why = runtime->interrupt_.why_not_signal; !why.empty()) {
    runtime->log(LogLevel::kInfo, "guests are stopped by checks in their code (epoch): " + why);
  }
  return runtime;
}

engine::EngineKey RuntimeImpl::engine_key(const SandboxConfig& config, const Limits& of_run) const {
  return {.code = {.metered = of_run.fuel.has_value(),
                   .deterministic = config.determinism.has_value(),
                   .interrupt = interrupt_.way},
          .stack_bytes = of_run.stack_bytes,
          .pool_slots = static_cast<std::uint32_t>(config_.pool_slots)};
}

Result<std::shared_ptr<engine::Engine>> RuntimeImpl::engine(const engine::EngineKey& key) {
  const std::lock_guard lock(mutex_);
  if (const auto known = engines_.find(key); known != engines_.end()) return known->second;
  const engine::HostModule host{wasi::kModuleName, wasi::functions()};
  auto made = engine::Engine::create(key, host, interrupt_.trap_site);
  if (!made && key.pool_slots != 0) {
    log(LogLevel::kWarning,
        "no pool of instances, each is made on demand: " + made.error().message);
    made = engine::Engine::create(without_pool(key), host, interrupt_.trap_site);
  }
  if (made) engines_.emplace(key, *made);
  return made;
}

Result<std::shared_ptr<const engine::Code>> RuntimeImpl::load_code(
    const engine::EngineKey& key, std::span<const std::byte> artifact) {
  auto engine_of_key = engine(key);
  if (!engine_of_key) return std::unexpected(std::move(engine_of_key).error());
  auto code = engine::Code::load(*engine_of_key, artifact);
  if (code || (*engine_of_key)->key().pool_slots == 0) return code;
  // Its tables fit no slot, say.
  auto on_demand = engine(without_pool(key));
  if (!on_demand) return std::unexpected(std::move(on_demand).error());
  return engine::Code::load(*on_demand, artifact);
}

}  // namespace internal

namespace {

SandboxError unreadable(const std::string& path, const base::ReadFileError& error) {
  using Step = base::ReadFileError::Step;
  switch (error.step) {
    case Step::kOpen:
      if (error.os_errno == ENOENT || error.os_errno == ENOTDIR) {
        return {ErrorCode::kModuleNotFound, fmt::format("there is no file {}", path),
                error.os_errno};
      }
      break;
    case Step::kNotRegular:
      return {ErrorCode::kModuleUnreadable, fmt::format("{} is not a regular file", path), 0};
    case Step::kTooLarge:
      return {
          ErrorCode::kModuleTooLarge,
          fmt::format("{} is larger than {} bytes, the most that is loaded", path, kMaxModuleBytes),
          0};
    case Step::kRead:
      break;
  }
  return {ErrorCode::kModuleUnreadable,
          fmt::format("{} cannot be read: {}", path, std::strerror(error.os_errno)),
          error.os_errno};
}

using Clock = std::chrono::steady_clock;

/// `begun` is when loading began.
Result<Module> make_module(const std::shared_ptr<internal::RuntimeImpl>& runtime,
                           std::vector<std::byte> bytes, std::string name,
                           Clock::time_point begun) {
  const auto named = [&](SandboxError error) {
    error.message = name + ": " + error.message;
    return std::unexpected(std::move(error));
  };
  auto binary = internal::to_binary(std::move(bytes));
  if (!binary) return named(std::move(binary).error());
  const auto engine = runtime->engine(runtime->engine_key({}, {}));
  if (!engine) return std::unexpected(engine.error());
  if (auto good = internal::check_module(**engine, *binary); !good) {
    return named(std::move(good).error());
  }
  auto module =
      std::make_shared<internal::ModuleImpl>(runtime, std::move(*binary), std::move(name));
  module->set_load_time(Clock::now() - begun);
  runtime->totals().count_load(module->load_time());
  return Module(std::move(module));
}

}  // namespace

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

Result<Module> Runtime::load(const std::filesystem::path& path) const {
  const auto& runtime = impl();
  const Clock::time_point begun = Clock::now();
  return internal::or_no_memory([&]() -> Result<Module> {
    auto bytes = base::read_file(path.native(), kMaxModuleBytes);
    if (!bytes) return std::unexpected(unreadable(path.native(), bytes.error()));
    return make_module(runtime, std::move(*bytes), path.filename().native(), begun);
  });
}

Result<Module> Runtime::load_bytes(std::span<const std::byte> bytes, std::string name) const {
  const auto& runtime = impl();
  const Clock::time_point begun = Clock::now();
  return internal::or_no_memory([&]() -> Result<Module> {
    if (bytes.size() > kMaxModuleBytes) {
      return std::unexpected(
          SandboxError{ErrorCode::kModuleTooLarge,
                       fmt::format("{} has {} bytes, more than the {} that are loaded", name,
                                   bytes.size(), kMaxModuleBytes)});
    }
    return make_module(runtime, {bytes.begin(), bytes.end()}, std::move(name), begun);
  });
}

Result<void> Runtime::compile(const Module& module, const SandboxConfig& config) const {
  return internal::or_no_memory([&]() -> Result<void> {
    if (auto same = module.impl()->belongs_to(*impl()); !same) return same;
    if (auto valid = config.validate(); !valid) return valid;
    auto code = module.impl()->code(impl()->engine_key(config, config.limits), std::stop_token{});
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
