#ifndef MIMOBOX_CLI_COMPILE_IN_CHILD_H_
#define MIMOBOX_CLI_COMPILE_IN_CHILD_H_

#include <string>

#include "mimobox/config.h"

namespace mimobox::cli {

/// Shows on a terminal that a module is being compiled: one line on stderr, which changes as time
/// goes on and is wiped away at the end. On anything but a terminal nothing.
class ProgressLine {
 public:
  /// `name` is escaped already.
  ProgressLine(std::string name, bool quiet);
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine();

  void show(const CompileProgress& progress);
  void wipe();

 private:
  const std::string name_;
  const bool wanted_;
  bool shown_ = false;
};

/// Makes a configuration compile in a child of this command, tell `line` of it, and print what the
/// library has to say about the cache (`quiet`: not even that). `line` outlives the runtime.
void compile_in_child(RuntimeConfig& config, ProgressLine& line, bool quiet);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_COMPILE_IN_CHILD_H_
