#ifndef MIMOBOX_CACHE_DISK_CACHE_H_
#define MIMOBOX_CACHE_DISK_CACHE_H_

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/unique_fd.h"
#include "cache/code_store.h"
#include "cache/trust.h"

namespace mimobox::cache {

struct DiskSettings {
  std::string folder;              ///< absolute
  bool folder_is_default = false;  ///< named by nobody: it may be made private
  std::uint64_t max_bytes = 0;     ///< of all that is in it
  std::string fleet_key;           ///< empty: the folder is this user's own
};

/// Compiled code on disk, shared by all processes of a user, or under a key by those of a fleet.
class DiskCache {
 public:
  [[nodiscard]] static std::expected<std::unique_ptr<DiskCache>, Refusal> open(
      const DiskSettings& settings);
  DiskCache(const DiskCache&) = delete;
  DiskCache& operator=(const DiskCache&) = delete;
  ~DiskCache() = default;

  /// Where code of this key (`code_key()`) is. Refused when its folder cannot be made or is not to
  /// be trusted. Any thread.
  [[nodiscard]] std::expected<std::shared_ptr<const CodeStore>, Refusal> store(const Digest& key);

  /// Whether the cache's folder is there. One that somebody deleted is made again; where that
  /// fails, or somebody else was first, it is not used any more, wherever it turns up. Any thread.
  [[nodiscard]] bool in_place();

  /// Sees to it that the bound holds. To be called after an artifact of this size was published.
  /// Any thread.
  void keep_bound(std::uint64_t published) noexcept;

  /// Whether an entry of this size may be stored at all.
  [[nodiscard]] bool fits(std::uint64_t bytes) const { return bytes <= settings_.max_bytes; }

  /// The same number for as long as the object lives.
  [[nodiscard]] int folder() const { return folder_.get(); }
  [[nodiscard]] const StoreRules& rules() const { return *rules_; }

 private:
  DiskCache(const DiskSettings& settings, base::UniqueFd folder,
            std::shared_ptr<const StoreRules> rules)
      : settings_(settings), folder_(std::move(folder)), rules_(std::move(rules)) {}
  /// Under the lock.
  [[nodiscard]] std::expected<void, Refusal> find_again();

  const DiskSettings settings_;
  const base::UniqueFd folder_;
  const std::shared_ptr<const StoreRules> rules_;
  std::mutex mutex_;
  std::optional<Refusal> lost_;  ///< why the folder could not be made again
  std::map<Digest, std::shared_ptr<const CodeStore>> stores_;
};

}  // namespace mimobox::cache

#endif  // MIMOBOX_CACHE_DISK_CACHE_H_
