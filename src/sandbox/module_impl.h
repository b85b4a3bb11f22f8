#ifndef MIMOBOX_SANDBOX_MODULE_IMPL_H_
#define MIMOBOX_SANDBOX_MODULE_IMPL_H_

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>

#include "mimobox/error.h"

#include "sandbox/module_contents.h"
#include "sandbox/runtime_impl.h"

namespace mimobox::internal {

/// A module as it was loaded: a name for contents that other modules may share.
struct LoadedModule {
  std::shared_ptr<ModuleContents> contents;
  std::string name;
  std::chrono::nanoseconds load_time{0};  ///< reading and checking it

  /// As `ModuleContents::code()`, errors with the module's name in front.
  [[nodiscard]] Result<ReadyCode> code(const std::shared_ptr<RuntimeImpl>& runtime,
                                       const engine::EngineKey& key,
                                       const std::stop_token& stop) const;
};

/// What all copies of one `Module` share.
class ModuleImpl {
 public:
  ModuleImpl(std::shared_ptr<RuntimeImpl> runtime, LoadedModule loaded)
      : runtime_(std::move(runtime)), loaded_(std::move(loaded)) {}

  [[nodiscard]] const LoadedModule& loaded() const { return loaded_; }
  [[nodiscard]] const ModuleInfo& info() const { return loaded_.contents->info(*runtime_); }
  /// `kInvalidConfig` when it was loaded by another runtime.
  [[nodiscard]] Result<void> belongs_to(const RuntimeImpl& runtime) const;

 private:
  const std::shared_ptr<RuntimeImpl> runtime_;
  const LoadedModule loaded_;
};

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_MODULE_IMPL_H_
