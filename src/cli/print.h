#ifndef MIMOBOX_CLI_PRINT_H_
#define MIMOBOX_CLI_PRINT_H_

#include <string_view>

namespace mimobox::cli {

/// Writes all of `text` to the descriptor, without a buffer of ours in between. Returns whether it
/// went out. A reader that went away is no SIGPIPE here: SIGPIPE stays as the process has it
/// otherwise, so that the library's own care is not hidden by ours.
bool print(int descriptor, std::string_view text);

/// Writes what a command was asked for to stdout, and gives its exit status: `status`, or that of
/// our own failure with a line on stderr that says why, when it did not all go out.
[[nodiscard]] int print_result(std::string_view text, int status);

/// One line "mimobox-wasm: <message>" on stderr. The message is escaped by who makes it.
void print_message(std::string_view message);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_PRINT_H_
