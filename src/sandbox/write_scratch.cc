#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "mimobox/mount.h"

#include "base/interrupted.h"
#include "base/unique_fd.h"
#include "sandbox/no_memory.h"

namespace mimobox {
namespace {

using base::UniqueFd;

std::unexpected<SandboxError> failed(std::string_view path, int os_errno) {
  constexpr std::size_t kShownBytes = 200;  // a guest may have made it megabytes long
  return std::unexpected(
      SandboxError{ErrorCode::kMountFailed,
                   fmt::format("cannot write {}{}: {}", path.substr(0, kShownBytes),
                               path.size() > kShownBytes ? "..." : "", std::strerror(os_errno)),
                   os_errno});
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

/// The folder that an entry lies in, and its own name there. Opened one step at a time: a path may
/// be longer than the kernel takes, and no step may be a link.
struct Place {
  UniqueFd folder;
  std::string name;
};

Place find_place(int root, std::string_view path) {
  Place place{UniqueFd(::openat(root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC)), {}};
  while (place.folder.valid()) {
    const std::size_t slash = path.find('/');
    place.name = path.substr(0, slash);
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
    place.folder = UniqueFd(::openat(place.folder.get(), place.name.c_str(),
                                     O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  }
  return place;
}

bool write_file(const Place& place, const ScratchEntry& entry) {
  const UniqueFd file(base::again_if_interrupted([&] {
    return ::openat(place.folder.get(), place.name.c_str(),
                    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  }));
  if (!file.valid()) return false;
  for (const Extent& extent : entry.extents) {
    if (!write_at(file.get(), extent.data, extent.offset)) return false;
  }
  return ::ftruncate(file.get(), static_cast<off_t>(entry.size)) == 0;
}

bool write_entry(int root, const ScratchEntry& entry) {
  const Place place = find_place(root, entry.path);
  if (!place.folder.valid()) return false;
  const int folder = place.folder.get();
  switch (entry.kind) {
    case EntryKind::kDirectory:
      return ::mkdirat(folder, place.name.c_str(), 0777) == 0;
    case EntryKind::kFile:
      return write_file(place, entry);
    case EntryKind::kLink:
      return ::symlinkat(entry.target.c_str(), folder, place.name.c_str()) == 0;
    case EntryKind::kHardLink: {
      const Place file = find_place(root, entry.target);
      return file.folder.valid() &&
             ::linkat(file.folder.get(), file.name.c_str(), folder, place.name.c_str(), 0) == 0;
    }
  }
  return false;
}

/// Whether a symbolic link leads above the folder that is written, taken by its text alone.
bool leads_out(const ScratchEntry& link) {
  std::ptrdiff_t depth = 0;
  for (const char c : link.path)
    depth += c == '/' ? 1 : 0;
  std::string_view rest = link.target;
  if (rest.starts_with('/')) return true;
  while (!rest.empty()) {
    const std::string_view step = rest.substr(0, rest.find('/'));
    if (step == "..") {
      --depth;
    } else if (!step.empty() && step != ".") {
      // What a step leads to may be a link itself: only ".." at the beginning is counted on.
      return depth < 0 || rest.find("..") != std::string_view::npos;
    }
    if (depth < 0) return true;
    rest.remove_prefix(std::min(rest.size(), step.size() + 1));
  }
  return false;
}

/// 0 when there is nothing in the folder, else an errno.
int require_empty(int folder) {
  struct Close {
    void operator()(DIR* stream) const { ::closedir(stream); }
  };
  UniqueFd again(base::openat_again(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!again.valid()) return errno;
  const std::unique_ptr<DIR, Close> stream(::fdopendir(again.get()));
  if (!stream) return errno;
  static_cast<void>(again.release());  // the stream's now
  errno = 0;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string_view name(entry->d_name);
    if (name != "." && name != "..") return ENOTEMPTY;
  }
  return errno;
}

Result<std::size_t> write_all(const ScratchOutput& scratch, int root, std::string_view name) {
  if (const int error = require_empty(root); error != 0) return failed(name, error);
  std::size_t left_out = 0;
  for (const bool links : {false, true}) {
    for (const ScratchEntry& entry : scratch.entries) {
      if ((entry.kind == EntryKind::kLink) != links) continue;
      if (links && leads_out(entry)) {
        ++left_out;
        continue;
      }
      if (!write_entry(root, entry)) return failed(entry.path, errno);
    }
  }
  return left_out;
}

}  // namespace

Result<ScratchDestination> ScratchDestination::open(const std::filesystem::path& folder) {
  return internal::or_no_memory([&]() -> Result<ScratchDestination> {
    const std::string& name = folder.native();
    if (::mkdir(name.c_str(), 0777) != 0 && errno != EEXIST) return failed(name, errno);
    UniqueFd fd(base::open_again(name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid()) return failed(name, errno);
    if (const int error = require_empty(fd.get()); error != 0) return failed(name, error);
    std::string kept = name;
    return ScratchDestination(fd.release(), std::move(kept));
  });
}

ScratchDestination::ScratchDestination(ScratchDestination&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), name_(std::move(other.name_)) {}

ScratchDestination& ScratchDestination::operator=(ScratchDestination&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(name_, other.name_);
  return *this;
}

ScratchDestination::~ScratchDestination() {
  static_cast<void>(UniqueFd(fd_));
}

Result<std::size_t> ScratchDestination::write(const ScratchOutput& scratch) const {
  return internal::or_no_memory([&] { return write_all(scratch, fd_, name_); });
}

Result<std::size_t> write_scratch(const ScratchOutput& scratch,
                                  const std::filesystem::path& folder) {
  const auto destination = ScratchDestination::open(folder);
  if (!destination) return std::unexpected(destination.error());
  return destination->write(scratch);
}

}  // namespace mimobox
