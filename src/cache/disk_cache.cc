#include "cache/disk_cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

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
      new DiskCache(settings, *std::move(folder), std::move(shared_rules)));
}

std::expected<void, Refusal> DiskCache::find_again() {
  if (lost_) return std::unexpected(*lost_);
  struct stat status{};
  if (::fstat(folder_.get(), &status) == 0 && status.st_nlink != 0) return {};
  auto again = open_cache_folder(settings_.folder, rules_->owner, settings_.folder_is_default);
  // Other threads may be using the number, which from here on stands for the new folder.
  if (again && ::dup3(again->get(), folder_.get(), O_CLOEXEC) >= 0) return {};
  lost_ = again ? Refusal{.why = "the cache folder " + settings_.folder +
                                 " is not used: it was deleted and cannot be opened again",
                          .os_errno = errno}
                : std::move(again).error();
  return std::unexpected(*lost_);
}

bool DiskCache::in_place() {
  const std::lock_guard lock(mutex_);
  return find_again().has_value();
}

std::expected<std::shared_ptr<const CodeStore>, Refusal> DiskCache::store(const Digest& key) {
  const std::lock_guard lock(mutex_);
  if (const auto known = stores_.find(key); known != stores_.end()) {
    // Somebody may have deleted the folder meanwhile.
    if (known->second->in_place()) return known->second;
    stores_.erase(known);
  }
  if (auto found = find_again(); !found) return std::unexpected(std::move(found).error());
  auto opened = open_store_folder(folder_.get(), settings_.folder, folder_name(key), rules_->owner);
  if (!opened) return std::unexpected(std::move(opened).error());
  auto made = std::make_shared<const CodeStore>(*std::move(opened), key, rules_);
  stores_.emplace(key, made);
  return made;
}

void DiskCache::keep_bound(std::uint64_t published) noexcept {
  // As a file system counts it, with the record and the notes.
  constexpr std::uint64_t kBeside = 32U << 10;
  try {
    cache::keep_bound(folder_.get(), settings_.max_bytes, published + kBeside, rules_->owner,
                      rules_->seal);
  } catch (const std::bad_alloc&) {  // the next one does it
  }
}

}  // namespace mimobox::cache
