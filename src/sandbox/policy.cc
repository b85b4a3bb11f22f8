#include "mimobox/policy.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/read_file.h"
#include "sandbox/no_memory.h"
#include "sandbox/policy_keys.h"
#include "sandbox/policy_reader.h"

namespace mimobox {
namespace {

SandboxError unreadable(const std::string& path, const base::ReadFileError& error) {
  using Step = base::ReadFileError::Step;
  std::string why;
  switch (error.step) {
    case Step::kOpen:
    case Step::kRead:
      why = std::strerror(error.os_errno);
      break;
    case Step::kNotRegular:
      why = "it is not a regular file";
      break;
    case Step::kTooLarge:
      why = fmt::format("it is larger than {} bytes, the most that is read", kMaxPolicyBytes);
      break;
  }
  return {ErrorCode::kInvalidConfig, fmt::format("cannot read the policy {}: {}", path, why),
          error.os_errno};
}

Result<Policy> parse(std::string_view text, std::string_view name) {
  const auto bad = [&](std::size_t line, std::string_view why) {
    return std::unexpected(
        SandboxError{ErrorCode::kInvalidConfig, fmt::format("{}:{}:1: {}", name, line, why)});
  };
  if (text.size() > kMaxPolicyBytes) {
    return bad(1, fmt::format("a policy has at most {} bytes", kMaxPolicyBytes));
  }
  if (const std::size_t line = internal::line_of_too_deep_key(text); line != 0) {
    return bad(line, "a key has far more parts than any has");
  }
  Policy policy;
  if (auto done = internal::read_policy(text, name, policy); !done) {
    return std::unexpected(std::move(done).error());
  }
  // Each value was checked where it stands; this says that none was forgotten.
  if (auto valid = policy.sandbox.validate(); !valid) return bad(1, valid.error().message);
  if (auto valid = policy.runtime.validate(); !valid) return bad(1, valid.error().message);
  return policy;
}

}  // namespace

Result<Policy> parse_policy(std::string_view text, std::string_view name) {
  return internal::or_no_memory([&] { return parse(text, name); });
}

Result<Policy> load_policy(const std::filesystem::path& path) {
  return internal::or_no_memory([&]() -> Result<Policy> {
    const auto bytes = base::read_file(path.native(), kMaxPolicyBytes);
    if (!bytes) return std::unexpected(unreadable(path.native(), bytes.error()));
    return parse({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, path.native());
  });
}

}  // namespace mimobox
