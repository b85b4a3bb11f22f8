#include "cache/disk_cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <new>
#include <utility>

#include "cache/key.h"
#include "cache/upkeep.h"

namespace mimobox::cache {
namespace {

bool is_noexec(int folder) {
  struct statvfs file_system{};
  return ::fstatvfs(folder, &file_system) == 0 && (file_system.f_flag & ST_NOEXEC) != 0;
}

}  // namespace

std::expected<std::unique_ptr<DiskCache>, Refusal> DiskCache::open(const DiskSettings& settings) {
  StoreRules rules{.owner = settings.fleet_key.empty() ? Owner::kUser : Owner::kFleet,
                   .seal = Seal(settings.fleet_key)};
  auto folder = open_cache_folder(settings.folder, rules.owner, settings.folder_is_default);
  if (!folder) return std::unexpected(std::move(folder).error());
  rules.copy = is_noexec(folder->get());
  auto shared_rules = std::make_shared<const StoreRules>(std::move(rules));
  return std::unique_ptr<DiskCache>(
      new DiskCache(*std::move(folder), std::move(shared_rules), settings.max_bytes));
}

std::shared_ptr<const CodeStore> DiskCache::store(const Digest& key) {
  const std::lock_guard lock(mutex_);
  if (const auto known = stores_.find(key); known != stores_.end()) {
    // Somebody may have deleted the folder meanwhile.
    if (known->second->in_place()) return known->second;
    stores_.erase(known);
  }
  base::UniqueFd opened = open_store_folder(folder_.get(), folder_name(key), rules_->owner);
  if (!opened.valid()) return nullptr;
  auto made = std::make_shared<const CodeStore>(std::move(opened), key, rules_);
  stores_.emplace(key, made);
  return made;
}

void DiskCache::keep_bound() noexcept {
  try {
    prune(folder_.get(), max_bytes_);
  } catch (const std::bad_alloc&) {  // the next one does it
  }
}

}  // namespace mimobox::cache
