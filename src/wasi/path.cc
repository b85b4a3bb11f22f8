#include "wasi/host.h"

// Functions on paths. A guest has no directory yet, so each answers for its descriptor alone: kBadf when
// it is not open, kNotdir when it is (all that is open are streams). Paths are not looked at.

namespace mimobox::wasi {

/// - kBadf: the descriptor is not open. kNotdir: it is no directory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#path_create_directory
Errno Host::path_create_directory(GuestMemory /*memory*/, std::uint32_t fd, std::uint32_t /*path*/, std::uint32_t /*path_len*/) {
  return not_for_streams(fd, Errno::kNotdir);
}

/// - kBadf: the descriptor is not open. kNotdir: it is no directory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#path_filestat_get
Errno Host::path_filestat_get(GuestMemory /*memory*/, std::uint32_t fd, std::uint32_t /*flags*/, std::uint32_t /*path*/, std::uint32_t /*path_len*/, std::uint32_t /*stat*/) {
  return not_for_streams(fd, Errno::kNotdir);
}

/// - kBadf: the descriptor is not open. kNotdir: it is no directory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#path_filestat_set_times
Errno Host::path_filestat_set_times(GuestMemory /*memory*/, std::uint32_t fd, std::uint32_t /*flags*/, std::uint32_t /*path*/, std::uint32_t /*path_len*/, std::uint64_t /*atim*/, std::uint64_t /*mtim*/, std::uint32_t /*fst_flags*/) {
  return not_for_streams(fd, Errno::kNotdir);
}

/// - kBadf: the descriptor is not open. kNotdir: it is no directory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#path_link
Errno Host::path_link(GuestMemory /*memory*/, std::uint32_t old_fd, std::uint32_t /*old_flags*/, std::uint32_t /*old_path*/, std::uint32_t /*old_path_len*/, std::uint32_t /*new_fd*/, std::uint32_t /*new_path*/, std::uint32_t /*new_path_len*/) {
  return not_for_streams(old_fd, Errno::kNotdir);
}

/// - kBadf: the descriptor is not open. kNotdir: it is no directory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#path_open
Errno Host::path_open(GuestMemory /*memory*/, std::uint32_t fd, std::uint32_t /*dirflags*/, std::uint32_t /*path*/, std::uint32_t /*path_len*/, std::uint32_t /*oflags*/, std::uint64_t /*rights_base*/, std::uint64_t /*rights_inheriting*/, std::uint32_t /*fdflags*/, std::uint32_t /*opened*/) {
  return not_for_streams(fd, Errno::kNotdir);
}

/// - kBadf: the descriptor is not open. kNotdir: it is no directory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#path_readlink
Errno Host::path_readlink(GuestMemory /*memory*/, std::uint32_t fd, std::uint32_t /*path*/, std::uint32_t /*path_len*/, std::uint32_t /*buf*/, std::uint32_t /*buf_len*/, std::uint32_t /*used*/) {
  return not_for_streams(fd, Errno::kNotdir);
}

/// - kBadf: the descriptor is not open. kNotdir: it is no directory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#path_remove_directory
Errno Host::path_remove_directory(GuestMemory /*memory*/, std::uint32_t fd, std::uint32_t /*path*/, std::uint32_t /*path_len*/) {
  return not_for_streams(fd, Errno::kNotdir);
}

/// - kBadf: the descriptor is not open. kNotdir: it is no directory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#path_rename
Errno Host::path_rename(GuestMemory /*memory*/, std::uint32_t fd, std::uint32_t /*old_path*/, std::uint32_t /*old_path_len*/, std::uint32_t /*new_fd*/, std::uint32_t /*new_path*/, std::uint32_t /*new_path_len*/) {
  return not_for_streams(fd, Errno::kNotdir);
}

/// - kBadf: the descriptor is not open. kNotdir: it is no directory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#path_symlink
Errno Host::path_symlink(GuestMemory /*memory*/, std::uint32_t /*old_path*/, std::uint32_t /*old_path_len*/, std::uint32_t fd, std::uint32_t /*new_path*/, std::uint32_t /*new_path_len*/) {
  return not_for_streams(fd, Errno::kNotdir);
}

/// - kBadf: the descriptor is not open. kNotdir: it is no directory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#path_unlink_file
Errno Host::path_unlink_file(GuestMemory /*memory*/, std::uint32_t fd, std::uint32_t /*path*/, std::uint32_t /*path_len*/) {
  return not_for_streams(fd, Errno::kNotdir);
}

}  // namespace mimobox::wasi
