#include "sandbox/policy_hint.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

namespace mimobox::internal {
namespace {

/// The first line of `text`, which goes out of it.
std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

std::string_view without_ends(std::string_view text, std::string_view ends) {
  const std::size_t first = text.find_first_not_of(ends);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(ends) - first + 1);
}

/// "limits.memory" of the line `memory = ...` below `[limits]`.
std::string key_on_line(std::string_view text, std::size_t line) {
  constexpr std::string_view kBlanks = " \t\r";
  std::string_view section;
  for (; line > 1; --line) {
    const std::string_view before = without_ends(take_line(text), kBlanks);
    if (before.starts_with('[')) section = without_ends(before, "[]");
  }
  const std::string_view here = take_line(text);
  const std::string_view key = without_ends(here.substr(0, here.find('=')), kBlanks);
  return section.empty() ? std::string(key) : fmt::format("{}.{}", section, key);
}

template <class Rows>
const auto* find_row(const Rows& rows, std::string_view key) {
  const auto found =
      std::ranges::find_if(rows, [&](const auto& row) { return row.policy_key == key; });
  return found == rows.end() ? nullptr : &*found;
}

template <class Owner>
std::optional<KeyHint> hint_of(std::span<const Setting<Owner>> settings, std::string_view key) {
  const Setting<Owner>* const row = find_row(settings, key);
  if (row == nullptr) return std::nullopt;
  return KeyHint{std::string(key),
                 fmt::format("it takes {}; allowed: {}", value_example(row->unit), row->allowed())};
}

template <class Owner>
std::optional<KeyHint> hint_of(std::span<const Choice<Owner>> choices, std::string_view key) {
  const Choice<Owner>* const row = find_row(choices, key);
  if (row == nullptr) return std::nullopt;
  return KeyHint{std::string(key),
                 fmt::format("it takes a word in a string; allowed: {}", row->allowed())};
}

}  // namespace

std::string_view value_example(Unit unit) {
  switch (unit) {
    case Unit::kBytes:
      return "a number of bytes, as in 65536 or \"64M\"";
    case Unit::kNanoseconds:
      return "a time with its unit in a string, as in \"500ms\" or \"2s\"";
    case Unit::kCount:
      return "a whole number";
    case Unit::kTimestamp:
      return "a time in UTC, as in 2000-01-01T00:00:00Z";
  }
  return "";
}

std::optional<KeyHint> find_key_hint(std::string_view text, std::size_t line) {
  const std::string key = key_on_line(text, line);
  if (auto hint = hint_of(limit_settings(), key)) return hint;
  if (auto hint = hint_of(sandbox_choices(), key)) return hint;
  if (auto hint = hint_of(runtime_settings(), key)) return hint;
  if (auto hint = hint_of(runtime_choices(), key)) return hint;
  if (auto hint = hint_of(determinism_settings(), key)) return hint;
  return hint_of(scratch_settings(), key);
}

}  // namespace mimobox::internal
