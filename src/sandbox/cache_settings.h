#ifndef MIMOBOX_SANDBOX_CACHE_SETTINGS_H_
#define MIMOBOX_SANDBOX_CACHE_SETTINGS_H_

#include <expected>
#include <memory>
#include <string>

#include "mimobox/config.h"

#include "cache/disk_cache.h"
#include "cache/trust.h"

namespace mimobox::internal {

/// The key of this configuration, or the environment's; empty when there is none.
[[nodiscard]] std::string fleet_key(const RuntimeConfig& config);

/// Where the disk cache of this configuration is, with what the environment says where the
/// configuration does not. Refused when neither names a folder.
[[nodiscard]] std::expected<cache::DiskSettings, cache::Refusal> disk_settings(
    const RuntimeConfig& config);

/// Whether the configuration or the environment names the folder, which is otherwise the user's.
[[nodiscard]] bool names_cache_folder(const RuntimeConfig& config);

/// The cache folder that this user has by default; empty where the environment names none.
[[nodiscard]] std::string default_cache_folder();

/// Opens the disk cache of this configuration; null when that wants none.
[[nodiscard]] std::expected<std::unique_ptr<cache::DiskCache>, cache::Refusal> open_disk_cache(
    const RuntimeConfig& config);

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_CACHE_SETTINGS_H_
