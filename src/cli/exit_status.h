#ifndef MIMOBOX_CLI_EXIT_STATUS_H_
#define MIMOBOX_CLI_EXIT_STATUS_H_

#include <cstdint>

#include "mimobox/error.h"

namespace mimobox::cli {

// The command's own exit statuses; everything else is the guest's (README.md has the table).
inline constexpr int kStatusTimeLimit = 124;    ///< --timeout or --compile-timeout was over
inline constexpr int kStatusOwnFailure = 125;   ///< usage, settings, the host's resources
inline constexpr int kStatusCannotRun = 126;    ///< the file is there and is no program for us
inline constexpr int kStatusNotFound = 127;     ///< no such file
inline constexpr int kStatusTrap = 134;         ///< a trap or a stack overflow
inline constexpr int kStatusMemoryLimit = 137;  ///< --memory
inline constexpr int kStatusSignalBase = 128;   ///< plus the number of a signal to us

/// The status for a run that could not start.
[[nodiscard]] int status_of(ErrorCode code);

/// The status for a guest's own exit code: 0 to 255 pass, a larger one is 1 and never 0.
[[nodiscard]] int status_of_guest(std::uint32_t exit_code);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_EXIT_STATUS_H_
