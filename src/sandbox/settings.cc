#include <algorithm>
#include <array>
#include <limits>
#include <type_traits>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sandbox/setting_rows.h"

namespace mimobox {
namespace {

using std::chrono::nanoseconds;

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

std::uint64_t to_number(std::uint64_t value) {
  return value;
}
/// Negative durations are out of every row's bounds, and this number is too.
constexpr std::uint64_t kNegative = std::numeric_limits<std::uint64_t>::max();
std::uint64_t to_number(nanoseconds value) {
  return value.count() < 0 ? kNegative : static_cast<std::uint64_t>(value.count());
}

template <class T>
T from_number(std::uint64_t value) {
  if constexpr (std::is_same_v<T, nanoseconds>) {
    return nanoseconds(static_cast<std::int64_t>(
        std::min<std::uint64_t>(value, std::numeric_limits<std::int64_t>::max())));
  } else {
    return value;
  }
}

}  // namespace

template <class Owner>
std::optional<std::uint64_t> Setting<Owner>::get(const Owner& owner) const {
  return std::visit(
      [&](auto field_of) -> std::optional<std::uint64_t> {
        const auto& value = owner.*field_of;
        if constexpr (IsOptional<std::remove_cvref_t<decltype(value)>>::value) {
          if (!value) return std::nullopt;
          return to_number(*value);
        } else {
          return to_number(value);
        }
      },
      member);
}

template <class Owner>
void Setting<Owner>::set(Owner& owner, std::optional<std::uint64_t> value) const {
  std::visit(
      [&](auto field_of) {
        using Field = std::remove_reference_t<decltype(owner.*field_of)>;
        if constexpr (IsOptional<Field>::value) {
          owner.*field_of =
              value ? Field(from_number<typename Field::value_type>(*value)) : Field();
        } else if (value) {
          owner.*field_of = from_number<Field>(*value);
        }
      },
      member);
}

template <class Owner>
Result<void> Setting<Owner>::check(std::optional<std::uint64_t> value) const {
  const bool fits =
      value ? *value >= minimum && *value <= maximum &&
                  (choices.empty() || std::ranges::find(choices, *value) != choices.end())
            : may_be_none();
  if (fits) return {};
  const bool time = unit == Unit::kNanoseconds || unit == Unit::kTimestamp;
  const bool negative = time && value == kNegative;
  return std::unexpected(
      SandboxError{ErrorCode::kInvalidConfig,
                   fmt::format("{} is {}; allowed: {}", field,
                               negative ? "negative" : format_setting(unit, value), allowed())});
}

template <class Owner>
std::string Setting<Owner>::allowed() const {
  std::string text;
  if (!choices.empty()) {
    std::vector<std::string> names;
    for (const std::uint64_t choice : choices)
      names.push_back(format_setting(unit, choice));
    text = fmt::format("{}", fmt::join(names, ", "));
  } else if (unit == Unit::kNanoseconds && minimum == 1) {
    text = fmt::format("above 0, at most {}", format_setting(unit, maximum));
  } else {
    text = fmt::format("{} to {}", format_setting(unit, minimum), format_setting(unit, maximum));
  }
  return may_be_none() ? text + ", or none" : text;
}

template <class Owner>
Result<void> Choice<Owner>::check(const Owner& owner) const {
  const std::size_t number = get(owner);
  if (number < words.size()) return {};
  return std::unexpected(SandboxError{
      ErrorCode::kInvalidConfig, fmt::format("{} is no value of its enumeration ({}); allowed: {}",
                                             field, number, allowed())});
}

template <class Owner>
std::optional<std::size_t> Choice<Owner>::find(std::string_view word) const {
  const auto found = std::ranges::find(words, word);
  if (found == words.end()) return std::nullopt;
  return static_cast<std::size_t>(found - words.begin());
}

template <class Owner>
std::string Choice<Owner>::allowed() const {
  return fmt::format("{}", fmt::join(words, ", "));
}

template struct Choice<SandboxConfig>;
template struct Choice<RuntimeConfig>;
template struct Setting<Limits>;
template struct Setting<RuntimeConfig>;
template struct Setting<Determinism>;
template struct Setting<Scratch>;

std::span<const Setting<Limits>> limit_settings() {
  return internal::kLimitSettings;
}

std::span<const Setting<RuntimeConfig>> runtime_settings() {
  return internal::kRuntimeSettings;
}

std::span<const Choice<SandboxConfig>> sandbox_choices() {
  return internal::kSandboxChoices;
}

std::span<const Choice<RuntimeConfig>> runtime_choices() {
  return internal::kRuntimeChoices;
}

std::span<const Setting<Scratch>> scratch_settings() {
  return internal::kScratchSettings;
}

std::span<const Setting<Determinism>> determinism_settings() {
  return internal::kDeterminismSettings;
}

}  // namespace mimobox
