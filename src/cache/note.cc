#include "cache/note.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <new>
#include <utility>

#include "base/file_fingerprint.h"
#include "base/interrupted.h"
#include "base/write_file.h"
#include "cache/temp_file.h"

namespace mimobox::cache {
namespace {

constexpr std::size_t kSealBytes = std::tuple_size_v<Digest>;

}  // namespace

std::optional<Note> read_note(int folder, const std::string& name, std::size_t field_bytes,
                              Owner owner, const Seal& seal) {
  base::UniqueFd fd(base::openat_again(folder, name.c_str(),
                                       O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status{};
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0 || !trusted_file(status, owner)) {
    return std::nullopt;
  }
  std::vector<std::byte> bytes(field_bytes + kSealBytes);
  if (static_cast<std::uint64_t>(status.st_size) != bytes.size() ||
      !base::read_exactly(fd.get(), bytes, 0)) {
    return std::nullopt;
  }
  FieldReader reader{std::span(bytes).subspan(field_bytes)};
  if (!seal.fits(std::span(bytes).first(field_bytes), reader.digest())) return std::nullopt;
  bytes.resize(field_bytes);
  return Note{std::move(fd), std::move(bytes)};
}

void write_note(int folder, const std::string& name, FieldWriter fields, Owner owner,
                const Seal& seal) noexcept {
  try {
    fields.add(seal.of(fields.bytes()));
    auto file = TempFile::create(folder, owner);
    if (!file || file->write(fields.bytes()) != 0) return;
    static_cast<void>(file->publish(name, false));
  } catch (const std::bad_alloc&) {  // it is left out
  }
}

void touch(int fd) noexcept {
  constexpr std::int64_t kMinuteNs = 60'000'000'000;
  struct stat status{};
  if (::fstat(fd, &status) != 0) return;
  const std::int64_t age = base::file_clock_ns() - base::FileFingerprint::of(status).modified_ns;
  if (age >= 0 && age < kMinuteNs) return;
  static_cast<void>(::futimens(fd, nullptr));
}

}  // namespace mimobox::cache
