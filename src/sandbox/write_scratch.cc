#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "mimobox/mount.h"

#include "base/unique_fd.h"

namespace mimobox {
namespace {

std::unexpected<SandboxError> failed(std::string_view path, int os_errno) {
  return std::unexpected(
      SandboxError{ErrorCode::kMountFailed,
                   fmt::format("cannot write {}: {}", path, std::strerror(os_errno)), os_errno});
}

bool write_at(int fd, std::string_view data, std::uint64_t offset) {
  while (!data.empty()) {
    const ssize_t written = ::pwrite(fd, data.data(), data.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    data.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return true;
}

/// Nothing is there yet, so there is no link to follow: O_EXCL sees to it that it stays so.
bool write_file(int folder, const ScratchEntry& entry) {
  const base::UniqueFd file(::openat(folder, entry.path.c_str(),
                                     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!file.valid()) return false;
  for (const Extent& extent : entry.extents) {
    if (!write_at(file.get(), extent.data, extent.offset)) return false;
  }
  return ::ftruncate(file.get(), static_cast<off_t>(entry.size)) == 0;
}

bool write_entry(int folder, const ScratchEntry& entry) {
  switch (entry.kind) {
    case EntryKind::kDirectory:
      return ::mkdirat(folder, entry.path.c_str(), 0777) == 0;
    case EntryKind::kFile:
      return write_file(folder, entry);
    case EntryKind::kLink:
      return ::symlinkat(entry.target.c_str(), folder, entry.path.c_str()) == 0;
  }
  return false;
}

}  // namespace

Result<void> write_scratch(const ScratchOutput& scratch, const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST) return failed(folder.native(), errno);
  std::error_code error;
  const bool empty = std::filesystem::is_empty(folder, error);
  if (error) return failed(folder.native(), error.value());
  if (!empty) return failed(folder.native(), ENOTEMPTY);
  const base::UniqueFd root(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) return failed(folder.native(), errno);
  for (const bool links : {false, true}) {
    for (const ScratchEntry& entry : scratch.entries) {
      if ((entry.kind == EntryKind::kLink) != links) continue;
      if (!write_entry(root.get(), entry)) return failed(entry.path, errno);
    }
  }
  return {};
}

}  // namespace mimobox
