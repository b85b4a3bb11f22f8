#ifndef MIMOBOX_SANDBOX_RUNTIME_IMPL_H_
#define MIMOBOX_SANDBOX_RUNTIME_IMPL_H_

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "mimobox/config.h"
#include "mimobox/error.h"

#include "engine/engine.h"
#include "engine/interrupter.h"
#include "engine/signal_registry.h"
#include "sandbox/callback_threads.h"
#include "sandbox/gate.h"
#include "sandbox/interrupt_choice.h"
#include "sandbox/totals.h"

namespace mimobox::internal {

/// What all handles of one `Runtime` share.
class RuntimeImpl {
 public:
  [[nodiscard]] static Result<std::shared_ptr<RuntimeImpl>> create(const RuntimeConfig& config);

  [[nodiscard]] const RuntimeConfig& config() const { return config_; }
  [[nodiscard]] engine::Interrupter& interrupter() { return *interrupter_; }

  /// How its guests are stopped.
  [[nodiscard]] const InterruptChoice& interrupt() const { return interrupt_; }

  /// The bounds on what all runs share.
  [[nodiscard]] Gate& runs() { return runs_; }
  /// Null when there is no bound on it.
  [[nodiscard]] Gate* memory() { return memory_ ? &*memory_ : nullptr; }
  [[nodiscard]] Gate& compiles() { return compiles_; }
  [[nodiscard]] CallbackThreads& callback_threads() { return callback_threads_; }
  [[nodiscard]] Totals& totals() { return totals_; }

  /// To the embedder's sink, if there is one. What it throws is dropped.
  void log(LogLevel level, std::string_view line) const noexcept;

  /// The engine that a run with these limits needs in a sandbox of this configuration.
  [[nodiscard]] engine::EngineKey engine_key(const SandboxConfig& config,
                                             const Limits& of_run) const;

  /// The engine of this key, made at its first use; one without a pool where the machine refuses to
  /// reserve the address space for it.
  [[nodiscard]] Result<std::shared_ptr<engine::Engine>> engine(const engine::EngineKey& key);

  /// Loads an artifact for the engine of this key, or for one without a pool when the module fits
  /// no slot.
  [[nodiscard]] Result<std::shared_ptr<const engine::Code>> load_code(
      const engine::EngineKey& key, std::span<const std::byte> artifact);

 private:
  RuntimeImpl(const RuntimeConfig& config, engine::SignalUse signal, InterruptChoice interrupt,
              std::unique_ptr<engine::Interrupter> interrupter);

  const RuntimeConfig config_;
  engine::SignalUse signal_;
  const InterruptChoice interrupt_;
  std::unique_ptr<engine::Interrupter> interrupter_;
  Gate runs_;
  std::optional<Gate> memory_;
  Gate compiles_;
  CallbackThreads callback_threads_;
  Totals totals_;
  std::mutex mutex_;
  std::map<engine::EngineKey, std::shared_ptr<engine::Engine>> engines_;
};

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_RUNTIME_IMPL_H_
