#include "base/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/interrupted.h"
#include "base/unique_fd.h"

namespace mimobox::base {
namespace {

constexpr std::size_t kPieceBytes = 1U << 20;

std::unexpected<ReadFileError> failed(ReadFileError::Step step, int os_errno) {
  return std::unexpected(ReadFileError{step, os_errno});
}

}  // namespace

std::expected<std::vector<std::byte>, ReadFileError> read_file(const std::string& path,
                                                               std::uint64_t max_bytes) {
  using Step = ReadFileError::Step;
  // A device may act on being opened: look first, and again at what was opened.
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return failed(Step::kOpen, errno);
  if (!S_ISREG(status.st_mode)) return failed(Step::kNotRegular, 0);
  const UniqueFd fd(again_if_interrupted(
      [&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); }));
  if (!fd.valid()) return failed(Step::kOpen, errno);
  if (::fstat(fd.get(), &status) != 0) return failed(Step::kRead, errno);
  if (!S_ISREG(status.st_mode)) return failed(Step::kNotRegular, 0);
  if (static_cast<std::uint64_t>(status.st_size) > max_bytes) return failed(Step::kTooLarge, 0);

  std::vector<std::byte> bytes;
  bytes.resize(static_cast<std::size_t>(status.st_size) + 1);  // one more: to meet the end at once
  std::size_t filled = 0;
  while (true) {
    if (filled == bytes.size()) bytes.resize(filled + kPieceBytes);
    const ssize_t got = again_if_interrupted(
        [&] { return ::read(fd.get(), bytes.data() + filled, bytes.size() - filled); });
    if (got < 0) return failed(Step::kRead, errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
    if (filled > max_bytes) return failed(Step::kTooLarge, 0);
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace mimobox::base
