#ifndef MIMOBOX_BASE_SHA256_H_
#define MIMOBOX_BASE_SHA256_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace mimobox::base {

using Sha256 = std::array<std::byte, 32>;

/// SHA-256 (FIPS 180-4) of `bytes`, by libcrypto with the CPU's own instructions where it has them.
[[nodiscard]] Sha256 sha256(std::span<const std::byte> bytes);

/// SHA-256 of bytes that come in pieces.
class Sha256Stream {
 public:
  Sha256Stream() noexcept;
  void add(std::span<const std::byte> bytes) noexcept;
  /// The digest of all that was added; once.
  [[nodiscard]] Sha256 finish() noexcept;

 private:
  alignas(8) std::array<std::byte, 112> state_;  ///< libcrypto's SHA256_CTX
};

/// HMAC-SHA-256 (RFC 2104) of `bytes`.
[[nodiscard]] Sha256 hmac_sha256(std::span<const std::byte> key, std::span<const std::byte> bytes);

/// Whether two digests are the same, in a time that does not depend on where they differ.
[[nodiscard]] bool same_digest(const Sha256& a, const Sha256& b) noexcept;

/// The digest in lower-case hex, 64 characters.
[[nodiscard]] std::string to_hex(const Sha256& digest);

/// Whether `text` is made of such digits alone.
[[nodiscard]] bool is_hex(std::string_view text) noexcept;

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_SHA256_H_
