#ifndef MIMOBOX_CLI_ESCAPE_H_
#define MIMOBOX_CLI_ESCAPE_H_

#include <string>
#include <string_view>

namespace mimobox::cli {

/// Text that a terminal shows as it is: printable ASCII stays, every other byte becomes \xNN, a
/// newline \n, a tab \t, a backslash \\. Function names, file names and arguments may hold control
/// sequences or text that changes its direction; what a message shows is one line and harmless.
[[nodiscard]] std::string escape_for_terminal(std::string_view text);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_ESCAPE_H_
