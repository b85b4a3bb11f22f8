#include "mimobox/module.h"

#include <utility>

#include "base/require.h"
#include "base/sha256.h"
#include "sandbox/module_impl.h"

namespace mimobox {
namespace internal {

Result<void> ModuleImpl::belongs_to(const RuntimeImpl& runtime) const {
  if (&runtime == runtime_.get()) return {};
  return std::unexpected(SandboxError{
      ErrorCode::kInvalidConfig, "the module " + loaded_.name + " was loaded by another Runtime"});
}

Result<ReadyCode> LoadedModule::code(const std::shared_ptr<RuntimeImpl>& runtime,
                                     const engine::EngineKey& key,
                                     const std::stop_token& stop) const {
  auto ready = contents->code(runtime, key, stop);
  if (!ready) ready.error().message = name + ": " + ready.error().message;
  return ready;
}

}  // namespace internal

Module::Module(std::shared_ptr<internal::ModuleImpl> impl) : impl_(std::move(impl)) {}

const std::shared_ptr<internal::ModuleImpl>& Module::impl() const {
  base::require(impl_ != nullptr, "use of a moved-from Module");
  return impl_;
}

const std::string& Module::name() const {
  return impl()->loaded().name;
}

const ModuleInfo& Module::info() const {
  return impl()->info();
}

std::string Module::digest() const {
  return base::to_hex(impl()->loaded().contents->digest());
}

std::size_t Module::size_bytes() const {
  return static_cast<std::size_t>(impl()->loaded().contents->size_bytes());
}

std::size_t Module::compile_count() const {
  return impl()->loaded().contents->compile_count();
}

}  // namespace mimobox
