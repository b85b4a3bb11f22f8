#ifndef MIMOBOX_CLI_STATS_H_
#define MIMOBOX_CLI_STATS_H_

#include <string>

#include "mimobox/result.h"

namespace mimobox::cli {

/// For --stats: what a run cost, as lines for a person, the last one without a newline. What is
/// zero or was not measured is left out.
[[nodiscard]] std::string stats_text(const RunResult& result);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_STATS_H_
