#include "cli/standard_descriptors.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace mimobox::cli {

std::optional<StandardDescriptors> reserve_standard_descriptors() {
  StandardDescriptors found;
  for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number) {
    if (::fcntl(number, F_GETFD) >= 0 || errno != EBADF) continue;
    const bool is_stdout = number == STDOUT_FILENO;
    if (is_stdout) found.has_stdout = false;
    // The lowest free number is this one: those below are open by now.
    if (::open("/dev/null", is_stdout ? O_RDONLY : O_RDWR) != number) return std::nullopt;
  }
  return found;
}

}  // namespace mimobox::cli
