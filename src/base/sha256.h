#ifndef MIMOBOX_BASE_SHA256_H_
#define MIMOBOX_BASE_SHA256_H_

#include <array>
#include <cstddef>
#include <span>
#include <string>

namespace mimobox::base {

using Sha256 = std::array<std::byte, 32>;

/// SHA-256 (FIPS 180-4) of `bytes`, by libcrypto with the CPU's own instructions where it has them.
[[nodiscard]] Sha256 sha256(std::span<const std::byte> bytes);

/// The digest in lower-case hex, 64 characters.
[[nodiscard]] std::string to_hex(const Sha256& digest);

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_SHA256_H_
