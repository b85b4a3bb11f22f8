#include "wasi/host_stat.h"

#include <limits>

namespace mimobox::wasi {
namespace {

constexpr std::uint64_t kHostDevice = 1;
constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::uint64_t kLatest = std::numeric_limits<std::uint64_t>::max();

std::uint64_t to_nanoseconds(const timespec& time) {
  if (time.tv_sec < 0) return 0;
  const auto seconds = static_cast<std::uint64_t>(time.tv_sec);
  if (seconds > kLatest / kNanosecondsPerSecond - 1) return kLatest;
  return seconds * kNanosecondsPerSecond + static_cast<std::uint64_t>(time.tv_nsec);
}

timespec to_timespec(const TimeChange& change) {
  switch (change.kind) {
    case TimeChange::Kind::kOmit:
      return {.tv_sec = 0, .tv_nsec = UTIME_OMIT};
    case TimeChange::Kind::kNow:
      return {.tv_sec = 0, .tv_nsec = UTIME_NOW};
    case TimeChange::Kind::kValue:
      break;
  }
  return {.tv_sec = static_cast<time_t>(change.nanoseconds / kNanosecondsPerSecond),
          .tv_nsec = static_cast<long>(change.nanoseconds % kNanosecondsPerSecond)};
}

}  // namespace

Filetype filetype_of_mode(mode_t mode) {
  if (S_ISREG(mode)) return Filetype::kRegularFile;
  if (S_ISDIR(mode)) return Filetype::kDirectory;
  if (S_ISLNK(mode)) return Filetype::kSymbolicLink;
  if (S_ISCHR(mode)) return Filetype::kCharacterDevice;
  if (S_ISBLK(mode)) return Filetype::kBlockDevice;
  if (S_ISSOCK(mode)) return Filetype::kSocketStream;
  return Filetype::kUnknown;
}

Filestat to_filestat(const struct stat& status, std::uint64_t inode) {
  return {.device = kHostDevice,
          .inode = inode,
          .type = filetype_of_mode(status.st_mode),
          .links = static_cast<std::uint64_t>(status.st_nlink),
          .size = static_cast<std::uint64_t>(status.st_size),
          .atim = to_nanoseconds(status.st_atim),
          .mtim = to_nanoseconds(status.st_mtim),
          .ctim = to_nanoseconds(status.st_ctim)};
}

std::array<timespec, 2> to_timespecs(const TimesChange& change) {
  return {to_timespec(change.atim), to_timespec(change.mtim)};
}

}  // namespace mimobox::wasi
