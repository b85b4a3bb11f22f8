#ifndef MIMOBOX_SANDBOX_POLICY_HINT_H_
#define MIMOBOX_SANDBOX_POLICY_HINT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "mimobox/settings.h"

namespace mimobox::internal {

/// How the value of a setting is written, for somebody who wrote something else.
[[nodiscard]] std::string_view value_example(Unit unit);

/// A key of the tables of settings, and what it takes.
struct KeyHint {
  std::string key;    ///< "limits.memory"
  std::string takes;  ///< "it takes ...; allowed: ..."
};

/// The key on a line (counted from 1) of a text that is not valid TOML, such as `memory = 64M`.
/// nullopt where none can be told. A guess for a message: strings of several lines are not seen.
[[nodiscard]] std::optional<KeyHint> find_key_hint(std::string_view text, std::size_t line);

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_POLICY_HINT_H_
