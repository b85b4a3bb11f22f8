#include "mimobox/module.h"

#include <ranges>
#include <utility>

#include "base/require.h"
#include "sandbox/compile_job.h"
#include "sandbox/module_impl.h"

namespace mimobox {
namespace internal {

ModuleImpl::ModuleImpl(std::shared_ptr<RuntimeImpl> runtime, std::vector<std::byte> bytes,
                       std::string name)
    : runtime_(std::move(runtime)),
      bytes_(std::make_shared<const std::vector<std::byte>>(std::move(bytes))),
      name_(std::move(name)),
      digest_(base::sha256(*bytes_)) {}

const ModuleInfo& ModuleImpl::info() {
  std::call_once(info_made_, [this] {
    // The bytes are a valid module: they can be read.
    if (auto info = inspect_bytes(*bytes_)) info_ = std::move(*info);
  });
  return info_;
}

Result<void> ModuleImpl::belongs_to(const RuntimeImpl& runtime) const {
  if (&runtime == runtime_.get()) return {};
  return std::unexpected(SandboxError{ErrorCode::kInvalidConfig,
                                      "the module " + name_ + " was loaded by another Runtime"});
}

Result<ReadyCode> ModuleImpl::code(const engine::EngineKey& key, const std::stop_token& stop) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = codes_.find(key); known != codes_.end()) return ReadyCode{known->second};
  }
  const auto begun = std::chrono::steady_clock::now();
  const auto waited = [begun] { return std::chrono::steady_clock::now() - begun; };
  auto adapted = find_or_adapt(key);
  if (!adapted) return std::unexpected(std::move(adapted).error());
  if (*adapted) return ReadyCode{std::move(*adapted), waited()};

  auto job = join_or_start_job(key);
  if (!job) return std::unexpected(std::move(job).error());
  auto compiled = (*job)->wait(runtime_->config().compile_timeout, stop);
  if (!compiled) {
    if (compiled.error().code == ErrorCode::kCompileTimeout) {
      runtime_->log(LogLevel::kWarning, "a compile is overdue: module " + base::to_hex(digest_));
    }
    auto error = std::move(compiled).error();
    error.message = name_ + ": " + error.message;
    return std::unexpected(std::move(error));
  }
  if (!*compiled) return ReadyCode{nullptr, waited()};
  {
    const std::lock_guard lock(mutex_);
    codes_.emplace((*job)->key(), *compiled);
  }
  // The job may have been started for another stack size or pool, and may have had to take epochs.
  engine::EngineKey made = key;
  made.code = (*compiled)->engine().key().code;
  adapted = find_or_adapt(made);
  if (!adapted) return std::unexpected(std::move(adapted).error());
  if (made != key) {
    const std::lock_guard lock(mutex_);
    codes_.emplace(key, *adapted);
  }
  return ReadyCode{std::move(*adapted), waited()};
}

/// The code of this key, or of one that differs in the stack size only, loaded for this one; null
/// when there is neither.
Result<ModuleImpl::CodePtr> ModuleImpl::find_or_adapt(const engine::EngineKey& key) {
  const std::lock_guard lock(mutex_);
  if (const auto known = codes_.find(key); known != codes_.end()) return known->second;
  for (const auto& code : codes_ | std::views::values) {
    if (code->engine().key().code != key.code) continue;
    const auto artifact = code->artifact();
    if (!artifact) return std::unexpected(artifact.error());
    auto adapted = runtime_->load_code(key, *artifact);
    if (adapted) codes_.emplace(key, *adapted);
    return adapted;
  }
  return CodePtr{};
}

Result<std::shared_ptr<CompileJob>> ModuleImpl::join_or_start_job(const engine::EngineKey& key) {
  const std::lock_guard lock(mutex_);
  if (const auto known = jobs_.find(key.code); known != jobs_.end()) {
    if (!known->second->useless()) return known->second;
    jobs_.erase(known);
  }
  auto job = CompileJob::start(runtime_, key, bytes_);
  if (job) {
    ++compile_count_;
    jobs_.emplace(key.code, *job);
  }
  return job;
}

}  // namespace internal

Module::Module(std::shared_ptr<internal::ModuleImpl> impl) : impl_(std::move(impl)) {}

const std::shared_ptr<internal::ModuleImpl>& Module::impl() const {
  base::require(impl_ != nullptr, "use of a moved-from Module");
  return impl_;
}

const std::string& Module::name() const {
  return impl()->name();
}

const ModuleInfo& Module::info() const {
  return impl()->info();
}

std::string Module::digest() const {
  return base::to_hex(impl()->digest());
}

std::size_t Module::size_bytes() const {
  return impl()->size_bytes();
}

std::size_t Module::compile_count() const {
  return impl()->compile_count();
}

}  // namespace mimobox
