#ifndef MIMOBOX_BASE_THREAD_SHARD_H_
#define MIMOBOX_BASE_THREAD_SHARD_H_

#include <unistd.h>

#include <cstddef>

namespace mimobox::base {

/// Into how many shards data is split so that threads do not wait for each other's cache lines.
inline constexpr std::size_t kThreadShards = 16;

/// The shard of the calling thread, the same for its whole life. Other threads may have it too, so
/// a shard is guarded as if there were one only.
[[nodiscard]] inline std::size_t thread_shard() noexcept {
  // Threads that are made one after the other mostly have numbers one after the other.
  static thread_local const auto kShard = static_cast<std::size_t>(::gettid()) % kThreadShards;
  return kShard;
}

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_THREAD_SHARD_H_
