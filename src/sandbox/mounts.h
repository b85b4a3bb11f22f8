#ifndef MIMOBOX_SANDBOX_MOUNTS_H_
#define MIMOBOX_SANDBOX_MOUNTS_H_

#include <vector>

#include "mimobox/config.h"
#include "mimobox/error.h"

#include "wasi/host_mount.h"

namespace mimobox::internal {

/// Opens what the sandbox grants of the host's files; `walk_paths` as in `RuntimeConfig`.
/// Error: `kMountFailed` with the host path and the reason.
[[nodiscard]] Result<std::vector<wasi::HostMount>> open_mounts(const std::vector<Mount>& mounts,
                                                               bool walk_paths);

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_MOUNTS_H_
