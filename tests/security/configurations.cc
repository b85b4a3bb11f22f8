#include "tests/security/configurations.h"

#include <map>
#include <stdexcept>
#include <utility>

namespace mimobox::testing {

const std::vector<Configuration>& every_configuration() {
  static const std::vector<Configuration> kAll = {
      {.name = "Epochs", .runtime = {.interrupt = Interrupt::kEpoch}, .sandbox = {}},
      {.name = "EpochsMetered",
       .runtime = {.interrupt = Interrupt::kEpoch},
       .sandbox = {.limits = {.fuel = std::uint64_t{1} << 62U}}},
      {.name = "EpochsOnDemand",
       .runtime = {.pool_slots = 0, .interrupt = Interrupt::kEpoch},
       .sandbox = {}},
      {.name = "EpochsWalk",
       .runtime = {.interrupt = Interrupt::kEpoch, .walk_paths = true},
       .sandbox = {}},
      {.name = "EpochsLargeStack",
       .runtime = {.interrupt = Interrupt::kEpoch},
       .sandbox = {.limits = {.stack_bytes = 8 * kMiB}}},
      {.name = "EpochsDeterministic",
       .runtime = {.interrupt = Interrupt::kEpoch},
       .sandbox = {.determinism = Determinism{.seed = 7}}},
#ifndef MIMOBOX_TEST_SANITIZED  // which hold signals back
      {.name = "Signals", .runtime = {.interrupt = Interrupt::kSignal}, .sandbox = {}},
      {.name = "SignalsMetered",
       .runtime = {.interrupt = Interrupt::kSignal},
       .sandbox = {.limits = {.fuel = std::uint64_t{1} << 62U}}},
      {.name = "SignalsOnDemand",
       .runtime = {.pool_slots = 0, .interrupt = Interrupt::kSignal},
       .sandbox = {}},
      {.name = "SignalsDeterministic",
       .runtime = {.interrupt = Interrupt::kSignal},
       .sandbox = {.determinism = Determinism{.seed = 7}}},
      {.name = "SignalsLargeStack",
       .runtime = {.interrupt = Interrupt::kSignal},
       .sandbox = {.limits = {.stack_bytes = 8 * kMiB}}},
#endif
  };
  return kAll;
}

const Runtime& EveryConfiguration::runtime() const {
  static std::map<std::string, Runtime> runtimes;
  const Configuration& wanted = GetParam();
  const auto found = runtimes.find(wanted.name);
  if (found != runtimes.end()) return found->second;
  RuntimeConfig config = wanted.runtime;
  config.measure_cpu_time = true;
  return runtimes.emplace(wanted.name, Runtime::create(config).value()).first->second;
}

std::unique_ptr<WasmSandbox> EveryConfiguration::sandbox(SandboxConfig config) const {
  return WasmSandbox::create(runtime(), std::move(config)).value();
}

Module EveryConfiguration::guest(std::string_view file) const {
  Result<Module> module = runtime().load(guest_path(file));
  if (!module) throw std::runtime_error(std::string(file) + ": " + module.error().message);
  return *std::move(module);
}

Result<Module> EveryConfiguration::text(std::string_view module) const {
  return runtime().load_bytes(bytes_of(module), "text.wat");
}

Result<RunResult> EveryConfiguration::run(std::string_view file, const RunRequest& request,
                                          const SandboxConfig& config) const {
  return sandbox(config)->execute(guest(file), request);
}

}  // namespace mimobox::testing
