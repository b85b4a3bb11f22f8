#ifndef MIMOBOX_WASI_PSEUDO_FILESYSTEM_H_
#define MIMOBOX_WASI_PSEUDO_FILESYSTEM_H_

#include <sys/types.h>

#include <string_view>

namespace mimobox::wasi {

/// Whether what is open (O_PATH will do) lies on a file system whose files are the kernel's own
/// doors: procfs, sysfs, cgroups, device folders and their kin. Such files say that they are
/// regular, or are devices. True also when the host cannot tell.
///
/// `devtmpfs` is what `devtmpfs_device()` gave.
[[nodiscard]] bool is_on_pseudo_filesystem(int fd, dev_t devtmpfs);

/// The device number of the kernel's folder of devices, mostly at /dev, which says that it is a
/// tmpfs; 0 when none is mounted. There is one on a host, wherever it is mounted. Reads the table
/// of mounts; without procfs what is at /dev counts as it.
[[nodiscard]] dev_t devtmpfs_device();

/// The same from the text of /proc/self/mountinfo.
[[nodiscard]] dev_t devtmpfs_in(std::string_view mountinfo);

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_PSEUDO_FILESYSTEM_H_
