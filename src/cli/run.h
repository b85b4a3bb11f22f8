#ifndef MIMOBOX_CLI_RUN_H_
#define MIMOBOX_CLI_RUN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mimobox/config.h"

namespace mimobox::cli {

/// What `run` was asked for, parsed.
struct RunOptions {
  RuntimeConfig runtime = {};
  SandboxConfig sandbox = {};
  /// Where --stdout-limit and --stderr-limit were given: bounds of streams that are not captured.
  std::optional<std::uint64_t> stdout_limit = {};
  std::optional<std::uint64_t> stderr_limit = {};
  /// Where the contents of the one scratch go at the end.
  std::optional<std::string> scratch_out = {};
  bool trace = false;                          ///< each WASI call as a line on stderr
  std::string module;                          ///< a path, or "-" for standard input
  std::vector<std::string> args = {};          ///< behind argv[0]
  std::string program_name = {};               ///< empty: the module's name
  std::optional<std::string> stdin_file = {};  ///< instead of our standard input
  bool allow_precompiled = false;              ///< `module` may be native code (.cwasm)
  /// Whether there is a stdout; else what the guest writes there goes nowhere.
  bool has_stdout = true;
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  bool stats = false;  ///< what the run cost, as lines on stderr
};

/// Runs the module and returns the command's exit status, after one line on stderr that says why,
/// where it is not the guest's own. The guest has this process's standard streams; with `json`
/// its output is captured and shown in one JSON object on stdout.
[[nodiscard]] int run(const RunOptions& options);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_RUN_H_
