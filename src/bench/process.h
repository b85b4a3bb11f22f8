#ifndef MIMOBOX_BENCH_PROCESS_H_
#define MIMOBOX_BENCH_PROCESS_H_

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "mimobox/error.h"

namespace mimobox::bench {

/// A program to start, with no more than this.
struct ProcessSpec {
  std::vector<std::string> argv;         ///< argv[0] is its path
  std::vector<std::string> environment;  ///< NAME=VALUE
  std::string input_path = "/dev/null";
  std::string output_path = "/dev/null";  ///< written from its start
  std::string error_path = "/dev/null";
};

struct ProcessEnd {
  std::chrono::nanoseconds time{};  ///< from before it was started until it had ended
  int status = 0;                   ///< exit status; 128 and the signal's number if one killed it
  bool killed = false;              ///< by us: `limit` was over, or a stop was requested
};

/// Starts the program and waits for its end. Signals are as a shell would hand them on: none
/// blocked. Error: `kResourceExhausted` when it cannot be started.
[[nodiscard]] Result<ProcessEnd> run_process(const ProcessSpec& spec,
                                             std::chrono::nanoseconds limit,
                                             const std::stop_token& stop);

}  // namespace mimobox::bench

#endif  // MIMOBOX_BENCH_PROCESS_H_
