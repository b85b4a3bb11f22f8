#include "cache/trust.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/interrupted.h"

namespace mimobox::cache {
namespace {

constexpr mode_t kOthersWrite = S_IWGRP | S_IWOTH;
constexpr mode_t kOthersAny = S_IRWXG | S_IRWXO;
constexpr int kMaxDepth = 256;
constexpr mode_t kPermissions = S_IRWXU | kOthersAny;

std::unexpected<Refusal> refuse(const std::string& path, std::string_view why, int os_errno) {
  std::string text = "the cache folder " + path + " is not used: " + std::string(why);
  if (os_errno != 0) text += std::string(why.empty() ? "" : ": ") + std::strerror(os_errno);
  return std::unexpected(Refusal{.why = std::move(text), .os_errno = os_errno});
}

std::unexpected<Refusal> distrust(const std::string& path, std::string_view why) {
  auto refusal = refuse(path, why, 0);
  refusal.error().unsafe = true;
  return refusal;
}

std::string octal(mode_t mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & kPermissions));
  return text;
}

/// Makes the folder and those above it that are missing.
int make_folders(const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
      // A folder above that cannot be written may still be there.
      const int error = errno;
      struct stat status{};
      if (::stat(part.c_str(), &status) != 0) return error;
    }
    if (end == std::string::npos) return 0;
  }
}

/// Nobody but this user and root can put another folder in the place of one in it: in a sticky
/// folder of root's (/tmp) everybody can make names, and nobody take those of others.
bool safe_above(const struct stat& status) {
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) return false;
  const bool sticky = (status.st_mode & S_ISVTX) != 0 && status.st_uid == 0;
  return (status.st_mode & kOthersWrite) == 0 || sticky;
}

/// The folders that really lie above: links on the way to the folder do not matter any more.
std::expected<void, Refusal> check_above(const std::string& path, int folder,
                                         const struct stat& of_folder) {
  struct stat below = of_folder;
  std::string up;
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    up += "../";
    struct stat status{};
    if (::fstatat(folder, up.c_str(), &status, 0) != 0) {
      return refuse(path, "a folder above it cannot be looked at", errno);
    }
    if (status.st_dev == below.st_dev && status.st_ino == below.st_ino) return {};
    if (!safe_above(status)) {
      return distrust(path, "a folder above it (mode " + octal(status.st_mode) + ", user " +
                                std::to_string(status.st_uid) +
                                ") can be written by others; name another one with --cache-dir "
                                "or MIMOBOX_CACHE_DIR");
    }
    below = status;
  }
  return refuse(path, "it lies too deep", 0);
}

/// Whether an open folder may hold code, as far as itself goes. With `tighten` one that others may
/// read is made private.
std::expected<void, Refusal> check_folder(const std::string& path, int folder,
                                          const struct stat& status, bool tighten) {
  if (status.st_uid != ::geteuid()) {
    return distrust(path, "it belongs to user " + std::to_string(status.st_uid) +
                              "; name one of your own with --cache-dir or MIMOBOX_CACHE_DIR");
  }
  const bool readable_only = (status.st_mode & kOthersWrite) == 0;
  if ((status.st_mode & kOthersAny) != 0 &&
      !(tighten && readable_only && ::fchmod(folder, S_IRWXU) == 0)) {
    return distrust(path, "its mode is " + octal(status.st_mode) + ", not 0700 (chmod 700 " + path +
                              "; if others could write it, empty it first)");
  }
  return {};
}

}  // namespace

std::expected<base::UniqueFd, Refusal> open_cache_folder(const std::string& path, Owner owner,
                                                         bool tighten) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  base::UniqueFd folder(base::open_again(path.c_str(), kFlags));
  if (!folder.valid() && errno == ENOENT) {
    if (const int error = make_folders(path); error != 0) return refuse(path, "", error);
    folder = base::UniqueFd(base::open_again(path.c_str(), kFlags));
  }
  struct stat status{};
  if (!folder.valid() || ::fstat(folder.get(), &status) != 0) return refuse(path, "", errno);
  if (owner == Owner::kFleet) return folder;
  if (auto good = check_folder(path, folder.get(), status, tighten); !good) {
    return std::unexpected(std::move(good).error());
  }
  if (auto safe = check_above(path, folder.get(), status); !safe) {
    return std::unexpected(std::move(safe).error());
  }
  return folder;
}

std::expected<base::UniqueFd, Refusal> open_store_folder(int cache, const std::string& cache_path,
                                                         const std::string& name, Owner owner) {
  const std::string path = cache_path + "/" + name;
  const auto open = [&] {
    return base::UniqueFd(
        base::openat_again(cache, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  };
  base::UniqueFd folder = open();
  if (!folder.valid() && errno == ENOENT) {
    constexpr mode_t kAnybodys = S_IRWXU | kOthersAny;
    if (::mkdirat(cache, name.c_str(), owner == Owner::kUser ? S_IRWXU : kAnybodys) != 0 &&
        errno != EEXIST) {
      return refuse(path, "", errno);
    }
    folder = open();
  }
  struct stat status{};
  if (!folder.valid() || ::fstat(folder.get(), &status) != 0) return refuse(path, "", errno);
  if (owner == Owner::kFleet) return folder;
  // We made it: it is anybody's to read only where somebody opened the whole tree.
  if (auto good = check_folder(path, folder.get(), status, true); !good) {
    return std::unexpected(std::move(good).error());
  }
  return folder;
}

bool lies_in(int inner, int outer) noexcept {
  struct stat wanted{};
  struct stat here{};
  if (::fstat(outer, &wanted) != 0 || ::fstat(inner, &here) != 0) return true;
  const auto same = [](const struct stat& a, const struct stat& b) {
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
  };
  base::UniqueFd at;
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    if (same(here, wanted)) return true;
    base::UniqueFd up(
        base::openat_again(at.valid() ? at.get() : inner, "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
    struct stat above{};
    if (!up.valid() || ::fstat(up.get(), &above) != 0) return true;
    if (same(above, here)) return false;  // the root
    here = above;
    at = std::move(up);
  }
  return true;
}

bool trusted_file(const struct stat& status, Owner owner) {
  if (!S_ISREG(status.st_mode)) return false;
  if (owner == Owner::kFleet) return true;
  return status.st_uid == ::geteuid() && (status.st_mode & kOthersAny) == 0 &&
         status.st_nlink <= 1;  // 0: deleted meanwhile, which is no reason for distrust
}

}  // namespace mimobox::cache
