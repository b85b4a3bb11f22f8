#ifndef MIMOBOX_SETTINGS_H_
#define MIMOBOX_SETTINGS_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "mimobox/config.h"

namespace mimobox {

/// What a setting's number counts.
enum class Unit : std::uint8_t { kBytes, kNanoseconds, kCount };

/// One row of the table of limits: everything that checks, options, help and documentation need to
/// know about a field. The default is what a default-constructed `Owner` has.
template <class Owner>
struct Setting {
  using Member = std::variant<std::uint64_t Owner::*, std::optional<std::uint64_t> Owner::*,
                              std::chrono::nanoseconds Owner::*,
                              std::optional<std::chrono::nanoseconds> Owner::*>;

  std::string_view field;       ///< the member's name: "memory_bytes"
  std::string_view option;      ///< of `mimobox-wasm run`: "--memory"
  std::string_view policy_key;  ///< in a policy file: "limits.memory"
  Unit unit;
  Member member;
  std::uint64_t minimum;                     ///< in `unit`, allowed itself
  std::uint64_t maximum;                     ///< in `unit`, allowed itself
  std::span<const std::uint64_t> choices{};  ///< when not empty, only these values are allowed
  std::string_view help;                     ///< one line, without default and bounds

  /// Whether "none" is a value.
  [[nodiscard]] bool may_be_none() const { return member.index() % 2 == 1; }
  /// The field of `owner` in `unit`; nullopt means none.
  [[nodiscard]] std::optional<std::uint64_t> get(const Owner& owner) const;
  /// Sets the field, unchecked; nullopt is for those that may be none.
  void set(Owner& owner, std::optional<std::uint64_t> value) const;
  /// Checks a value: `kInvalidConfig` with the field's name, the value and what is allowed.
  [[nodiscard]] Result<void> check(std::optional<std::uint64_t> value) const;
  /// "64 KiB to 4 GiB", "above 0, at most 24 h, or none".
  [[nodiscard]] std::string allowed() const;
};

/// Every field of `Limits`, in its order.
[[nodiscard]] std::span<const Setting<Limits>> limit_settings();

/// The numbers of `RuntimeConfig`.
[[nodiscard]] std::span<const Setting<RuntimeConfig>> runtime_settings();

/// A number with its unit, exactly, as options take it: "512M", "500ms", "30s", "1024", "none".
[[nodiscard]] std::string format_setting(Unit unit, std::optional<std::uint64_t> value);

}  // namespace mimobox

#endif  // MIMOBOX_SETTINGS_H_
