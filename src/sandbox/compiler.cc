#include "sandbox/compiler.h"

#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "engine/artifact.h"
#include "engine/code.h"
#include "sandbox/helper_client.h"

namespace mimobox::internal {

Result<std::vector<std::byte>> compile_module(const RuntimeConfig& config,
                                              const engine::Engine& engine,
                                              std::span<const std::byte> module,
                                              const std::stop_token& stop) {
  if (config.compile_helper.empty()) return engine::compile(engine, module);
  return ask_helper(config, HelperTask::kCompile, engine, module, stop);
}

Result<LoadedCode> publish_and_load(RuntimeImpl& runtime, const engine::EngineKey& key,
                                    const cache::CodeStore* store, const base::Sha256& digest,
                                    std::uint64_t module_bytes, std::vector<std::byte> artifact) {
  const std::uint64_t bytes = artifact.size();
  const auto engine = runtime.engine(key);
  if (!engine) return std::unexpected(engine.error());
  auto ranges = engine::find_ranges(**engine, artifact);
  // Code that cannot be interrupted is not worth keeping.
  if (store != nullptr && ranges && runtime.disk()->fits(bytes)) {
    auto published = store->publish(
        {.module = digest, .module_bytes = module_bytes, .ranges = *ranges}, artifact);
    if (published) {
      runtime.disk()->keep_bound(bytes + ranges->size() * sizeof(engine::CodeRange));
      auto loaded = load_stored(runtime, key, *std::move(published));
      if (loaded || loaded.error().code != ErrorCode::kInternal) return loaded;
    } else {
      runtime.log_once(LogLevel::kInfo,
                       fmt::format("compiled code cannot be kept in the cache folder: {}",
                                   std::strerror(published.error())));
    }
  }
  auto code =
      runtime.load_code(key, engine::Artifact::in_memory(std::move(artifact)), std::move(ranges));
  if (!code) return std::unexpected(std::move(code).error());
  return LoadedCode{*std::move(code), bytes};
}

void report(const RuntimeConfig& config, const CompileProgress& progress) noexcept {
  try {
    config.on_compile(progress);
  } catch (...) {  // there is nobody left to tell
  }
}

}  // namespace mimobox::internal
