#ifndef MIMOBOX_CACHE_SEAL_H_
#define MIMOBOX_CACHE_SEAL_H_

#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "base/sha256.h"

namespace mimobox::cache {

using Digest = base::Sha256;

/// Closes records so that a change shows: by their digest, which finds damage, or under the key of
/// a fleet by a MAC, which finds forgery too.
class Seal {
 public:
  Seal() = default;
  /// An empty key is none.
  explicit Seal(std::string key) : key_(std::move(key)) {}

  [[nodiscard]] bool keyed() const { return !key_.empty(); }
  [[nodiscard]] Digest of(std::span<const std::byte> bytes) const {
    return keyed() ? base::hmac_sha256(std::as_bytes(std::span(key_)), bytes) : base::sha256(bytes);
  }
  [[nodiscard]] bool fits(std::span<const std::byte> bytes, const Digest& seal) const {
    return base::same_digest(of(bytes), seal);
  }

 private:
  std::string key_;
};

}  // namespace mimobox::cache

#endif  // MIMOBOX_CACHE_SEAL_H_
