#ifndef MIMOBOX_CLI_GRANTS_H_
#define MIMOBOX_CLI_GRANTS_H_

#include <expected>
#include <string>
#include <string_view>

#include "mimobox/mount.h"

// What people type behind --dir, --ro-dir and --scratch. Errors are sentences without the option's
// name.

namespace mimobox::cli {

/// "HOST" or "HOST::GUEST"; without GUEST the guest's name is HOST as it is typed.
[[nodiscard]] std::expected<Mount, std::string> parse_mount(std::string_view text, Access access);

/// "GUEST" or "GUEST:SIZE", the size as `parse_setting` has it.
[[nodiscard]] std::expected<Scratch, std::string> parse_scratch(std::string_view text);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_GRANTS_H_
