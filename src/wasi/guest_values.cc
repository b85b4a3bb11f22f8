#include "wasi/guest_values.h"

#include <variant>

namespace mimobox::wasi {
namespace {

constexpr std::uint32_t kFlagAppend = 1U << 0;
constexpr std::uint32_t kFlagDsync = 1U << 1;
constexpr std::uint32_t kFlagNonblock = 1U << 2;
constexpr std::uint32_t kFlagRsync = 1U << 3;
constexpr std::uint32_t kFlagSync = 1U << 4;
constexpr std::uint32_t kAllFlags =
    kFlagAppend | kFlagDsync | kFlagNonblock | kFlagRsync | kFlagSync;

constexpr std::uint32_t kFollow = 1U << 0;

/// The fstflags of the access time; those of the modification time are two bits further.
constexpr std::uint32_t kTimeValue = 1U << 0;
constexpr std::uint32_t kTimeNow = 1U << 1;
constexpr std::uint32_t kModificationShift = 2;
constexpr std::uint32_t kAllTimes = 0xF;

std::optional<TimeChange> time_from_guest(std::uint64_t value, std::uint32_t bits) {
  const bool given = (bits & kTimeValue) != 0;
  const bool now = (bits & kTimeNow) != 0;
  if (given && now) return std::nullopt;
  if (given) return TimeChange{.kind = TimeChange::Kind::kValue, .nanoseconds = value};
  if (now) return TimeChange{.kind = TimeChange::Kind::kNow};
  return TimeChange{};
}

}  // namespace

std::optional<FileFlags> file_flags_from_guest(std::uint32_t bits) {
  if ((bits & ~kAllFlags) != 0) return std::nullopt;
  return FileFlags{.append = (bits & kFlagAppend) != 0,
                   .dsync = (bits & kFlagDsync) != 0,
                   .nonblock = (bits & kFlagNonblock) != 0,
                   .rsync = (bits & kFlagRsync) != 0,
                   .sync = (bits & kFlagSync) != 0};
}

std::uint16_t to_guest(FileFlags flags) {
  const std::uint32_t bits = (flags.append ? kFlagAppend : 0) | (flags.dsync ? kFlagDsync : 0) |
                             (flags.nonblock ? kFlagNonblock : 0) | (flags.rsync ? kFlagRsync : 0) |
                             (flags.sync ? kFlagSync : 0);
  return static_cast<std::uint16_t>(bits);
}

std::optional<bool> follow_from_guest(std::uint32_t bits) {
  if ((bits & ~kFollow) != 0) return std::nullopt;
  return bits != 0;
}

std::optional<TimesChange> times_from_guest(std::uint64_t atim, std::uint64_t mtim,
                                            std::uint32_t bits) {
  if ((bits & ~kAllTimes) != 0) return std::nullopt;
  const std::optional<TimeChange> access = time_from_guest(atim, bits);
  const std::optional<TimeChange> modification = time_from_guest(mtim, bits >> kModificationShift);
  if (!access || !modification) return std::nullopt;
  return TimesChange{.atim = *access, .mtim = *modification};
}

Filetype filetype_of(const Resource& resource) {
  return std::visit(
      []<class T>(const T& thing) {
        if constexpr (FileResource<T>) {
          return Filetype::kRegularFile;
        } else if constexpr (DirectoryResource<T>) {
          return Filetype::kDirectory;
        } else if constexpr (requires { thing.terminal; }) {
          return thing.terminal ? Filetype::kCharacterDevice : Filetype::kUnknown;
        } else {
          return Filetype::kUnknown;
        }
      },
      resource);
}

}  // namespace mimobox::wasi
