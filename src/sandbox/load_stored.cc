#include "sandbox/load_stored.h"

#include <utility>

namespace mimobox::internal {

Result<LoadedCode> load_stored(RuntimeImpl& runtime, const engine::EngineKey& key,
                               cache::StoredCode stored) {
  const std::uint64_t bytes = stored.record.artifact_bytes;
  auto code = runtime.load_code(key, engine::Artifact::in_file(std::move(stored.file)),
                                std::move(stored.record.ranges));
  if (!code) return std::unexpected(std::move(code).error());
  return LoadedCode{*std::move(code), bytes};
}

Result<LoadedCode> load_stored(RuntimeImpl& runtime, const engine::EngineKey& key,
                               const cache::CodeStore& store, const cache::Digest& module) {
  auto stored = store.find(module);
  if (!stored) return LoadedCode{};
  auto loaded = load_stored(runtime, key, *std::move(stored));
  if (loaded || loaded.error().code != ErrorCode::kInternal) return loaded;
  store.remove(module);
  return LoadedCode{};
}

}  // namespace mimobox::internal
