#ifndef MIMOBOX_SANDBOX_HELPER_PROTOCOL_H_
#define MIMOBOX_SANDBOX_HELPER_PROTOCOL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "mimobox/error.h"

#include "base/sha256.h"
#include "engine/engine_key.h"

// What the library and its compile helper say to each other: the request in the helper's standard
// input, the reply in its standard output, both files in memory. A header of fixed size each, and
// the bytes behind it to the file's end. What comes from a helper was made by a process that read a
// hostile module: every field is checked.

namespace mimobox::internal {

enum class HelperTask : std::uint32_t {
  kCompile = 1,  ///< a binary module to an artifact
  kConvert = 2,  ///< a module in the text format to binary
};

struct HelperRequest {
  HelperTask task = HelperTask::kCompile;
  engine::CodeKey code = {};
  std::uint64_t memory_bytes = 0;
  std::uint64_t cpu_seconds = 0;
  std::uint64_t reply_bytes = 0;  ///< the largest reply
  std::uint32_t parent = 0;       ///< process number

  friend bool operator==(const HelperRequest&, const HelperRequest&) = default;
};

struct HelperReply {
  std::optional<ErrorCode> error = {};  ///< the bytes are its message then
  base::Sha256 settings{};              ///< digest of `engine::Engine::settings()`

  friend bool operator==(const HelperReply&, const HelperReply&) = default;
};

inline constexpr std::size_t kHelperHeaderBytes = 64;

[[nodiscard]] std::vector<std::byte> encode(const HelperRequest& request);
[[nodiscard]] std::vector<std::byte> encode(const HelperReply& reply);
/// nullopt when it is no such header, or one of another version.
[[nodiscard]] std::optional<HelperRequest> decode_request(std::span<const std::byte> header);
[[nodiscard]] std::optional<HelperReply> decode_reply(std::span<const std::byte> header);

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_HELPER_PROTOCOL_H_
