#include "sandbox/precompiled.h"

#include <stop_token>
#include <string_view>
#include <utility>

#include "mimobox/config.h"

#include "base/read_file.h"
#include "base/sha256.h"
#include "cache/code_store.h"
#include "cache/key.h"
#include "cache/record.h"
#include "engine/code.h"
#include "sandbox/cache_settings.h"
#include "sandbox/compile_job.h"
#include "sandbox/load_module.h"

namespace mimobox::internal {
namespace {

std::unexpected<SandboxError> unfit(const std::string& path, std::string_view why) {
  return std::unexpected(
      SandboxError{ErrorCode::kModuleInvalid, path + ": " + std::string(why) +
                                                  "; compile the module again (mimobox-wasm "
                                                  "compile)"});
}

/// Whether engines of ours run what was compiled under this key.
Result<bool> runs_here(RuntimeImpl& runtime, const cache::Digest& key, const cache::Seal& seal) {
  engine::EngineKey candidate = runtime.engine_key({}, {});
  for (const engine::Cpu cpu : {engine::Cpu::kNative, engine::Cpu::kBaseline}) {
    candidate.code.cpu = cpu;
    const auto engine = runtime.engine(candidate);
    if (!engine) return std::unexpected(engine.error());
    if (cache::code_key((*engine)->settings(), seal) == key) return true;
  }
  return false;
}

}  // namespace

Result<std::vector<std::byte>> precompile(const std::shared_ptr<RuntimeImpl>& runtime,
                                          ModuleContents& module, const engine::EngineKey& key) {
  const auto engine = runtime->engine(key);
  if (!engine) return std::unexpected(engine.error());
  auto binary = module.bytes(*runtime);
  if (!binary) return std::unexpected(std::move(binary).error());
  auto job =
      CompileJob::start(runtime, key, *std::move(binary), module.digest(), CompilePurpose::kFile);
  if (!job) return std::unexpected(std::move(job).error());
  const auto compiled = (*job)->wait(runtime->config(), std::stop_token{});
  if (!compiled) return std::unexpected(compiled.error());
  std::vector<std::byte> artifact = *compiled->artifact;
  auto ranges = engine::find_ranges(**engine, artifact);
  if (!ranges) {
    return std::unexpected(SandboxError{
        ErrorCode::kInternal, "guests of this module could not be stopped by signals; use epoch"});
  }
  const cache::Seal seal(fleet_key(runtime->config()));
  const auto record = encode(cache::Record{.key = cache::code_key((*engine)->settings(), seal),
                                           .module = module.digest(),
                                           .module_bytes = module.size_bytes(),
                                           .artifact_bytes = artifact.size(),
                                           .artifact = base::sha256(artifact),
                                           .ranges = *std::move(ranges)},
                             seal);
  artifact.insert(artifact.end(), record.begin(), record.end());
  return artifact;
}

Result<std::shared_ptr<ModuleContents>> load_precompiled(RuntimeImpl& runtime,
                                                         const std::string& path) {
  auto file = base::open_regular_file(path);
  if (!file) return std::unexpected(unreadable(path, file.error()));
  const cache::Seal seal(fleet_key(runtime.config()));
  auto record = cache::read_record(file->fd.get(), file->fingerprint.size, seal);
  if (!record) return unfit(path, record.error());
  const auto fits = runs_here(runtime, record->key, seal);
  if (!fits) return std::unexpected(fits.error());
  if (!*fits) return unfit(path, "it was compiled by another version or for another processor");
  auto copy = cache::sealed_copy(file->fd.get(), *record);
  if (!copy) return unfit(path, copy.error());
  const engine::EngineKey key = runtime.engine_key({}, {});
  auto code = runtime.load_code(key, engine::Artifact::in_file(*std::move(copy)),
                                std::move(record->ranges));
  if (!code) {
    code.error().message = path + ": " + code.error().message;
    if (code.error().code == ErrorCode::kInternal) code.error().code = ErrorCode::kModuleInvalid;
    return std::unexpected(std::move(code).error());
  }
  if (!(*code)->interruptible()) {
    return unfit(path, "guests of this code cannot be stopped by signals");
  }
  return std::make_shared<ModuleContents>(record->module, record->module_bytes, key,
                                          *std::move(code));
}

}  // namespace mimobox::internal
