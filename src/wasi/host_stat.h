#ifndef MIMOBOX_WASI_HOST_STAT_H_
#define MIMOBOX_WASI_HOST_STAT_H_

#include <sys/stat.h>

#include <array>
#include <cstdint>
#include <ctime>

#include "wasi/file_types.h"

namespace mimobox::wasi {

/// The type that preview 1 has for a host's mode; it has none for a FIFO (unknown), and of a socket
/// the mode does not tell the kind (stream).
[[nodiscard]] Filetype filetype_of_mode(mode_t mode);

/// What a guest learns of a host's file: the type, size, links and times that the host has, the
/// device of all host mounts (1), and `inode` in place of the host's number. No owner and no mode:
/// preview 1 has neither. Times before 1970 are 1970.
[[nodiscard]] Filestat to_filestat(const struct stat& status, std::uint64_t inode);

/// Access and modification time, as utimensat() takes them.
[[nodiscard]] std::array<timespec, 2> to_timespecs(const TimesChange& change);

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_HOST_STAT_H_
