#include <cstddef>

#include "wasi/dispatch.h"
#include "wasi/guest_values.h"
#include "wasi/host.h"
#include "wasi/path_text.h"

// Names: making, removing, moving and reading them. None of these functions follows a link at the
// end of a path. path_open.cc lists the errors that every path may give.

namespace mimobox::wasi {

/// Makes a directory.
///
/// - kBadf: the descriptor is not open. kNotdir: it is no directory.
/// - kNotcapable: without the right path_create_directory.
/// - kExist: something is there. kDquot: as many files were made as the limit allows.
/// - kPerm: a read-only mount. kFault: the path is not in the memory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#path_create_directory
Errno Host::path_create_directory(GuestMemory memory, std::uint32_t fd, std::uint32_t path,
                                  std::uint32_t path_len) {
  return on_directory(find(fd), kRightPathCreateDirectory, [&](auto& directory) -> Errno {
    PathText text;
    if (const Errno bad = text.read(memory, path, path_len); bad != Errno::kSuccess) return bad;
    return directory.create_directory(text.view());
  });
}

/// Makes a hard link at the new path to what is at the old one; a symbolic link is linked itself.
///
/// - kBadf: a descriptor is not open. kNotdir: it is no directory. kXdev: two kinds of mounts.
/// - kNotcapable: without the rights path_link_source on the old and path_link_target on the new
/// directory.
/// - kInval: any lookup flag: to follow a link here would lead out of the directory.
/// - kExist: something is at the new path. kNoent: nothing is at the old one, or a slash ends the
/// new one.
/// - kPerm: a directory, or one of the two mounts is read-only. kDquot: the limit on files made.
/// - kFault: a path is not in the memory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#path_link
Errno Host::path_link(GuestMemory memory, std::uint32_t old_fd, std::uint32_t old_flags,
                      std::uint32_t old_path, std::uint32_t old_path_len, std::uint32_t new_fd,
                      std::uint32_t new_path, std::uint32_t new_path_len) {
  return on_two_directories(
      find(old_fd), kRightPathLinkSource, find(new_fd), kRightPathLinkTarget,
      [&]<class Directory>(Directory& old_directory, Directory& new_directory) -> Errno {
        if (old_flags != 0) return Errno::kInval;
        PathText old_text;
        PathText new_text;
        if (const Errno bad = old_text.read(memory, old_path, old_path_len);
            bad != Errno::kSuccess) {
          return bad;
        }
        if (const Errno bad = new_text.read(memory, new_path, new_path_len);
            bad != Errno::kSuccess) {
          return bad;
        }
        return Directory::link(old_directory, old_text.view(), new_directory, new_text.view());
      });
}

/// Writes the target of a symbolic link at `buf`, cut to `buf_len`, and how many bytes that are
/// (u32 at `used`).
///
/// - kBadf: the descriptor is not open. kNotdir: it is no directory.
/// - kNotcapable: without the right path_readlink.
/// - kInval: it is no link. kPerm: its target is an absolute path of the host. kIlseq: it is not
/// UTF-8.
/// - kFault: the path, the buffer or `used` is not in the memory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#path_readlink
Errno Host::path_readlink(GuestMemory memory, std::uint32_t fd, std::uint32_t path,
                          std::uint32_t path_len, std::uint32_t buf, std::uint32_t buf_len,
                          std::uint32_t used) {
  return on_directory(find(fd), kRightPathReadlink, [&](auto& directory) -> Errno {
    const auto buffer = memory.range(buf, buf_len);
    if (!buffer || !memory.range(used, sizeof(std::uint32_t))) return Errno::kFault;
    PathText text;
    if (const Errno bad = text.read(memory, path, path_len); bad != Errno::kSuccess) return bad;
    const Answer<std::size_t> read = directory.readlink(text.view(), *buffer);
    if (!read) return read.error();
    return memory.write(used, static_cast<std::uint32_t>(*read)) ? Errno::kSuccess : Errno::kFault;
  });
}

/// Removes an empty directory.
///
/// - kBadf: the descriptor is not open. kNotdir: it or what is at the path is no directory.
/// - kNotcapable: without the right path_remove_directory.
/// - kNotempty: something is in it, or the path ends in "..". kInval: the path ends in ".".
/// - kPerm: a read-only mount. kFault: the path is not in the memory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#path_remove_directory
Errno Host::path_remove_directory(GuestMemory memory, std::uint32_t fd, std::uint32_t path,
                                  std::uint32_t path_len) {
  return on_directory(find(fd), kRightPathRemoveDirectory, [&](auto& directory) -> Errno {
    PathText text;
    if (const Errno bad = text.read(memory, path, path_len); bad != Errno::kSuccess) return bad;
    return directory.remove_directory(text.view());
  });
}

/// Moves a name, replacing what is at the new path if that is of its kind and, for directories,
/// empty.
///
/// - kBadf: a descriptor is not open. kNotdir: it is no directory; a directory onto a file, or a
/// slash
///   behind a name that is none. kXdev: two kinds of mounts, or two file systems.
/// - kNotcapable: without the rights path_rename_source on the old and path_rename_target on the
/// new
///   directory.
/// - kIsdir: a file onto a directory. kNotempty: onto a directory with something in it.
/// - kInval: a directory into itself. kBusy: a path ends in "." or "..".
/// - kPerm: one of the two mounts is read-only. kFault: a path is not in the memory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#path_rename
Errno Host::path_rename(GuestMemory memory, std::uint32_t fd, std::uint32_t old_path,
                        std::uint32_t old_path_len, std::uint32_t new_fd, std::uint32_t new_path,
                        std::uint32_t new_path_len) {
  return on_two_directories(
      find(fd), kRightPathRenameSource, find(new_fd), kRightPathRenameTarget,
      [&]<class Directory>(Directory& old_directory, Directory& new_directory) -> Errno {
        PathText old_text;
        PathText new_text;
        if (const Errno bad = old_text.read(memory, old_path, old_path_len);
            bad != Errno::kSuccess) {
          return bad;
        }
        if (const Errno bad = new_text.read(memory, new_path, new_path_len);
            bad != Errno::kSuccess) {
          return bad;
        }
        return Directory::rename(old_directory, old_text.view(), new_directory, new_text.view());
      });
}

/// Makes a symbolic link at the new path, whose target is the old one, whatever that leads to:
/// following it later stays in the directory.
///
/// - kBadf: the descriptor is not open. kNotdir: it is no directory.
/// - kNotcapable: without the right path_symlink.
/// - kExist: something is at the new path. kNoent: an empty target, or a slash behind a new name.
/// - kPerm: the target is an absolute path (as wasmtime answers), or a read-only mount.
/// - kDquot: as many files were made as the limit allows. kFault: a path is not in the memory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#path_symlink
Errno Host::path_symlink(GuestMemory memory, std::uint32_t old_path, std::uint32_t old_path_len,
                         std::uint32_t fd, std::uint32_t new_path, std::uint32_t new_path_len) {
  return on_directory(find(fd), kRightPathSymlink, [&](auto& directory) -> Errno {
    PathText target;
    PathText text;
    if (const Errno bad = target.read(memory, old_path, old_path_len); bad != Errno::kSuccess) {
      return bad;
    }
    if (const Errno bad = text.read(memory, new_path, new_path_len); bad != Errno::kSuccess) {
      return bad;
    }
    return directory.symlink(target.view(), text.view());
  });
}

/// Removes a name that is no directory's.
///
/// - kBadf: the descriptor is not open. kNotdir: it is no directory, or a slash is behind a file's
/// name.
/// - kNotcapable: without the right path_unlink_file.
/// - kIsdir: a directory. kPerm: a read-only mount. kFault: the path is not in the memory.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#path_unlink_file
Errno Host::path_unlink_file(GuestMemory memory, std::uint32_t fd, std::uint32_t path,
                             std::uint32_t path_len) {
  return on_directory(find(fd), kRightPathUnlinkFile, [&](auto& directory) -> Errno {
    PathText text;
    if (const Errno bad = text.read(memory, path, path_len); bad != Errno::kSuccess) return bad;
    return directory.unlink_file(text.view());
  });
}

}  // namespace mimobox::wasi
