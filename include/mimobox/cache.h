#ifndef MIMOBOX_CACHE_H_
#define MIMOBOX_CACHE_H_

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "mimobox/config.h"
#include "mimobox/error.h"

// Looking after the disk cache: the one that a runtime of the same configuration uses. None of
// these is needed for it to work, or to stay within its bound; a folder that is not there is empty,
// and none makes it. They may be called while other processes use it. Each one's errors:
// `kInvalidConfig` when the folder cannot be used, and why.

namespace mimobox {

/// A module in the disk cache, compiled in one way.
struct CachedModule {
  std::string digest;       ///< SHA-256 of the module, in hex
  std::string settings;     ///< the folder of what was compiled with the same settings
  std::uint64_t bytes = 0;  ///< on disk
  std::chrono::system_clock::time_point last_used;  ///< exact to a minute
  bool in_use = false;                              ///< a process has it mapped
};

/// All of them, the last used first.
[[nodiscard]] Result<std::vector<CachedModule>> list_cache(const RuntimeConfig& config = {});

struct CacheStats {
  std::filesystem::path folder;
  std::uint64_t modules = 0;
  std::uint64_t modules_in_use = 0;
  std::uint64_t bytes = 0;      ///< on disk, of all that is kept
  std::uint64_t max_bytes = 0;  ///< `RuntimeConfig::cache_disk_bytes`
};
[[nodiscard]] Result<CacheStats> cache_stats(const RuntimeConfig& config = {});

/// A module whose code was damaged and is deleted.
struct DamagedModule {
  CachedModule module;
  std::string why;
};
struct CacheVerification {
  std::uint64_t good = 0;
  std::uint64_t skipped = 0;  ///< of other versions of this library, which are not read
  std::vector<DamagedModule> damaged;
};
/// Reads all code, compares it with its digest, and deletes what differs. Under a key it deletes
/// what was not made under it.
[[nodiscard]] Result<CacheVerification> verify_cache(const RuntimeConfig& config = {});

struct CacheRemoval {
  std::uint64_t modules = 0;
  std::uint64_t bytes = 0;
};
/// Deletes all modules. Processes that have code mapped keep it. What was found out about this machine
/// (some KiB) stays until nobody used it for a month.
[[nodiscard]] Result<CacheRemoval> clear_cache(const RuntimeConfig& config = {});
/// Deletes what was not used longest until at most `RuntimeConfig::cache_disk_bytes` are left, but
/// nothing in use; and what processes left that were killed.
[[nodiscard]] Result<CacheRemoval> prune_cache(const RuntimeConfig& config = {});

}  // namespace mimobox

#endif  // MIMOBOX_CACHE_H_
