#ifndef MIMOBOX_BASE_READ_MOSTLY_MUTEX_H_
#define MIMOBOX_BASE_READ_MOSTLY_MUTEX_H_

#include <array>
#include <mutex>

#include "base/thread_shard.h"

namespace mimobox::base {

/// A mutex for data that is read all the time and changed now and then: readers on different
/// threads touch no common cache line, and a writer has to ask for all of them. For
/// std::shared_lock and std::lock_guard.
class ReadMostlyMutex {
 public:
  ReadMostlyMutex() = default;
  ReadMostlyMutex(const ReadMostlyMutex&) = delete;
  ReadMostlyMutex& operator=(const ReadMostlyMutex&) = delete;

  void lock_shared() { shards_[thread_shard()].mutex.lock(); }
  void unlock_shared() { shards_[thread_shard()].mutex.unlock(); }

  void lock() {
    for (Shard& shard : shards_)
      shard.mutex.lock();
  }
  void unlock() {
    for (Shard& shard : shards_)
      shard.mutex.unlock();
  }

 private:
  struct alignas(64) Shard {
    std::mutex mutex;
  };
  std::array<Shard, kThreadShards> shards_;
};

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_READ_MOSTLY_MUTEX_H_
