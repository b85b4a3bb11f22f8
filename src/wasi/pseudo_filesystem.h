#ifndef MIMOBOX_WASI_PSEUDO_FILESYSTEM_H_
#define MIMOBOX_WASI_PSEUDO_FILESYSTEM_H_

namespace mimobox::wasi {

/// Whether what is open (O_PATH will do) lies on a file system whose files are the kernel's own
/// doors: procfs, sysfs, cgroups and their kin. Such files say that they are regular, and are not.
/// True also when the host cannot tell.
[[nodiscard]] bool is_on_pseudo_filesystem(int fd);

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_PSEUDO_FILESYSTEM_H_
