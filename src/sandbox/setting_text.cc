#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "mimobox/settings.h"

// How values of settings are written, in options, policy files and messages alike.

namespace mimobox {
namespace {

struct Step {
  std::uint64_t factor;
  std::string_view suffix;
};

constexpr std::array kByteSteps = {Step{(1ULL << 30U), "G"}, Step{(1ULL << 20U), "M"},
                                   Step{(1ULL << 10U), "K"}, Step{1, ""}};
constexpr std::array kTimeSteps = {
    Step{3'600'000'000'000, "h"}, Step{60'000'000'000, "m"}, Step{1'000'000'000, "s"},
    Step{1'000'000, "ms"},        Step{1'000, "us"},         Step{1, "ns"}};

std::string in_largest_step(std::uint64_t value, std::span<const Step> steps) {
  for (const Step& step : steps) {
    if (value != 0 && value % step.factor == 0) {
      return fmt::format("{}{}", value / step.factor, step.suffix);
    }
  }
  return fmt::format("{}{}", value, steps.back().suffix);
}

constexpr std::uint64_t kSecond = 1'000'000'000;

/// "2000-01-01T00:00:00Z", with as many digits behind the second as it takes.
std::string format_timestamp(std::uint64_t nanoseconds) {
  const std::chrono::sys_seconds second{std::chrono::seconds(nanoseconds / kSecond)};
  std::string fraction;
  if (const std::uint64_t rest = nanoseconds % kSecond; rest != 0) {
    fraction = fmt::format(".{:09}", rest);
    fraction.erase(fraction.find_last_not_of('0') + 1);
  }
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(second - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     fraction);
}

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

std::expected<std::chrono::nanoseconds, std::string> parse_duration(std::string_view text) {
  const std::optional<Number> number = split_number(text);
  if (!number) {
    return std::unexpected(
        fmt::format("'{}' is not a duration; write a number and a unit, as in 500ms or 2s", text));
  }
  if (number->unit.empty()) {
    return std::unexpected(
        fmt::format("'{}' has no unit; write {}s for seconds or {}ms", text, text, text));
  }
  const auto factor = factor_of(kDurationUnits, number->unit);
  if (!factor) {
    return std::unexpected(
        fmt::format("'{}' has an unknown unit; known are ns, us, ms, s, m and h", text));
  }
  constexpr auto kMax =
      static_cast<std::uint64_t>(std::numeric_limits<std::chrono::nanoseconds::rep>::max());
  const auto total = scale(*number, *factor, kMax);
  if (!total) return std::unexpected(fmt::format("'{}' is too long", text));
  return std::chrono::nanoseconds{static_cast<std::chrono::nanoseconds::rep>(*total)};
}

std::expected<std::uint64_t, std::string> parse_bytes(std::string_view text) {
  const std::optional<Number> number = split_number(text);
  if (!number || !number->fraction.empty()) {
    return std::unexpected(fmt::format(
        "'{}' is not a number of bytes; write a whole number and K, M or G, as in 64M", text));
  }
  const auto factor = factor_of(kByteUnits, number->unit);
  if (!factor) {
    return std::unexpected(
        fmt::format("'{}' has an unknown unit; known are K, M and G (powers of 1024)", text));
  }
  const auto total = scale(*number, *factor, std::numeric_limits<std::uint64_t>::max());
  if (!total) return std::unexpected(fmt::format("'{}' is too large", text));
  return *total;
}

std::expected<std::uint64_t, std::string> parse_count(std::string_view text) {
  const std::optional<Number> number = split_number(text);
  if (!number || !number->fraction.empty() || !number->unit.empty()) {
    return std::unexpected(fmt::format("'{}' is not a whole number that fits", text));
  }
  return number->whole;
}

/// Takes as many digits as `pattern` has, each '0' of it, and every other character as it is.
std::optional<std::array<unsigned, 6>> take_fields(std::string_view text,
                                                   std::string_view pattern) {
  std::array<unsigned, 6> fields{};
  std::size_t field = 0;
  if (text.size() != pattern.size()) return std::nullopt;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '0') {
      if (text[i] != pattern[i]) return std::nullopt;
      ++field;
    } else if (text[i] < '0' || text[i] > '9') {
      return std::nullopt;
    } else {
      fields.at(field) = fields.at(field) * 10 + static_cast<unsigned>(text[i] - '0');
    }
  }
  return fields;
}

std::expected<std::uint64_t, std::string> parse_timestamp(std::string_view text) {
  const auto bad = [&] {
    return std::unexpected(fmt::format(
        "'{}' is no time since 1970; write it in UTC, as in 2000-01-01T00:00:00Z", text));
  };
  constexpr std::string_view kPattern = "0000-00-00T00:00:00";
  if (!text.ends_with('Z') || text.size() < kPattern.size() + 1) return bad();
  const auto fields = take_fields(text.substr(0, kPattern.size()), kPattern);
  if (!fields) return bad();
  const auto [year, month, day, hour, minute, second] = *fields;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(month), std::chrono::day(day)};
  // As the standard of these texts has it, but for leap seconds, which such clocks do not count.
  if (!date.ok() || year < 1970 || year > 2261 || hour > 23 || minute > 59 || second > 59) {
    return bad();
  }
  const std::chrono::sys_seconds whole = std::chrono::sys_days(date) + std::chrono::hours(hour) +
                                         std::chrono::minutes(minute) +
                                         std::chrono::seconds(second);
  // What is between the second and the Z reads as a duration.
  const std::string rest(text.substr(kPattern.size(), text.size() - kPattern.size() - 1));
  std::uint64_t fraction = 0;
  if (!rest.empty()) {
    const auto parsed = parse_duration("0" + rest + "s");
    if (!rest.starts_with('.') || rest.size() > 10 || !parsed) return bad();
    fraction = static_cast<std::uint64_t>(parsed->count());
  }
  return static_cast<std::uint64_t>(whole.time_since_epoch().count()) * kSecond + fraction;
}

}  // namespace

std::string format_setting(Unit unit, std::optional<std::uint64_t> value) {
  if (!value) return "none";
  switch (unit) {
    case Unit::kBytes:
      return in_largest_step(*value, kByteSteps);
    case Unit::kNanoseconds:
      return in_largest_step(*value, kTimeSteps);
    case Unit::kCount:
      return fmt::format("{}", *value);
    case Unit::kTimestamp:
      return format_timestamp(*value);
  }
  return {};
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
    case Unit::kTimestamp:
      return transformed(parse_timestamp(text), some);
  }
  return std::unexpected("no such unit");
}

}  // namespace mimobox
