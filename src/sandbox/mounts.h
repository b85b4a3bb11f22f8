#ifndef MIMOBOX_SANDBOX_MOUNTS_H_
#define MIMOBOX_SANDBOX_MOUNTS_H_

#include <vector>

#include "mimobox/config.h"
#include "mimobox/error.h"

#include "cache/disk_cache.h"
#include "wasi/host_mount.h"

namespace mimobox::internal {

/// Opens what the sandbox grants of the host's files; `walk_paths` as in `RuntimeConfig`.
/// Error: `kMountFailed` with the host path and the reason.
[[nodiscard]] Result<std::vector<wasi::HostMount>> open_mounts(const std::vector<Mount>& mounts,
                                                               bool walk_paths);

/// Puts the single files that stand in one folder of the guest together, in the order of their
/// names; `mounts` are those of `config`. Error: `kMountFailed` when such a folder is another
/// grant, too: guests would find one of the two only.
[[nodiscard]] Result<std::vector<wasi::HostMount>> place_mounts(std::vector<wasi::HostMount> mounts,
                                                                const SandboxConfig& config);

/// Refuses grants through which a guest could put native code into the cache folder of this
/// configuration, or without one into the user's default, which holds the self-test's: it would
/// then run outside of every sandbox. `cache` may be null. Error: `kMountFailed`.
[[nodiscard]] Result<void> keep_off_cache(const std::vector<wasi::HostMount>& mounts,
                                          cache::DiskCache* cache);

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_MOUNTS_H_
