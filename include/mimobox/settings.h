#ifndef MIMOBOX_SETTINGS_H_
#define MIMOBOX_SETTINGS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "mimobox/config.h"

namespace mimobox {

/// What a setting's number counts.
enum class Unit : std::uint8_t {
  kBytes,
  kNanoseconds,  ///< a length of time
  kCount,
  kTimestamp,  ///< a moment, in nanoseconds since 1970
};

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

/// One row of the table of fields that are one of a few words.
template <class Owner>
struct Choice {
  std::string_view field;                   ///< the member's name: "on_stdout_limit"
  std::string_view option;                  ///< of `mimobox-wasm run`: "--on-stdout-limit"
  std::string_view policy_key;              ///< in a policy file: "on_stdout_limit"
  std::span<const std::string_view> words;  ///< by the numbers of the enumerators
  std::size_t (*get)(const Owner& owner);
  void (*set)(Owner& owner, std::size_t enumerator);
  std::string_view help;  ///< one line, without default and words

  /// The enumerator of a word; nullopt: there is none.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view word) const;
  /// Checks the field: `kInvalidConfig` with its name and what is allowed.
  [[nodiscard]] Result<void> check(const Owner& owner) const;
  /// "head, head-and-tail, end".
  [[nodiscard]] std::string allowed() const;
};

/// Every field of `Limits`, in its order.
[[nodiscard]] std::span<const Setting<Limits>> limit_settings();

/// The numbers of `RuntimeConfig`.
[[nodiscard]] std::span<const Setting<RuntimeConfig>> runtime_settings();

/// The choices of `SandboxConfig` and `RuntimeConfig`.
[[nodiscard]] std::span<const Choice<SandboxConfig>> sandbox_choices();
[[nodiscard]] std::span<const Choice<RuntimeConfig>> runtime_choices();

/// The numbers of one `Scratch`.
[[nodiscard]] std::span<const Setting<Scratch>> scratch_settings();

/// The fields of `Determinism`.
[[nodiscard]] std::span<const Setting<Determinism>> determinism_settings();

/// A value as options and policy files take it: a number of bytes, with K, M or G (or KiB, MiB,
/// GiB) for powers of 1024; a duration with its unit (ns, us, ms, s, m for minutes, h), a fraction
/// allowed ("1.5s"); a whole number; a moment in UTC ("2000-01-01T00:00:00Z"); "none", where it may
/// be, for nullopt. An error is a sentence that quotes `text` as it is.
[[nodiscard]] std::expected<std::optional<std::uint64_t>, std::string> parse_setting(
    Unit unit, bool may_be_none, std::string_view text);

/// A number with its unit, exactly, as `parse_setting` takes it: "512M", "500ms", "30s", "1024",
/// "2000-01-01T00:00:00Z", "none".
[[nodiscard]] std::string format_setting(Unit unit, std::optional<std::uint64_t> value);

}  // namespace mimobox

#endif  // MIMOBOX_SETTINGS_H_
