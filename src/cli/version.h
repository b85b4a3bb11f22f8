#ifndef MIMOBOX_CLI_VERSION_H_
#define MIMOBOX_CLI_VERSION_H_

#include <string_view>

namespace mimobox::cli {

/// What `version --help` prints.
[[nodiscard]] std::string_view version_help();

/// Prints our version, the engine's and its features; returns the command's exit status.
[[nodiscard]] int version();

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_VERSION_H_
