// The low-level interface: the EVP one, and with it libcrypto's HMAC, would link most of libcrypto
// into a static program.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/sha256.h"

#include <algorithm>
#include <new>
#include <string_view>

#include <openssl/sha.h>

namespace mimobox::base {
namespace {

constexpr std::size_t kBlockBytes = 64;

SHA256_CTX* context(std::array<std::byte, 112>& state) {
  return std::launder(reinterpret_cast<SHA256_CTX*>(state.data()));
}

}  // namespace

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): SHA256_Init fills it
Sha256Stream::Sha256Stream() noexcept {
  static_assert(sizeof(state_) == sizeof(SHA256_CTX) && alignof(SHA256_CTX) <= 8);
  SHA256_Init(::new (state_.data()) SHA256_CTX);
}

void Sha256Stream::add(std::span<const std::byte> bytes) noexcept {
  SHA256_Update(context(state_), bytes.data(), bytes.size());
}

Sha256 Sha256Stream::finish() noexcept {
  Sha256 digest;
  SHA256_Final(reinterpret_cast<unsigned char*>(digest.data()), context(state_));
  return digest;
}

Sha256 sha256(std::span<const std::byte> bytes) {
  Sha256Stream stream;
  stream.add(bytes);
  return stream.finish();
}

Sha256 hmac_sha256(std::span<const std::byte> key, std::span<const std::byte> bytes) {
  std::array<std::byte, kBlockBytes> block{};
  if (key.size() > block.size()) {
    const Sha256 shorter = sha256(key);
    std::ranges::copy(shorter, block.begin());
  } else {
    std::ranges::copy(key, block.begin());
  }
  const auto padded = [&block](std::byte pad) {
    std::array<std::byte, kBlockBytes> mixed{};
    std::ranges::transform(block, mixed.begin(), [pad](std::byte b) { return b ^ pad; });
    return mixed;
  };
  Sha256Stream inner;
  inner.add(padded(std::byte{0x36}));
  inner.add(bytes);
  Sha256Stream outer;
  outer.add(padded(std::byte{0x5c}));
  outer.add(inner.finish());
  return outer.finish();
}

bool same_digest(const Sha256& a, const Sha256& b) noexcept {
  std::byte different{0};
  for (std::size_t i = 0; i < a.size(); ++i)
    different |= a[i] ^ b[i];
  return different == std::byte{0};
}

std::string to_hex(const Sha256& digest) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(digest.size() * 2);
  for (const std::byte b : digest) {
    text.push_back(kDigits[std::to_integer<std::size_t>(b) >> 4U]);
    text.push_back(kDigits[std::to_integer<std::size_t>(b) & 0xFU]);
  }
  return text;
}

bool is_hex(std::string_view text) noexcept {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace mimobox::base
