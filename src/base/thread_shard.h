#ifndef MIMOBOX_BASE_THREAD_SHARD_H_
#define MIMOBOX_BASE_THREAD_SHARD_H_

#include <cstddef>
#include <cstdint>

namespace mimobox::base {

/// Into how many shards data is split so that threads do not wait for each other's cache lines.
inline constexpr std::size_t kThreadShards = 16;

/// The shard of the calling thread, the same for its whole life. Other threads may have it too, so
/// a shard is guarded as if there were one only.
[[nodiscard]] inline std::size_t thread_shard() noexcept {
  // Each thread has this variable elsewhere; the product's upper bits mix all of the address.
  static thread_local char here = 0;
  const auto address = reinterpret_cast<std::uintptr_t>(&here) >> 6U;
  return static_cast<std::uint64_t>(address * 0x9E37'79B9'7F4A'7C15U) >> 60U;
}

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_THREAD_SHARD_H_
