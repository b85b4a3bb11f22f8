#ifndef MIMOBOX_WASI_HOST_OPEN_H_
#define MIMOBOX_WASI_HOST_OPEN_H_

#include <sys/types.h>

#include "base/unique_fd.h"
#include "wasi/file_types.h"
#include "wasi/host_access.h"
#include "wasi/host_file.h"

namespace mimobox::wasi {

/// Whether the host has to open a file for writing for these options.
[[nodiscard]] inline bool needs_writing(const OpenOptions& options) {
  return options.write || options.truncate;
}

/// The flags of open(2). Never waits and never makes a terminal the host's own (O_NONBLOCK,
/// O_NOCTTY). O_CREAT and O_EXCL are the caller's to add; O_TRUNC is never among them: a file is
/// cut when it is known to be one.
[[nodiscard]] int open_flags(const OpenOptions& options);

/// How the guest has a file that is opened with these options.
[[nodiscard]] HostFileMode file_mode(const OpenOptions& options, bool read_only_mount);

/// The guest's file from what was opened with these flags and is known to be a regular file; cut
/// when the options say so.
[[nodiscard]] Answer<HostFile> to_host_file(base::UniqueFd fd, const OpenOptions& options,
                                            bool read_only_mount, HostAccess& access);

/// The same from what was a regular file of `device` right before it was opened: it looks again
/// when it is first used.
[[nodiscard]] HostFile to_unproven_file(base::UniqueFd fd, const OpenOptions& options,
                                        bool read_only_mount, dev_t device, HostAccess& access);

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_HOST_OPEN_H_
