#include "sandbox/mounts.h"

#include <fcntl.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/interrupted.h"
#include "base/unique_fd.h"
#include "sandbox/cache_settings.h"
#include "sandbox/guest_path.h"
#include "wasi/pseudo_filesystem.h"

namespace mimobox::internal {
namespace {

std::string reason(const wasi::MountError& error) {
  using Step = wasi::MountError::Step;
  switch (error.step) {
    case Step::kGuestPath:
      return "its guest path is empty, too long, holds a NUL or is not UTF-8";
    case Step::kOpen:
      return std::strerror(error.os_errno);
    case Step::kNotFileOrFolder:
      return "it is neither a folder nor a regular file";
    case Step::kPseudoFilesystem:
      return "it lies on a pseudo file system (procfs, sysfs, a folder of devices and their kin), "
             "which is never "
             "granted";
  }
  return "unknown";
}

constexpr std::size_t kOfAScratch = std::numeric_limits<std::size_t>::max();

std::string_view name_in_place(const wasi::HostMount& mount) {
  if (mount.single_file() == nullptr) return {};
  return mount.single_file()->guest_name;
}

}  // namespace

Result<std::vector<wasi::HostMount>> open_mounts(const std::vector<Mount>& mounts,
                                                 bool walk_paths) {
  std::vector<wasi::HostMount> opened;
  if (mounts.empty()) return opened;
  opened.reserve(mounts.size());
  const dev_t devtmpfs = wasi::devtmpfs_device();
  for (const Mount& mount : mounts) {
    const std::string& guest = mount.guest_path.empty() ? mount.host_path : mount.guest_path;
    auto one = wasi::HostMount::open(mount.host_path, guest,
                                     {.read_only = mount.access == Access::kReadOnly,
                                      .no_xdev = !mount.cross_devices,
                                      .without_openat2 = walk_paths},
                                     devtmpfs);
    if (!one) {
      return std::unexpected(
          SandboxError{ErrorCode::kMountFailed,
                       fmt::format("cannot grant {}: {}", mount.host_path, reason(one.error())),
                       one.error().os_errno});
    }
    opened.push_back(std::move(*one));
  }
  return opened;
}

Result<std::vector<wasi::HostMount>> place_mounts(std::vector<wasi::HostMount> mounts,
                                                  const SandboxConfig& config) {
  std::vector<std::vector<wasi::HostMount>> places;
  std::map<std::string, std::size_t> place_of;
  for (const Scratch& scratch : config.scratch)
    place_of.emplace(normal_guest_path(scratch.guest_path), kOfAScratch);
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    const std::string folder = normal_guest_path(mounts[i].guest_path());
    const auto [place, is_new] = place_of.emplace(folder, places.size());
    if (is_new) {
      places.emplace_back().push_back(std::move(mounts[i]));
      continue;
    }
    const bool joins = mounts[i].single_file() != nullptr && place->second != kOfAScratch &&
                       places[place->second].front().single_file() != nullptr;
    if (!joins) {
      return std::unexpected(SandboxError{
          ErrorCode::kMountFailed,
          fmt::format("cannot grant {}: the guest's folder {} is another grant; a single file "
                      "stands in a folder of its own, or of other single files",
                      config.mounts[i].host_path, folder)});
    }
    places[place->second].push_back(std::move(mounts[i]));
  }
  std::vector<wasi::HostMount> placed;
  placed.reserve(places.size());
  for (std::vector<wasi::HostMount>& place : places) {
    std::ranges::sort(place, {}, name_in_place);
    placed.push_back(std::move(place.front()));
    for (wasi::HostMount& other : std::span(place).subspan(1))
      placed.back().join(std::move(other));
  }
  return placed;
}

Result<void> keep_off_cache(const std::vector<wasi::HostMount>& mounts, cache::DiskCache* cache) {
  if (std::ranges::all_of(mounts, &wasi::HostMount::read_only)) return {};
  const bool own = cache != nullptr && cache->rules().owner == cache::Owner::kUser;
  // Under a key nobody's code is taken but that of whoever has the key. But without a folder of
  // this user's own the self-test's result, which is code too, is in the one by default.
  const base::UniqueFd by_default(
      own ? -1
          : base::open_again(default_cache_folder().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (own ? !cache->in_place() : !by_default.valid()) return {};
  const int folder = own ? cache->folder() : by_default.get();
  for (const wasi::HostMount& mount : mounts) {
    if (mount.read_only()) continue;
    const bool holds = mount.single_file() == nullptr && cache::lies_in(folder, mount.folder());
    if (!holds && !cache::lies_in(mount.folder(), folder)) continue;
    return std::unexpected(SandboxError{
        ErrorCode::kMountFailed,
        fmt::format(
            "cannot grant {} to be written: it holds the cache of compiled code, which runs "
            "outside of the sandbox; grant it read only, or keep the cache elsewhere ({})",
            mount.guest_path(), own ? "cache_folder" : "XDG_CACHE_HOME")});
  }
  return {};
}

}  // namespace mimobox::internal
