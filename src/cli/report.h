#ifndef MIMOBOX_CLI_REPORT_H_
#define MIMOBOX_CLI_REPORT_H_

#include <string>

#include "mimobox/error.h"
#include "mimobox/result.h"

#include "cli/run.h"

// The sentences on stderr, without "mimobox-wasm: " in front. What guests chose is escaped in them.

namespace mimobox::cli {

/// Why a run could not start.
[[nodiscard]] std::string why(const SandboxError& error);

/// Why a run ended as its status says; empty where the status is the guest's own. A trap's calls
/// follow, each "\n  at function (file:line)", 16 at most. `signal` as for `status_of()`.
[[nodiscard]] std::string why(const RunResult& result, const RunOptions& options, int signal);

/// What ended by a signal before it could be asked to stop.
[[nodiscard]] std::string why_signal(int signal);

/// For --verbose: how the run went and what it cost.
[[nodiscard]] std::string summary(const RunResult& result);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_REPORT_H_
