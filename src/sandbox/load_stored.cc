#include "sandbox/load_stored.h"

#include <utility>

namespace mimobox::internal {

Result<LoadedCode> load_stored(cache::StoredCode stored, std::shared_ptr<engine::Engine> engine) {
  const std::uint64_t bytes = stored.record.artifact_bytes;
  auto code = engine::Code::load(std::move(engine),
                                 engine::Artifact::in_file(std::move(stored.file)));
  if (!code) return std::unexpected(std::move(code).error());
  return LoadedCode{*std::move(code), bytes};
}

Result<LoadedCode> load_stored(const cache::CodeStore& store, const cache::Digest& module,
                               const std::shared_ptr<engine::Engine>& engine) {
  auto stored = store.find(module);
  if (!stored) return LoadedCode{};
  auto loaded = load_stored(*std::move(stored), engine);
  if (loaded || loaded.error().code != ErrorCode::kInternal) return loaded;
  store.remove(module);
  return LoadedCode{};
}

}  // namespace mimobox::internal
