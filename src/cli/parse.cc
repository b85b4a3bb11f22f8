#include "cli/parse.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <memory>
#include <optional>
#include <ratio>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "cli/escape.h"

namespace mimobox::cli {
namespace {

struct NamedFactor {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array kDurationUnits = {
    NamedFactor{"ns", 1},
    NamedFactor{"us", 1'000},
    NamedFactor{"ms", 1'000'000},
    NamedFactor{"s", 1'000'000'000},
    NamedFactor{"m", 60'000'000'000},
    NamedFactor{"h", 3'600'000'000'000},
};

constexpr std::array kByteUnits = {
    NamedFactor{"", 1},           NamedFactor{"K", 1ULL << 10},
    NamedFactor{"k", 1ULL << 10}, NamedFactor{"KiB", 1ULL << 10},
    NamedFactor{"M", 1ULL << 20}, NamedFactor{"MiB", 1ULL << 20},
    NamedFactor{"G", 1ULL << 30}, NamedFactor{"GiB", 1ULL << 30},
};

template <std::size_t kSize>
std::optional<std::uint64_t> factor_of(const std::array<NamedFactor, kSize>& units,
                                       std::string_view name) {
  for (const NamedFactor& unit : units) {
    if (unit.name == name) return unit.factor;
  }
  return std::nullopt;
}

// A decimal number split where its digits end: "1.5s" is 1, "5" and "s".
struct Number {
  std::uint64_t whole = 0;
  std::string_view fraction;
  std::string_view unit;
};

std::optional<Number> split_number(std::string_view text) {
  Number number;
  const char* const end = std::to_address(text.end());
  const auto [rest, error] = std::from_chars(std::to_address(text.begin()), end, number.whole);
  if (error != std::errc{}) return std::nullopt;
  number.unit = std::string_view(rest, static_cast<std::size_t>(end - rest));
  if (!number.unit.starts_with('.')) return number;
  number.unit.remove_prefix(1);
  std::size_t digits = number.unit.find_first_not_of("0123456789");
  if (digits == std::string_view::npos) digits = number.unit.size();
  if (digits == 0) return std::nullopt;
  number.fraction = number.unit.substr(0, digits);
  number.unit.remove_prefix(digits);
  return number;
}

// whole * factor plus the fraction's share; nullopt when it does not fit.
std::optional<std::uint64_t> scale(const Number& number, std::uint64_t factor, std::uint64_t max) {
  if (number.whole > max / factor) return std::nullopt;
  std::uint64_t total = number.whole * factor;
  std::uint64_t place = factor;
  for (const char digit : number.fraction) {
    place /= 10;
    const std::uint64_t part = place * static_cast<std::uint64_t>(digit - '0');
    if (part > max - total) return std::nullopt;
    total += part;
  }
  return total;
}

// std::expected::transform, which gcc 12 does not have.
template <class From, class Change>
auto transformed(const std::expected<From, std::string>& value, const Change& change)
    -> std::expected<decltype(change(*value)), std::string> {
  if (!value) return std::unexpected(value.error());
  return change(*value);
}

}  // namespace

std::expected<std::chrono::nanoseconds, std::string> parse_duration(std::string_view text) {
  const std::string shown = escape_for_terminal(text);
  const std::optional<Number> number = split_number(text);
  if (!number) {
    return std::unexpected(
        fmt::format("'{}' is not a duration; write a number and a unit, as in 500ms or 2s", shown));
  }
  if (number->unit.empty()) {
    return std::unexpected(
        fmt::format("'{}' has no unit; write {}s for seconds or {}ms", shown, shown, shown));
  }
  const auto factor = factor_of(kDurationUnits, number->unit);
  if (!factor) {
    return std::unexpected(
        fmt::format("'{}' has an unknown unit; known are ns, us, ms, s, m and h", shown));
  }
  constexpr auto kMax =
      static_cast<std::uint64_t>(std::numeric_limits<std::chrono::nanoseconds::rep>::max());
  const auto total = scale(*number, *factor, kMax);
  if (!total) return std::unexpected(fmt::format("'{}' is too long", shown));
  return std::chrono::nanoseconds{static_cast<std::chrono::nanoseconds::rep>(*total)};
}

std::expected<std::uint64_t, std::string> parse_bytes(std::string_view text) {
  const std::string shown = escape_for_terminal(text);
  const std::optional<Number> number = split_number(text);
  if (!number || !number->fraction.empty()) {
    return std::unexpected(fmt::format(
        "'{}' is not a number of bytes; write a whole number and K, M or G, as in 64M", shown));
  }
  const auto factor = factor_of(kByteUnits, number->unit);
  if (!factor) {
    return std::unexpected(
        fmt::format("'{}' has an unknown unit; known are K, M and G (powers of 1024)", shown));
  }
  const auto total = scale(*number, *factor, std::numeric_limits<std::uint64_t>::max());
  if (!total) return std::unexpected(fmt::format("'{}' is too large", shown));
  return *total;
}

std::expected<std::uint64_t, std::string> parse_count(std::string_view text) {
  const std::optional<Number> number = split_number(text);
  if (!number || !number->fraction.empty() || !number->unit.empty()) {
    return std::unexpected(
        fmt::format("'{}' is not a whole number that fits", escape_for_terminal(text)));
  }
  return number->whole;
}

std::expected<std::optional<std::uint64_t>, std::string> parse_setting(Unit unit, bool may_be_none,
                                                                       std::string_view text) {
  if (may_be_none && text == "none") return std::optional<std::uint64_t>{};
  const auto some = [](std::uint64_t value) { return std::optional{value}; };
  switch (unit) {
    case Unit::kBytes:
      return transformed(parse_bytes(text), some);
    case Unit::kNanoseconds:
      return transformed(parse_duration(text), [](std::chrono::nanoseconds value) {
        return std::optional{static_cast<std::uint64_t>(value.count())};
      });
    case Unit::kCount:
      return transformed(parse_count(text), some);
  }
  return std::unexpected("no such unit");
}

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
  return fmt::format("{:.2f} ms", milliseconds);
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
