#include "cli/read_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <expected>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "mimobox/config.h"
#include "mimobox/error.h"

namespace mimobox::cli {
namespace {

constexpr std::size_t kPieceBytes = 1U << 16;

std::unexpected<SandboxError> unreadable(std::string_view path, int os_errno) {
  const bool missing = os_errno == ENOENT || os_errno == ENOTDIR;
  return std::unexpected(
      SandboxError{missing ? ErrorCode::kModuleNotFound : ErrorCode::kModuleUnreadable,
                   missing ? fmt::format("there is no file {}", path)
                           : fmt::format("{} cannot be read: {}", path, std::strerror(os_errno)),
                   os_errno});
}

Result<std::string> read_all(int descriptor, std::string_view path) {
  std::string bytes;
  while (true) {
    const std::size_t filled = bytes.size();
    bytes.resize(filled + kPieceBytes);
    const ssize_t got = ::read(descriptor, bytes.data() + filled, kPieceBytes);
    const int os_errno = errno;
    bytes.resize(filled + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got == 0) return bytes;
    if (got < 0 && os_errno != EINTR) return unreadable(path, os_errno);
    if (bytes.size() > kMaxModuleBytes) {
      return std::unexpected(
          SandboxError{ErrorCode::kModuleTooLarge,
                       fmt::format("{} is larger than {} bytes, the most that is loaded", path,
                                   kMaxModuleBytes)});
    }
  }
}

}  // namespace

Result<std::string> read_input(const std::string& path) {
  if (path == "-") return read_all(STDIN_FILENO, "standard input");
  // A device may act on being opened: look first, and again at what was opened.
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return unreadable(path, errno);
  const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  const int descriptor = S_ISREG(status.st_mode) ? ::open(path.c_str(), flags) : -1;
  if (S_ISREG(status.st_mode) && descriptor < 0) return unreadable(path, errno);
  if (descriptor < 0 || ::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    if (descriptor >= 0) ::close(descriptor);
    return std::unexpected(
        SandboxError{ErrorCode::kModuleUnreadable, fmt::format("{} is not a regular file", path)});
  }
  auto bytes = read_all(descriptor, path);
  ::close(descriptor);
  return bytes;
}

}  // namespace mimobox::cli
