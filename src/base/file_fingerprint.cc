#include "base/file_fingerprint.h"

#include <algorithm>
#include <ctime>

namespace mimobox::base {
namespace {

constexpr std::int64_t kNanoseconds = 1'000'000'000;
constexpr std::int64_t kSettlingNs = 2 * kNanoseconds;

std::int64_t nanoseconds(const std::timespec& time) {
  std::int64_t total = 0;
  // A file system may claim any time: one that is out of range is never settled.
  if (__builtin_mul_overflow(time.tv_sec, kNanoseconds, &total) ||
      __builtin_add_overflow(total, time.tv_nsec, &total)) {
    return INT64_MAX;
  }
  return total;
}

}  // namespace

FileFingerprint FileFingerprint::of(const struct stat& status) {
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = static_cast<std::uint64_t>(status.st_size),
          .modified_ns = nanoseconds(status.st_mtim),
          .changed_ns = nanoseconds(status.st_ctim)};
}

bool FileFingerprint::settled(std::int64_t read_at_ns) const {
  return std::max(modified_ns, changed_ns) < read_at_ns - kSettlingNs;
}

std::int64_t file_clock_ns() {
  std::timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return nanoseconds(now);
}

}  // namespace mimobox::base
