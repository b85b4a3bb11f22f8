#include "cache/compile_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>

#include "base/file_fingerprint.h"
#include "base/interrupted.h"
#include "base/write_file.h"
#include "cache/bytes.h"

namespace mimobox::cache {
namespace {

constexpr std::size_t kFieldBytes = 16;

CompileLock::Holder holder_of(const struct stat& status) {
  return {.device = status.st_dev, .inode = status.st_ino};
}

/// What the holder wrote, for people only: a holder that has just begun may not have yet.
CompileLock::Busy read_holder(int fd, const CompileLock::Holder& holder) {
  std::array<std::byte, kFieldBytes> bytes{};
  if (!base::read_exactly(fd, bytes, 0)) return {.holder = holder};
  FieldReader reader(bytes);
  const auto begun = reader.number<std::int64_t>();
  const auto module_bytes = reader.number<std::uint64_t>();
  return {.holder = holder,
          .running = std::chrono::nanoseconds(
              std::max<std::int64_t>(0, begun < 0 ? 0 : base::file_clock_ns() - begun)),
          .module_bytes = module_bytes};
}

void write_holder(int fd, std::uint64_t module_bytes) {
  FieldWriter fields;
  fields.add(base::file_clock_ns());
  fields.add(module_bytes);
  if (::ftruncate(fd, 0) == 0) static_cast<void>(base::write_all(fd, fields.bytes()));
}

std::string name_of(const Digest& module) {
  return base::to_hex(module).append(kLockSuffix);
}

bool has_name(int folder, const std::string& name, const CompileLock::Holder& holder) {
  struct stat named{};
  return ::fstatat(folder, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         holder_of(named) == holder;
}

}  // namespace

CompileLock::Attempt CompileLock::attempt(int folder, const Digest& module,
                                          std::uint64_t module_bytes, Owner owner) {
  std::string name = name_of(module);
  const mode_t mode = owner == Owner::kUser ? 0600 : 0666;
  constexpr int kAttempts = 100;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    base::UniqueFd fd(base::openat_again(
        folder, name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, mode));
    struct stat status{};
    if (!fd.valid() || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
      return NotOffered{};
    }
    const Holder holder = holder_of(status);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return read_holder(fd.get(), holder);
      ::unlinkat(folder, name.c_str(), 0);  // nobody could ever tell whether it is held
      return NotOffered{};
    }
    // The holder before deletes the file, still locked: that lock is nobody's any more.
    if (!has_name(folder, name, holder)) continue;
    write_holder(fd.get(), module_bytes);
    return CompileLock(folder, std::move(name), std::move(fd), holder);
  }
  return NotOffered{};
}

void CompileLock::take_from(int folder, const Digest& module, const Holder& holder) {
  const std::string name = name_of(module);
  // At worst this meets one who took it just now, which costs a compile.
  if (has_name(folder, name, holder)) ::unlinkat(folder, name.c_str(), 0);
}

CompileLock::~CompileLock() {
  // Another one may have taken it, under the same name.
  if (fd_.valid() && has_name(folder_, name_, holder_)) ::unlinkat(folder_, name_.c_str(), 0);
}

}  // namespace mimobox::cache
