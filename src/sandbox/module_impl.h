#ifndef MIMOBOX_SANDBOX_MODULE_IMPL_H_
#define MIMOBOX_SANDBOX_MODULE_IMPL_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "mimobox/error.h"
#include "mimobox/module_info.h"

#include "base/sha256.h"
#include "engine/code.h"
#include "engine/engine_key.h"
#include "sandbox/runtime_impl.h"

namespace mimobox::internal {

class CompileJob;

/// Code that is ready to run.
struct ReadyCode {
  /// Null when the caller's stop was requested first.
  std::shared_ptr<const engine::Code> code;
  /// How long the caller waited for it; 0 when it was there.
  std::chrono::nanoseconds waited{0};
};

/// What all handles of one `Module` share: the bytes, and the code made of them so far.
class ModuleImpl {
 public:
  ModuleImpl(std::shared_ptr<RuntimeImpl> runtime, std::vector<std::byte> bytes, std::string name);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const base::Sha256& digest() const { return digest_; }
  [[nodiscard]] const ModuleInfo& info();
  [[nodiscard]] std::size_t size_bytes() const { return bytes_->size(); }
  [[nodiscard]] std::size_t compile_count() const { return compile_count_; }
  /// How long reading and checking took; set once, before the module is shared.
  [[nodiscard]] std::chrono::nanoseconds load_time() const { return load_time_; }
  void set_load_time(std::chrono::nanoseconds time) { load_time_ = time; }
  /// `kInvalidConfig` when it was loaded by another runtime.
  [[nodiscard]] Result<void> belongs_to(const RuntimeImpl& runtime) const;

  /// The code for this engine, compiled if there is none yet. Callers that ask for the same code at
  /// the same time wait for one compile, each no longer than the compile timeout.
  [[nodiscard]] Result<ReadyCode> code(const engine::EngineKey& key, const std::stop_token& stop);

 private:
  using CodePtr = std::shared_ptr<const engine::Code>;

  [[nodiscard]] Result<CodePtr> find_or_adapt(const engine::EngineKey& key);
  [[nodiscard]] Result<std::shared_ptr<CompileJob>> join_or_start_job(const engine::EngineKey& key);

  const std::shared_ptr<RuntimeImpl> runtime_;
  const std::shared_ptr<const std::vector<std::byte>> bytes_;
  const std::string name_;
  const base::Sha256 digest_;
  std::chrono::nanoseconds load_time_{0};
  std::once_flag info_made_;
  ModuleInfo info_;
  std::atomic<std::size_t> compile_count_{0};
  std::mutex mutex_;
  std::map<engine::EngineKey, CodePtr> codes_;
  std::map<engine::CodeKey, std::shared_ptr<CompileJob>> jobs_;
};

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_MODULE_IMPL_H_
