#include "cache/code_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

#include "base/interrupted.h"
#include "base/memory_file.h"
#include "base/write_file.h"
#include "cache/bytes.h"
#include "cache/note.h"
#include "cache/temp_file.h"

namespace mimobox::cache {
namespace {

constexpr std::size_t kPieceBytes = 256U << 10;
constexpr std::string_view kPathMagic = "mimopath";
constexpr std::string_view kSeenMagic = "mimoseen";
constexpr std::size_t kFingerprintBytes = 5 * 8;
constexpr std::size_t kPathFieldBytes = 8 + kFingerprintBytes + 32 + 8;
constexpr std::size_t kSeenFieldBytes = 8 + kFingerprintBytes;

void add(FieldWriter& fields, const base::FileFingerprint& file) {
  fields.add(file.device);
  fields.add(file.inode);
  fields.add(file.size);
  fields.add(file.modified_ns);
  fields.add(file.changed_ns);
}

base::FileFingerprint read_fingerprint(FieldReader& fields) {
  base::FileFingerprint file;
  file.device = fields.number<std::uint64_t>();
  file.inode = fields.number<std::uint64_t>();
  file.size = fields.number<std::uint64_t>();
  file.modified_ns = fields.number<std::int64_t>();
  file.changed_ns = fields.number<std::int64_t>();
  return file;
}

std::string hex(std::uint64_t number) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  do {
    text.insert(text.begin(), kDigits[number & 0xFU]);
    number >>= 4U;
  } while (number != 0);
  return text;
}

std::string path_name(const base::FileFingerprint& file) {
  return hex(file.device).append("-").append(hex(file.inode)).append(kPathSuffix);
}

std::string name_of(const Digest& module, std::string_view suffix) {
  return base::to_hex(module).append(suffix);
}

/// Calls `take` with the artifact's bytes in pieces; false when the file is shorter or `take`
/// fails. Read and not mapped, so that a file that is cut meanwhile is no SIGBUS.
template <class Take>
bool for_each_piece(int file, std::uint64_t bytes, Take take) {
  std::vector<std::byte> buffer(
      static_cast<std::size_t>(std::min<std::uint64_t>(bytes, kPieceBytes)));
  for (std::uint64_t at = 0; at < bytes;) {
    const auto piece = std::span(buffer).first(
        static_cast<std::size_t>(std::min<std::uint64_t>(bytes - at, kPieceBytes)));
    if (!base::read_exactly(file, piece, static_cast<std::size_t>(at)) || !take(piece))
      return false;
    at += piece.size();
  }
  return true;
}

}  // namespace

std::expected<Record, Damage> read_record(int file, std::uint64_t file_bytes, const Seal& seal) {
  if (file_bytes < kTrailerBytes) return std::unexpected("it is too short for a record");
  // Enough for the ranges of most modules, so that one reading does.
  constexpr std::uint64_t kAtOnce = 8192;
  std::vector<std::byte> end(static_cast<std::size_t>(std::min(file_bytes, kAtOnce)));
  const auto read_end = [&] {
    return base::read_exactly(file, end, static_cast<std::size_t>(file_bytes) - end.size());
  };
  if (!read_end()) return std::unexpected("it cannot be read");
  const auto size = tail_bytes(std::span(end).last<kTrailerBytes>(), file_bytes);
  if (!size) return std::unexpected(size.error());
  if (*size > end.size()) {
    end.resize(*size);
    if (!read_end()) return std::unexpected("it cannot be read");
  }
  return decode(std::span(end).last(*size), file_bytes, seal);
}

std::expected<base::UniqueFd, Damage> sealed_copy(int file, const Record& record) {
  auto copy = base::MemoryFile::create();
  if (!copy) return std::unexpected("there is no memory to copy it");
  base::Sha256Stream digest;
  const bool copied = for_each_piece(file, record.artifact_bytes, [&](std::span<std::byte> piece) {
    digest.add(piece);
    return copy->append(piece);
  });
  if (!copied || !copy->seal()) return std::unexpected("it cannot be copied into memory");
  if (!base::same_digest(digest.finish(), record.artifact)) {
    return std::unexpected("its artifact is not the one that its record names");
  }
  return copy->release();
}

bool artifact_fits(int file, const Record& record) {
  base::Sha256Stream digest;
  return for_each_piece(file, record.artifact_bytes,
                        [&](std::span<std::byte> piece) {
                          digest.add(piece);
                          return true;
                        }) &&
         base::same_digest(digest.finish(), record.artifact);
}

CodeStore::CodeStore(base::UniqueFd folder, const Digest& key,
                     std::shared_ptr<const StoreRules> rules)
    : folder_(std::move(folder)), key_(key), rules_(std::move(rules)) {}

bool CodeStore::in_place() const noexcept {
  struct stat status{};
  return ::fstat(folder_.get(), &status) == 0 && status.st_nlink != 0;
}

std::optional<KnownModule> CodeStore::find_module(const base::FileFingerprint& file) const {
  const auto note =
      read_note(folder_.get(), path_name(file), kPathFieldBytes, rules_->owner, rules_->seal);
  if (!note) return std::nullopt;
  FieldReader fields(note->fields);
  if (!fields.has(kPathMagic) || read_fingerprint(fields) != file) return std::nullopt;
  KnownModule module;
  module.digest = fields.digest();
  module.bytes = fields.number<std::uint64_t>();
  touch(note->fd.get());
  return module;
}

void CodeStore::remember_module(const base::FileFingerprint& file,
                                const KnownModule& module) const noexcept {
  try {
    FieldWriter fields;
    fields.add(kPathMagic);
    add(fields, file);
    fields.add(module.digest);
    fields.add(module.bytes);
    write_note(folder_.get(), path_name(file), std::move(fields), rules_->owner, rules_->seal);
  } catch (const std::bad_alloc&) {  // the next one reads the file again
  }
}

bool CodeStore::seen(const std::string& name, const base::FileFingerprint& file) const {
  const auto note = read_note(folder_.get(), name, kSeenFieldBytes, rules_->owner, rules_->seal);
  if (!note) return false;
  touch(note->fd.get());
  FieldReader fields(note->fields);
  return fields.has(kSeenMagic) && read_fingerprint(fields) == file;
}

void CodeStore::note_seen(const std::string& name,
                          const base::FileFingerprint& file) const noexcept {
  try {
    FieldWriter fields;
    fields.add(kSeenMagic);
    add(fields, file);
    write_note(folder_.get(), name, std::move(fields), rules_->owner, rules_->seal);
  } catch (const std::bad_alloc&) {  // the next one hashes it again
  }
}

std::optional<StoredCode> CodeStore::find(const Digest& module) const {
  const std::string name = name_of(module, kCodeSuffix);
  base::UniqueFd file(base::openat_again(
      folder_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.valid()) {
    // A link or a folder of that name is in the way of the entry that will be made.
    if (errno == ELOOP) ::unlinkat(folder_.get(), name.c_str(), 0);
    return std::nullopt;
  }
  // Who cannot have the lock uses it without: the file stays as long as it is open.
  static_cast<void>(::flock(file.get(), LOCK_SH | LOCK_NB));
  auto code = check(std::move(file), module);
  if (code) return *std::move(code);
  // At worst another process has just put a good one in its place, which costs a compile.
  ::unlinkat(folder_.get(), name.c_str(), 0);
  return std::nullopt;
}

void CodeStore::remove(const Digest& module) const noexcept {
  try {
    ::unlinkat(folder_.get(), name_of(module, kCodeSuffix).c_str(), 0);
  } catch (const std::bad_alloc&) {  // it will be found unfit again
  }
}

std::expected<StoredCode, Damage> CodeStore::check(base::UniqueFd file,
                                                   const Digest& module) const {
  const std::int64_t begun = base::file_clock_ns();
  struct stat status{};
  if (::fstat(file.get(), &status) != 0 || !trusted_file(status, rules_->owner)) {
    return std::unexpected("somebody else could have written it");
  }
  auto record = read_record(file.get(), static_cast<std::uint64_t>(status.st_size), rules_->seal);
  if (!record) return std::unexpected(record.error());
  if (record->key != key_ || record->module != module) {
    return std::unexpected("it is the code of something else");
  }
  const base::FileFingerprint state = base::FileFingerprint::of(status);
  const std::string seen_name = name_of(module, kSeenSuffix);
  const bool known = seen(seen_name, state);
  if (rules_->copy || rules_->owner == Owner::kFleet) {
    auto copy = sealed_copy(file.get(), *record);
    if (!copy) return std::unexpected(copy.error());
    if (!known) note_seen(seen_name, state);
    return StoredCode{*std::move(copy), *std::move(record)};
  }
  if (!known) {
    if (!artifact_fits(file.get(), *record)) {
      return std::unexpected("its artifact is not the one that its record names");
    }
    if (state.settled(begun)) note_seen(seen_name, state);
  }
  return StoredCode{std::move(file), *std::move(record)};
}

std::expected<StoredCode, int> CodeStore::publish(Record record,
                                                  std::span<const std::byte> artifact) const {
  record.key = key_;
  record.artifact = base::sha256(artifact);
  record.artifact_bytes = artifact.size();
  auto file = TempFile::create(folder_.get(), rules_->owner);
  if (!file) return std::unexpected(file.error());
  if (const int error = file->write(artifact); error != 0) return std::unexpected(error);
  if (const int error = file->write(encode(record, rules_->seal)); error != 0) {
    return std::unexpected(error);
  }
  // It tells of a file that was there before, and of that one's last use.
  ::unlinkat(folder_.get(), name_of(record.module, kSeenSuffix).c_str(), 0);
  // A copy is checked again, as every other process will: the folder may belong to a fleet.
  const bool copy = rules_->copy || rules_->owner == Owner::kFleet;
  if (const int error = file->publish(name_of(record.module, kCodeSuffix), true); error != 0) {
    return std::unexpected(error);
  }
  if (copy) {
    auto copied = sealed_copy(file->fd(), record);
    if (!copied) return std::unexpected(EIO);
    return StoredCode{*std::move(copied), std::move(record)};
  }
  base::UniqueFd published = file->release();
  static_cast<void>(::flock(published.get(), LOCK_SH | LOCK_NB));
  return StoredCode{std::move(published), std::move(record)};
}

CompileLock::Attempt CodeStore::try_lock(const Digest& module, std::uint64_t module_bytes) const {
  return CompileLock::attempt(folder_.get(), module, module_bytes, rules_->owner);
}

void CodeStore::take_lock_from(const Digest& module, const CompileLock::Holder& holder) const {
  CompileLock::take_from(folder_.get(), module, holder);
}

}  // namespace mimobox::cache
