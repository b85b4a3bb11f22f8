#include "base/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/interrupted.h"

namespace mimobox::base {
namespace {

constexpr std::size_t kPieceBytes = 1U << 20;

std::unexpected<ReadFileError> failed(ReadFileError::Step step, int os_errno) {
  return std::unexpected(ReadFileError{step, os_errno});
}

}  // namespace

std::expected<OpenedFile, ReadFileError> open_regular_file(const std::string& path) {
  using Step = ReadFileError::Step;
  // A device may act on being opened: look first, and again at what was opened.
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return failed(Step::kOpen, errno);
  if (!S_ISREG(status.st_mode)) return failed(Step::kNotRegular, 0);
  UniqueFd fd(again_if_interrupted(
      [&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); }));
  if (!fd.valid()) return failed(Step::kOpen, errno);
  if (::fstat(fd.get(), &status) != 0) return failed(Step::kRead, errno);
  if (!S_ISREG(status.st_mode)) return failed(Step::kNotRegular, 0);
  return OpenedFile{std::move(fd), FileFingerprint::of(status)};
}

std::expected<FileContents, ReadFileError> read_contents(int fd, std::uint64_t max_bytes) {
  using Step = ReadFileError::Step;
  const std::int64_t begun = file_clock_ns();
  struct stat status{};
  if (::fstat(fd, &status) != 0) return failed(Step::kRead, errno);
  const FileFingerprint before = FileFingerprint::of(status);
  if (before.size > max_bytes) return failed(Step::kTooLarge, 0);

  FileContents contents;
  std::vector<std::byte>& bytes = contents.bytes;
  bytes.resize(static_cast<std::size_t>(before.size) + 1);  // one more: to meet the end at once
  std::size_t filled = 0;
  while (true) {
    if (filled == bytes.size()) bytes.resize(filled + kPieceBytes);
    const ssize_t got = again_if_interrupted([&] {
      return ::pread(fd, bytes.data() + filled, bytes.size() - filled, static_cast<off_t>(filled));
    });
    if (got < 0) return failed(Step::kRead, errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
    if (filled > max_bytes) return failed(Step::kTooLarge, 0);
  }
  bytes.resize(filled);
  if (::fstat(fd, &status) != 0) return failed(Step::kRead, errno);
  const FileFingerprint after = FileFingerprint::of(status);
  if (before == after && after.size == filled && after.settled(begun)) contents.fingerprint = after;
  return contents;
}

std::expected<std::vector<std::byte>, ReadFileError> read_file(const std::string& path,
                                                               std::uint64_t max_bytes) {
  const auto file = open_regular_file(path);
  if (!file) return std::unexpected(file.error());
  auto contents = read_contents(file->fd.get(), max_bytes);
  if (!contents) return std::unexpected(contents.error());
  return std::move(contents->bytes);
}

}  // namespace mimobox::base
