#ifndef MIMOBOX_CACHE_KEY_H_
#define MIMOBOX_CACHE_KEY_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "cache/seal.h"

namespace mimobox::cache {

/// The version of everything that this folder writes. What was written under another one is not
/// looked at.
inline constexpr std::uint32_t kFormatVersion = 2;

/// Stands for everything that code depends on beside its module: the engine's settings
/// (`engine::Engine::settings()`), our format, and the key of the fleet, so that caches of two
/// fleets in one folder do not meet.
[[nodiscard]] Digest code_key(std::span<const std::byte> engine_settings, const Seal& seal);

/// The folder below a cache's that holds what was made under a key: "v2-" and 64 hex digits.
[[nodiscard]] std::string folder_name(const Digest& key);

/// Whether this is a digest in hex, as `base::to_hex()` writes it.
[[nodiscard]] bool is_digest(std::string_view text);

/// Whether a folder below a cache's is of that kind, of whatever version: only those are ours to
/// look into, and to clear.
[[nodiscard]] bool is_folder_name(std::string_view name);

}  // namespace mimobox::cache

#endif  // MIMOBOX_CACHE_KEY_H_
