#include "wasi/host_open.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <expected>
#include <utility>

#include "base/interrupted.h"

namespace mimobox::wasi {
namespace {

int access_flags(const OpenOptions& options) {
  if (!needs_writing(options)) return O_RDONLY;
  return options.read ? O_RDWR : O_WRONLY;
}

}  // namespace

HostFileMode file_mode(const OpenOptions& options, bool read_only_mount) {
  return {.readable = options.read || !needs_writing(options),
          .writable = needs_writing(options),
          .read_only_mount = read_only_mount,
          .unproven_on = std::nullopt,
          .flags = options.flags};
}

int open_flags(const OpenOptions& options) {
  int flags = access_flags(options) | O_NONBLOCK | O_NOCTTY;
  if (options.directory) flags |= O_DIRECTORY;
  if (!options.follow) flags |= O_NOFOLLOW;
  if (options.flags.dsync) flags |= O_DSYNC;
  if (options.flags.sync || options.flags.rsync) flags |= O_SYNC;
  return flags;
}

Answer<HostFile> to_host_file(base::UniqueFd fd, const OpenOptions& options, bool read_only_mount,
                              HostAccess& access) {
  if (options.truncate &&
      base::again_if_interrupted([&] { return ::ftruncate(fd.get(), 0); }) != 0) {
    return std::unexpected(from_host_errno(errno));
  }
  return HostFile(std::move(fd), file_mode(options, read_only_mount), access);
}

HostFile to_unproven_file(base::UniqueFd fd, const OpenOptions& options, bool read_only_mount,
                          dev_t device, HostAccess& access) {
  HostFileMode mode = file_mode(options, read_only_mount);
  mode.unproven_on = device;
  return HostFile(std::move(fd), mode, access);
}

}  // namespace mimobox::wasi
