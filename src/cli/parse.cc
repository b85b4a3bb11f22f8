#include "cli/parse.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <ratio>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "cli/escape.h"

namespace mimobox::cli {

std::expected<EnvText, std::string> parse_env(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (text.empty() || equals == 0) {
    return std::unexpected(
        fmt::format("'{}' has no name; write NAME=VALUE or NAME", escape_for_terminal(text)));
  }
  EnvText env{.name = std::string(text.substr(0, equals)), .value = {}};
  if (equals != std::string_view::npos) env.value = std::string(text.substr(equals + 1));
  return env;
}

std::string format_exactly(std::chrono::nanoseconds duration) {
  const auto count = duration.count();
  if (count % 1'000'000'000 == 0) return fmt::format("{} s", count / 1'000'000'000);
  if (count % 1'000'000 == 0) return fmt::format("{} ms", count / 1'000'000);
  if (count % 1'000 == 0) return fmt::format("{} us", count / 1'000);
  return fmt::format("{} ns", count);
}

std::string format_measured(std::chrono::nanoseconds duration) {
  const double milliseconds = std::chrono::duration<double, std::milli>(duration).count();
  if (milliseconds >= 10'000) return fmt::format("{:.1f} s", milliseconds / 1'000);
  if (milliseconds >= 100) return fmt::format("{:.0f} ms", milliseconds);
  if (milliseconds >= 10) return fmt::format("{:.1f} ms", milliseconds);
  if (milliseconds >= 0.1) return fmt::format("{:.2f} ms", milliseconds);
  return fmt::format("{:.1f} us", milliseconds * 1'000);
}

std::string format_bytes(std::uint64_t bytes) {
  constexpr std::array kNames = {"KiB", "MiB", "GiB"};
  if (bytes < 1024) return fmt::format("{} bytes", bytes);
  std::uint64_t unit = 1024;
  std::size_t name = 0;
  while (name + 1 < kNames.size() && bytes >= unit * 1024) {
    unit *= 1024;
    ++name;
  }
  if (bytes % unit == 0) return fmt::format("{} {}", bytes / unit, kNames.at(name));
  return fmt::format("{:.1f} {}", static_cast<double>(bytes) / static_cast<double>(unit),
                     kNames.at(name));
}

}  // namespace mimobox::cli
