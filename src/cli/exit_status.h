#ifndef MIMOBOX_CLI_EXIT_STATUS_H_
#define MIMOBOX_CLI_EXIT_STATUS_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "mimobox/error.h"
#include "mimobox/result.h"

namespace mimobox::cli {

// The command's own exit statuses; everything else is the guest's.
inline constexpr int kStatusOtherLimit = 123;   ///< a limit that is neither time nor memory
inline constexpr int kStatusTimeLimit = 124;    ///< --timeout or --compile-timeout was over
inline constexpr int kStatusOwnFailure = 125;   ///< usage, settings, the host's resources
inline constexpr int kStatusCannotRun = 126;    ///< the file is there and is no program for us
inline constexpr int kStatusNotFound = 127;     ///< no such file
inline constexpr int kStatusTrap = 134;         ///< a trap or a stack overflow
inline constexpr int kStatusMemoryLimit = 137;  ///< --memory
inline constexpr int kStatusSignalBase = 128;   ///< plus the number of a signal to us

/// One line of the table that help texts and documents show.
struct StatusMeaning {
  std::string_view status;   ///< "124", "128+n"
  std::string_view meaning;  ///< in a few words
};

/// The statuses above, in the order of their numbers.
[[nodiscard]] std::span<const StatusMeaning> own_statuses();

/// The status for a run that could not start.
[[nodiscard]] int status_of(ErrorCode code);

/// The status for a run; `signal` is the number of the signal to us that ended it, else 0.
[[nodiscard]] int status_of(const RunResult& result, int signal);

/// The status for a guest's own exit code: 0 to 255 pass, a larger one is 1 and never 0.
[[nodiscard]] int status_of_guest(std::uint32_t exit_code);

}  // namespace mimobox::cli

#endif  // MIMOBOX_CLI_EXIT_STATUS_H_
