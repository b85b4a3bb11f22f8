// The low-level interface: the EVP one would link most of libcrypto into a static program.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/sha256.h"

#include <string_view>

#include <openssl/sha.h>

namespace mimobox::base {

Sha256 sha256(std::span<const std::byte> bytes) {
  Sha256 digest;
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, bytes.data(), bytes.size());
  SHA256_Final(reinterpret_cast<unsigned char*>(digest.data()), &context);
  return digest;
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

}  // namespace mimobox::base
