#include "cache/temp_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "base/file_fingerprint.h"
#include "base/interrupted.h"
#include "base/sha256.h"
#include "base/write_file.h"

namespace mimobox::cache {
namespace {

/// A day, the longest time that a compile may be given.
constexpr std::int64_t kOldNs = std::int64_t{24} * 3600 * 1'000'000'000;

constexpr std::size_t kNameDigits = 16;

std::string random_name() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, GRND_NONBLOCK) != sizeof number) {
    number = static_cast<std::uint64_t>(::getpid());  // O_EXCL below decides anyway
  }
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string name;
  for (std::size_t i = 0; i < kNameDigits; ++i, number >>= 4U)
    name.push_back(kDigits[number & 0xFU]);
  return name.append(kTempSuffix);
}

bool is_gone(int fd) {
  struct stat status{};
  return ::fstat(fd, &status) != 0 || status.st_nlink == 0;
}

}  // namespace

std::expected<TempFile, int> TempFile::create(int folder, Owner owner) {
  const mode_t mode = owner == Owner::kUser ? 0600 : 0666;
  constexpr int kAttempts = 100;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::string name = random_name();
    base::UniqueFd fd(base::openat_again(folder, name.c_str(),
                                         O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!fd.valid() && errno == EEXIST) continue;
    if (!fd.valid()) return std::unexpected(errno);
    // Before the lock a sweeper may have taken it for a dead one's. On a file system without locks
    // no sweeper can, and it is left alone as long as it is young.
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) continue;
    if (is_gone(fd.get())) continue;
    return TempFile(folder, std::move(name), std::move(fd));
  }
  return std::unexpected(EEXIST);
}

TempFile::~TempFile() {
  if (!name_.empty()) ::unlinkat(folder_, name_.c_str(), 0);
}

int TempFile::write(std::span<const std::byte> bytes) noexcept {
  return base::write_all(fd_.get(), bytes);
}

int TempFile::publish(const std::string& name, bool durable) noexcept {
  if (durable && ::fsync(fd_.get()) != 0) return errno;
  if (::renameat(folder_, name_.c_str(), folder_, name.c_str()) != 0) return errno;
  name_.clear();
  return 0;
}

bool is_temp_name(std::string_view name) noexcept {
  return name.size() == kNameDigits + kTempSuffix.size() && name.ends_with(kTempSuffix) &&
         base::is_hex(name.substr(0, kNameDigits));
}

bool remove_stale(int folder, const std::string& name) noexcept {
  const base::UniqueFd fd(
      base::openat_again(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return errno == ENOENT;
  const bool locked_by_us = ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0;
  if (!locked_by_us && errno == EWOULDBLOCK) return false;
  struct stat locked{};
  struct stat named{};
  if (::fstat(fd.get(), &locked) != 0 ||
      ::fstatat(folder, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0) {
    return errno == ENOENT;
  }
  // No compile takes that long, so where there are no locks this tells the dead.
  if (!locked_by_us &&
      base::FileFingerprint::of(locked).changed_ns > base::file_clock_ns() - kOldNs) {
    return false;
  }
  // Another file under the same name is not the one that is locked here.
  if (locked.st_ino != named.st_ino || locked.st_dev != named.st_dev) return false;
  return ::unlinkat(folder, name.c_str(), 0) == 0;
}

}  // namespace mimobox::cache
