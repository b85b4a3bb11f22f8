#include "base/unique_fd.h"

#include <unistd.h>

#include <cerrno>

namespace mimobox::base {

void UniqueFd::close_now() {
  // close() frees the number even when it fails with EINTR on Linux: never again on the same
  // number.
  const int saved = errno;
  ::close(std::exchange(fd_, -1));
  errno = saved;
}

}  // namespace mimobox::base
