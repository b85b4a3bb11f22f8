#include "base/write_file.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>

namespace mimobox::base {
namespace {

/// SIGXFSZ would end the process.
bool above_file_size_limit(int fd, std::size_t more) noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return false;
  const off_t at = ::lseek(fd, 0, SEEK_CUR);
  const auto begin = static_cast<rlim_t>(at < 0 ? 0 : at);
  return begin > limit.rlim_cur || more > limit.rlim_cur - begin;
}

}  // namespace

int write_all(int fd, std::span<const std::byte> bytes) noexcept {
  if (above_file_size_limit(fd, bytes.size())) return EFBIG;
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return 0;
}

bool read_exactly(int fd, std::span<std::byte> bytes, std::size_t offset) noexcept {
  while (!bytes.empty()) {
    const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace mimobox::base
