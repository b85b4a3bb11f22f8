#ifndef MIMOBOX_CACHE_MEMORY_LEVEL_H_
#define MIMOBOX_CACHE_MEMORY_LEVEL_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <list>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/file_fingerprint.h"
#include "base/read_mostly_mutex.h"
#include "base/thread_shard.h"
#include "cache/seal.h"

namespace mimobox::cache {

/// What a process keeps of modules, found by a file's fingerprint or by a module's digest. Bounded
/// in number and bytes: what was not used longest goes first. What goes lives on for those who hold
/// it. Any number of threads; those that find something wait for none of the others, and count
/// their use where no other thread does.
template <class Value>
class MemoryLevel {
 public:
  using Ptr = std::shared_ptr<Value>;

  MemoryLevel(std::size_t max_entries, std::uint64_t max_bytes)
      : max_entries_(max_entries), max_bytes_(max_bytes) {}
  MemoryLevel(const MemoryLevel&) = delete;
  MemoryLevel& operator=(const MemoryLevel&) = delete;
  ~MemoryLevel() = default;

  /// Null when nothing is known of the file in this state.
  [[nodiscard]] Ptr find(const base::FileFingerprint& file) {
    const std::shared_lock lock(mutex_);
    const auto found = files_.find(FileId{file.device, file.inode});
    if (found == files_.end() || found->second.fingerprint != file) return nullptr;
    return found->second.entry->use();
  }

  [[nodiscard]] Ptr find(const Digest& module) {
    const std::shared_lock lock(mutex_);
    const auto found = modules_.find(module);
    return found == modules_.end() ? nullptr : found->second->use();
  }

  /// Keeps `value` under its digest, unless there is one already, and returns what is kept.
  [[nodiscard]] Ptr keep(const Digest& module, Ptr value, std::uint64_t bytes) {
    if (max_entries_ == 0) return value;
    std::list<Entry> gone;  // destroyed after the lock: that may unmap a lot
    const std::lock_guard lock(mutex_);
    if (const auto found = modules_.find(module); found != modules_.end()) {
      return found->second->use();
    }
    std::list<Entry> made;  // not among the others before all that may fail is done
    const Iterator entry = made.emplace(made.end(), module, value, bytes);
    modules_.emplace(module, entry);
    entries_.splice(entries_.end(), made);
    bytes_ += bytes;
    evict(entry, gone);
    return value;
  }

  /// From now on the file in this state stands for the module, if that is kept.
  void add_file(const base::FileFingerprint& file, const Digest& module) {
    const std::lock_guard lock(mutex_);
    const auto found = modules_.find(module);
    if (found == modules_.end()) return;
    const FileId id{file.device, file.inode};
    forget(id);
    auto& files = found->second->files;
    // A module that is copied all over the place leaves no more than this behind.
    if (files.size() >= kMaxFiles) {
      files_.erase(files.front());
      files.erase(files.begin());
    }
    files.push_back(id);
    files_.emplace(id, Known{file, found->second});
  }

  /// The module has grown: code was made of it.
  void set_bytes(const Digest& module, std::uint64_t bytes) {
    std::list<Entry> gone;
    const std::lock_guard lock(mutex_);
    const auto found = modules_.find(module);
    if (found == modules_.end()) return;
    bytes_ = bytes_ - found->second->bytes + bytes;
    found->second->bytes = bytes;
    evict(found->second, gone);
  }

  /// Drops the module, if it is this one that is kept: the next one who asks has to load it.
  void drop(const Digest& module, const Value* value) {
    std::list<Entry> gone;
    const std::lock_guard lock(mutex_);
    const auto found = modules_.find(module);
    if (found != modules_.end() && found->second->handles.front().get() == value)
      remove(found->second, gone);
  }

  [[nodiscard]] std::size_t size() const {
    const std::shared_lock lock(mutex_);
    return entries_.size();
  }

 private:
  static constexpr std::size_t kMaxFiles = 16;

  struct FileId {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    friend bool operator==(const FileId&, const FileId&) = default;
  };
  struct Entry {
    Entry(const Digest& of_module, const Ptr& kept, std::uint64_t size)
        : module(of_module), bytes(size), used_at(moment()) {
      // Each with a count of its own, in front of the one that they share.
      for (Ptr& handle : handles)
        handle = Ptr(kept.get(), [kept](Value*) {});
    }

    Ptr use() {
      // Written when it changes only: readers on other threads have it in their caches.
      const std::uint64_t now = moment() + 1;
      if (used_at.load(std::memory_order_relaxed) != now) {
        used_at.store(now, std::memory_order_relaxed);
      }
      return handles[base::thread_shard()];
    }

    const Digest module;
    std::array<Ptr, base::kThreadShards> handles;
    std::uint64_t bytes;
    std::vector<FileId> files;
    /// By `moment()`, and 1 more when it was found: in one step of the clock that counts as later
    /// than being kept.
    std::atomic<std::uint64_t> used_at;
  };
  using Iterator = typename std::list<Entry>::iterator;
  struct Known {
    base::FileFingerprint fingerprint;
    Iterator entry;
  };
  struct HashFile {
    std::size_t operator()(const FileId& id) const noexcept {
      constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15ULL;
      return static_cast<std::size_t>((id.inode ^ (id.device * kOdd)) * kOdd);
    }
  };
  struct HashDigest {
    std::size_t operator()(const Digest& digest) const noexcept {
      std::size_t hash = 0;
      std::memcpy(&hash, digest.data(), sizeof hash);
      return hash;
    }
  };

  void forget(const FileId& id) {
    const auto known = files_.find(id);
    if (known == files_.end()) return;
    std::erase(known->second.entry->files, id);
    files_.erase(known);
  }

  /// An even number of nanoseconds on a clock whose steps are some milliseconds, and which costs
  /// next to nothing.
  static std::uint64_t moment() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return (static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
            static_cast<std::uint64_t>(time.tv_nsec)) &
           ~std::uint64_t{1};
  }

  /// `in_use` stays even when it alone is above the bound.
  void evict(Iterator in_use, std::list<Entry>& gone) {
    while (entries_.size() > 1 && (entries_.size() > max_entries_ || bytes_ > max_bytes_)) {
      Iterator oldest = entries_.end();
      for (Iterator entry = entries_.begin(); entry != entries_.end(); ++entry) {
        if (entry == in_use) continue;
        if (oldest == entries_.end() || entry->used_at < oldest->used_at) oldest = entry;
      }
      remove(oldest, gone);
    }
  }

  void remove(Iterator entry, std::list<Entry>& gone) {
    for (const FileId& id : entry->files)
      files_.erase(id);
    modules_.erase(entry->module);
    bytes_ -= entry->bytes;
    gone.splice(gone.end(), entries_, entry);
  }

  const std::size_t max_entries_;
  const std::uint64_t max_bytes_;
  mutable base::ReadMostlyMutex mutex_;
  std::list<Entry> entries_;  ///< the first kept first
  std::unordered_map<Digest, Iterator, HashDigest> modules_;
  std::unordered_map<FileId, Known, HashFile> files_;
  std::uint64_t bytes_ = 0;
};

}  // namespace mimobox::cache

#endif  // MIMOBOX_CACHE_MEMORY_LEVEL_H_
