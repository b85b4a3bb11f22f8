#ifndef MIMOBOX_CLI_RUN_H_
#define MIMOBOX_CLI_RUN_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mimobox/config.h"

namespace mimobox::cli {

/// What `run` was asked for, parsed.
struct RunOptions {
  Limits limits;
  std::chrono::nanoseconds compile_timeout = RuntimeConfig{}.compile_timeout;
  std::vector<std::pair<std::string, std::string>> env;
  std::string module;
  std::vector<std::string> args;
  bool verbose = false;
};

/// Runs the module with this process's standard streams; returns the command's exit status after
/// one line on stderr that says why, where it is not the guest's own.
[[nodiscard]] int run(const RunOptions& options);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_RUN_H_
