#ifndef MIMOBOX_CLI_RESULT_JSON_H_
#define MIMOBOX_CLI_RESULT_JSON_H_

#include <string>
#include <string_view>

#include "mimobox/error.h"
#include "mimobox/result.h"

// What --json prints, one object in one line of printable ASCII (docs/json.md has the names and
// units).

namespace mimobox::cli {

/// A run; `signal` is the number of the signal to us that ended it, else 0.
[[nodiscard]] std::string result_json(RunResult result, int exit_status, int signal);

/// What kept a run from beginning. `code` is an error_code_name(), "usage" or "cancelled".
[[nodiscard]] std::string error_json(std::string_view code, std::string_view message, int os_errno,
                                     int exit_status);

[[nodiscard]] std::string error_json(const SandboxError& error, int exit_status);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_RESULT_JSON_H_
