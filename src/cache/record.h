#ifndef MIMOBOX_CACHE_RECORD_H_
#define MIMOBOX_CACHE_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string_view>
#include <vector>

#include "cache/seal.h"
#include "engine/code_range.h"

// What a file of compiled code looks like:
//
//   artifact   what the engine maps, so it begins with the file
//   ranges     where the bodies of the module's functions lie, 8 bytes each
//   trailer    kTrailerBytes: magic, version, key, digests, lengths; the seal of ranges and trailer
//
// All numbers are little-endian. Whoever reads one trusts no number in it before the seal fits, and
// after that only as far as its seal goes.

namespace mimobox::cache {

using engine::CodeRange;

/// What stands behind an artifact.
struct Record {
  Digest key{};     ///< `code_key()` of the engine that made the artifact
  Digest module{};  ///< SHA-256 of the module
  std::uint64_t module_bytes = 0;
  std::uint64_t artifact_bytes = 0;
  Digest artifact{};  ///< SHA-256 of the artifact
  /// Of the bodies of the module's functions, `in_order()`; none for code that looks at epochs.
  std::vector<CodeRange> ranges = {};

  friend bool operator==(const Record&, const Record&) = default;
};

inline constexpr std::size_t kTrailerBytes = 192;
/// No artifact is larger: the engine's own offsets are 32 bits wide.
inline constexpr std::uint64_t kMaxArtifactBytes = 1ULL << 32;

/// What is wrong with a record; static text for people.
using Damage = std::string_view;

/// Ranges and trailer, to be written behind the artifact.
[[nodiscard]] std::vector<std::byte> encode(const Record& record, const Seal& seal);

/// How many bytes ranges and trailer have together, from the trailer (the last bytes of a file of
/// `file_bytes`). Not sealed yet: it is only known to lie within the file.
[[nodiscard]] std::expected<std::size_t, Damage> tail_bytes(
    std::span<const std::byte, kTrailerBytes> trailer, std::uint64_t file_bytes);

/// Reads ranges and trailer, all `tail_bytes()` of a file of `file_bytes`.
[[nodiscard]] std::expected<Record, Damage> decode(std::span<const std::byte> tail,
                                                   std::uint64_t file_bytes, const Seal& seal);

}  // namespace mimobox::cache

#endif  // MIMOBOX_CACHE_RECORD_H_
