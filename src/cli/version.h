#ifndef MIMOBOX_CLI_VERSION_H_
#define MIMOBOX_CLI_VERSION_H_

namespace mimobox::cli {

/// Prints our version, the engine's and its features; returns the command's exit status.
[[nodiscard]] int version();

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_VERSION_H_
