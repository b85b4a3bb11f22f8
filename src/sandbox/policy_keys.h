#ifndef MIMOBOX_SANDBOX_POLICY_KEYS_H_
#define MIMOBOX_SANDBOX_POLICY_KEYS_H_

#include <string>
#include <string_view>
#include <vector>

namespace mimobox::internal {

// What stands in a policy beside the tables of settings (mimobox/settings.h).
inline constexpr std::string_view kDefaultEnvKey = "default_env";
inline constexpr std::string_view kEnvKey = "env";
inline constexpr std::string_view kMountsKey = "mounts";
inline constexpr std::string_view kScratchKey = "scratch";
inline constexpr std::string_view kDeterminismKey = "determinism";

// Of a mount; those of a scratch are in its table of settings, but for its name.
inline constexpr std::string_view kHostKey = "host";
inline constexpr std::string_view kGuestKey = "guest";
inline constexpr std::string_view kAccessKey = "access";
inline constexpr std::string_view kCrossDevicesKey = "cross_devices";
inline constexpr std::string_view kReadOnlyWord = "read-only";
inline constexpr std::string_view kReadWriteWord = "read-write";

/// The part of a key in front of its last dot ("limits"), and the one behind it ("memory").
[[nodiscard]] inline std::string_view section_of(std::string_view key) {
  const std::size_t dot = key.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : key.substr(0, dot);
}
[[nodiscard]] inline std::string_view leaf_of(std::string_view key) {
  return key.substr(key.rfind('.') + 1);
}

/// Whether a key of `text` has so many parts ("a.b.c...") that reading it would nest more deeply
/// than any policy does, and the line of the first such key. Readers of TOML recurse.
[[nodiscard]] std::size_t line_of_too_deep_key(std::string_view text);

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_POLICY_KEYS_H_
