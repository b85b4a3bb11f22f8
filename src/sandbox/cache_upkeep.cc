#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "mimobox/cache.h"

#include "cache/seal.h"
#include "cache/trust.h"
#include "cache/upkeep.h"
#include "sandbox/cache_settings.h"
#include "sandbox/no_memory.h"

namespace mimobox {
namespace {

struct OpenedCache {
  cache::DiskSettings settings;
  cache::Owner owner = cache::Owner::kUser;
  base::UniqueFd folder;  ///< not valid when there is none
};

Result<OpenedCache> open_cache(const RuntimeConfig& config) {
  if (auto valid = config.validate(); !valid) return std::unexpected(std::move(valid).error());
  const auto refused = [](const cache::Refusal& refusal) {
    return std::unexpected(SandboxError{ErrorCode::kInvalidConfig, refusal.why, refusal.os_errno});
  };
  auto settings = internal::disk_settings(config);
  if (!settings) return refused(settings.error());
  OpenedCache opened;
  opened.settings = *std::move(settings);
  if (!opened.settings.fleet_key.empty()) opened.owner = cache::Owner::kFleet;
  // Looking after a cache does not make one: where there is no folder all of it is empty.
  if (::access(opened.settings.folder.c_str(), F_OK) != 0 && errno == ENOENT) return opened;
  auto folder = cache::open_cache_folder(opened.settings.folder, opened.owner,
                                         opened.settings.folder_is_default);
  if (!folder) return refused(folder.error());
  opened.folder = *std::move(folder);
  return opened;
}

CachedModule module_of(const cache::Entry& entry) {
  CachedModule module;
  module.digest = entry.module;
  module.settings = entry.folder;
  module.bytes = entry.bytes;
  module.last_used = std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(
          std::chrono::nanoseconds(entry.last_used_ns)));
  module.in_use = entry.in_use;
  return module;
}

CacheRemoval removal_of(const cache::Pruned& pruned) {
  return {.modules = pruned.entries, .bytes = pruned.bytes};
}

/// `act` on the opened cache.
template <class Act>
auto with_cache(const RuntimeConfig& config, Act act)
    -> Result<decltype(act(std::declval<const OpenedCache&>()))> {
  return internal::or_no_memory([&]() -> Result<decltype(act(std::declval<const OpenedCache&>()))> {
    const auto opened = open_cache(config);
    if (!opened) return std::unexpected(opened.error());
    return act(*opened);
  });
}

}  // namespace

Result<std::vector<CachedModule>> list_cache(const RuntimeConfig& config) {
  return with_cache(config, [](const OpenedCache& opened) {
    std::vector<CachedModule> modules;
    for (const cache::Entry& entry : cache::list(opened.folder.get()))
      modules.push_back(module_of(entry));
    return modules;
  });
}

Result<CacheStats> cache_stats(const RuntimeConfig& config) {
  return with_cache(config, [](const OpenedCache& opened) {
    const auto entries = cache::list(opened.folder.get());
    CacheStats stats;
    stats.folder = opened.settings.folder;
    stats.modules = entries.size();
    stats.modules_in_use =
        static_cast<std::uint64_t>(std::ranges::count(entries, true, &cache::Entry::in_use));
    stats.bytes = cache::disk_bytes(opened.folder.get());
    stats.max_bytes = opened.settings.max_bytes;
    return stats;
  });
}

Result<CacheVerification> verify_cache(const RuntimeConfig& config) {
  return with_cache(config, [](const OpenedCache& opened) {
    const cache::Verified verified =
        cache::verify(opened.folder.get(), opened.owner, cache::Seal(opened.settings.fleet_key));
    CacheVerification result;
    result.good = verified.good;
    result.skipped = verified.skipped;
    for (const cache::Damaged& damaged : verified.damaged)
      result.damaged.push_back({module_of(damaged.entry), std::string(damaged.why)});
    return result;
  });
}

Result<CacheRemoval> clear_cache(const RuntimeConfig& config) {
  return with_cache(config, [](const OpenedCache& opened) {
    return removal_of(cache::clear(opened.folder.get()));
  });
}

Result<CacheRemoval> prune_cache(const RuntimeConfig& config) {
  return with_cache(config, [](const OpenedCache& opened) {
    return removal_of(cache::prune(opened.folder.get(), opened.settings.max_bytes));
  });
}

}  // namespace mimobox
