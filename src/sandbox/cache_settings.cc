#include "sandbox/cache_settings.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

namespace mimobox::internal {
namespace {

/// Empty when it is not set.
std::string variable(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? "" : value;
}

}  // namespace

std::string default_cache_folder() {
  // As the XDG base directory specification has it: a path that is not absolute is to be ignored.
  if (const std::string cache = variable("XDG_CACHE_HOME"); cache.starts_with('/')) {
    return cache + "/mimobox-wasm";
  }
  if (const std::string home = variable("HOME"); home.starts_with('/')) {
    return home + "/.cache/mimobox-wasm";
  }
  return "";
}

std::string fleet_key(const RuntimeConfig& config) {
  return config.cache_key.empty() ? variable("MIMOBOX_CACHE_KEY") : config.cache_key;
}

bool names_cache_folder(const RuntimeConfig& config) {
  return !config.cache_folder.empty() || !variable("MIMOBOX_CACHE_DIR").empty();
}

std::expected<cache::DiskSettings, cache::Refusal> disk_settings(const RuntimeConfig& config) {
  cache::DiskSettings settings;
  settings.max_bytes = config.cache_disk_bytes;
  settings.fleet_key = fleet_key(config);
  settings.folder = config.cache_folder.native();
  if (settings.folder.empty()) settings.folder = variable("MIMOBOX_CACHE_DIR");
  if (settings.folder.empty()) {
    settings.folder = default_cache_folder();
    settings.folder_is_default = true;
  }
  if (settings.folder.empty()) {
    return std::unexpected(cache::Refusal{
        .why = "compiled code is not kept: no HOME and no XDG_CACHE_HOME; set MIMOBOX_CACHE_DIR"});
  }
  std::error_code error;
  const auto absolute = std::filesystem::absolute(settings.folder, error);
  if (error) {
    return std::unexpected(cache::Refusal{
        .why = "the cache folder " + settings.folder + " is not used: " + error.message(),
        .os_errno = error.value()});
  }
  settings.folder = absolute.lexically_normal().native();
  return settings;
}

std::expected<std::unique_ptr<cache::DiskCache>, cache::Refusal> open_disk_cache(
    const RuntimeConfig& config) {
  if (!config.disk_cache) return nullptr;
  auto settings = disk_settings(config);
  if (!settings) return std::unexpected(std::move(settings).error());
  return cache::DiskCache::open(*settings);
}

}  // namespace mimobox::internal
