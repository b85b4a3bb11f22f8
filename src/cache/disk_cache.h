#ifndef MIMOBOX_CACHE_DISK_CACHE_H_
#define MIMOBOX_CACHE_DISK_CACHE_H_

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/unique_fd.h"
#include "cache/code_store.h"
#include "cache/trust.h"

namespace mimobox::cache {

struct DiskSettings {
  std::string folder;             ///< absolute
  bool folder_is_default = false; ///< named by nobody: it may be made private
  std::uint64_t max_bytes = 0;    ///< of all that is in it
  std::string fleet_key;          ///< empty: the folder is this user's own
};

/// Compiled code on disk, shared by all processes of a user, or under a key by those of a fleet.
class DiskCache {
 public:
  [[nodiscard]] static std::expected<std::unique_ptr<DiskCache>, Refusal> open(
      const DiskSettings& settings);
  DiskCache(const DiskCache&) = delete;
  DiskCache& operator=(const DiskCache&) = delete;
  ~DiskCache() = default;

  /// Where code of this key (`code_key()`) is; null when its folder cannot be made or is not ours.
  /// Any thread.
  [[nodiscard]] std::shared_ptr<const CodeStore> store(const Digest& key);

  /// Deletes what was not used longest until the bound holds, and what dead processes left. To be
  /// called after something was published. Any thread.
  void keep_bound() noexcept;

  /// Whether an entry of this size may be stored at all.
  [[nodiscard]] bool fits(std::uint64_t bytes) const { return bytes <= max_bytes_; }

  [[nodiscard]] int folder() const { return folder_.get(); }
  [[nodiscard]] const StoreRules& rules() const { return *rules_; }

 private:
  DiskCache(base::UniqueFd folder, std::shared_ptr<const StoreRules> rules, std::uint64_t max_bytes)
      : folder_(std::move(folder)), rules_(std::move(rules)), max_bytes_(max_bytes) {}

  const base::UniqueFd folder_;
  const std::shared_ptr<const StoreRules> rules_;
  const std::uint64_t max_bytes_;
  std::mutex mutex_;
  std::map<Digest, std::shared_ptr<const CodeStore>> stores_;
};

}  // namespace mimobox::cache

#endif  // MIMOBOX_CACHE_DISK_CACHE_H_
