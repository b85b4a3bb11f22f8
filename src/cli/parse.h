#ifndef MIMOBOX_CLI_PARSE_H_
#define MIMOBOX_CLI_PARSE_H_

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

// What people type behind options, and back. Errors are sentences without the option's name, which
// the caller puts in front.

namespace mimobox::cli {

/// What stands behind --env.
struct EnvText {
  std::string name;
  std::optional<std::string> value;  ///< nullopt: the one that this process has

  friend bool operator==(const EnvText&, const EnvText&) = default;
};

/// "NAME=value", whose value may be empty and may hold further '=', or "NAME".
[[nodiscard]] std::expected<EnvText, std::string> parse_env(std::string_view text);

/// The whole duration in its largest fitting unit ("500 ms", "90 s"), exactly.
[[nodiscard]] std::string format_exactly(std::chrono::nanoseconds duration);

/// A measured duration with three digits or so ("12.3 ms").
[[nodiscard]] std::string format_measured(std::chrono::nanoseconds duration);

/// Bytes in the largest fitting binary unit ("1.1 MiB", "64 KiB", "12 bytes").
[[nodiscard]] std::string format_bytes(std::uint64_t bytes);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_PARSE_H_
