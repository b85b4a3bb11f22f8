#ifndef MIMOBOX_SANDBOX_MODULE_IMPL_H_
#define MIMOBOX_SANDBOX_MODULE_IMPL_H_

#include <memory>
#include <stop_token>
#include <string>
#include <utility>

#include "mimobox/error.h"

#include "sandbox/module_contents.h"
#include "sandbox/runtime_impl.h"

namespace mimobox::internal {

/// What all copies of one `Module` share: a name for contents that other modules may share.
class ModuleImpl {
 public:
  ModuleImpl(std::shared_ptr<RuntimeImpl> runtime, std::shared_ptr<ModuleContents> contents,
             std::string name)
      : runtime_(std::move(runtime)), contents_(std::move(contents)), name_(std::move(name)) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] ModuleContents& contents() const { return *contents_; }
  [[nodiscard]] const ModuleInfo& info() const { return contents_->info(*runtime_); }
  /// How long reading and checking took; set once, before the module is shared.
  [[nodiscard]] std::chrono::nanoseconds load_time() const { return load_time_; }
  void set_load_time(std::chrono::nanoseconds time) { load_time_ = time; }
  /// `kInvalidConfig` when it was loaded by another runtime.
  [[nodiscard]] Result<void> belongs_to(const RuntimeImpl& runtime) const;

  /// As `ModuleContents::code()`, errors with the module's name in front.
  [[nodiscard]] Result<ReadyCode> code(const engine::EngineKey& key, const std::stop_token& stop);

 private:
  const std::shared_ptr<RuntimeImpl> runtime_;
  const std::shared_ptr<ModuleContents> contents_;
  const std::string name_;
  std::chrono::nanoseconds load_time_{0};
};

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_MODULE_IMPL_H_
