#ifndef MIMOBOX_SANDBOX_RUNTIME_IMPL_H_
#define MIMOBOX_SANDBOX_RUNTIME_IMPL_H_

#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mimobox/config.h"
#include "mimobox/error.h"

#include "cache/disk_cache.h"
#include "cache/memory_level.h"
#include "cache/trust.h"
#include "engine/code_range.h"
#include "engine/engine.h"
#include "engine/interrupter.h"
#include "engine/signal_registry.h"
#include "sandbox/callback_threads.h"
#include "sandbox/gate.h"
#include "sandbox/interrupt_choice.h"
#include "sandbox/module_contents.h"
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

  /// To the same sink, once per line.
  void log_once(LogLevel level, std::string line) noexcept;

  /// The modules of this process. They do not keep the runtime, which keeps them.
  [[nodiscard]] cache::MemoryLevel<ModuleContents>& modules() { return modules_; }
  /// Null when there is none.
  [[nodiscard]] cache::DiskCache* disk() { return disk_.get(); }
  /// Where code for engines of this key is kept on disk; null when it is not, or when there can be
  /// no such engine.
  [[nodiscard]] std::shared_ptr<const cache::CodeStore> store(const engine::EngineKey& key);

  /// The engine that a run with these limits needs in a sandbox of this configuration.
  [[nodiscard]] engine::EngineKey engine_key(const SandboxConfig& config,
                                             const Limits& of_run) const;

  /// The engine of this key, made at its first use; one without a pool where the machine refuses to
  /// reserve the address space for it.
  [[nodiscard]] Result<std::shared_ptr<engine::Engine>> engine(const engine::EngineKey& key);

  /// Loads an artifact for the engine of this key, or for one without a pool when the module fits
  /// no slot. `ranges` as for `engine::Code::load()`.
  [[nodiscard]] Result<std::shared_ptr<const engine::Code>> load_code(
      const engine::EngineKey& key, engine::Artifact artifact,
      std::optional<std::vector<engine::CodeRange>> ranges);

 private:
  RuntimeImpl(const RuntimeConfig& config, engine::SignalUse signal, InterruptChoice interrupt,
              std::unique_ptr<engine::Interrupter> interrupter);
  /// Logs why there is none.
  void take_disk(std::expected<std::unique_ptr<cache::DiskCache>, cache::Refusal> disk);

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
  std::shared_ptr<engine::SlotSweeper> sweeper_;  ///< null before the first engine with a pool
  std::map<engine::EngineKey, std::shared_ptr<engine::Engine>> engines_;
  std::map<engine::CodeKey, cache::Digest> code_keys_;
  std::set<std::string> logged_;
  std::unique_ptr<cache::DiskCache> disk_;
  cache::MemoryLevel<ModuleContents> modules_;
};

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_RUNTIME_IMPL_H_
