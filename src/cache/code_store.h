#ifndef MIMOBOX_CACHE_CODE_STORE_H_
#define MIMOBOX_CACHE_CODE_STORE_H_

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_fingerprint.h"
#include "base/unique_fd.h"
#include "cache/compile_lock.h"
#include "cache/record.h"
#include "cache/seal.h"
#include "cache/trust.h"

namespace mimobox::cache {

inline constexpr std::string_view kCodeSuffix = ".code";
inline constexpr std::string_view kSeenSuffix = ".seen";
inline constexpr std::string_view kPathSuffix = ".path";

/// Compiled code that was looked at: its file begins with the artifact, and the record behind it
/// fits.
struct StoredCode {
  base::UniqueFd file;
  Record record;
};

/// What a fingerprint stands for.
struct KnownModule {
  Digest digest{};
  std::uint64_t bytes = 0;

  friend bool operator==(const KnownModule&, const KnownModule&) = default;
};

/// What all stores of a cache share.
struct StoreRules {
  Owner owner = Owner::kUser;
  Seal seal;
  /// Code cannot be mapped from this file system (noexec): it is copied into memory.
  bool copy = false;
};

/// The folder of one code key: code by module, modules by fingerprint.
///
///   <module>.code  artifact and record (record.h); locked shared (flock) by whoever has it mapped
///   <module>.seen  which state of that file was read and hashed in full; its time is the last use
///   <module>.lock  held by who compiles the module (compile_lock.h)
///   <device>-<inode>.path  fingerprint of a file and the module that it is
///
/// Any number of processes and threads at once. Whatever is wrong with an entry, it is as good as
/// none.
class CodeStore {
 public:
  CodeStore(base::UniqueFd folder, const Digest& key, std::shared_ptr<const StoreRules> rules);
  CodeStore(const CodeStore&) = delete;
  CodeStore& operator=(const CodeStore&) = delete;
  ~CodeStore() = default;

  [[nodiscard]] const Digest& key() const { return key_; }
  /// False once somebody deleted the folder: what is published there would be lost.
  [[nodiscard]] bool in_place() const noexcept;

  /// The module that a file is, as somebody found out who read all of it. nullopt: unknown.
  [[nodiscard]] std::optional<KnownModule> find_module(const base::FileFingerprint& file) const;
  /// Remembers it. `file` was settled when the module was read.
  void remember_module(const base::FileFingerprint& file, const KnownModule& module) const noexcept;

  /// The code of a module. Structure and seal are checked each time; the artifact is read and
  /// hashed when this state of the file never was (so not by every process), and always, in a copy
  /// of our own, under the key of a fleet. An entry that does not fit is deleted.
  [[nodiscard]] std::optional<StoredCode> find(const Digest& module) const;

  /// Deletes the code of a module.
  void remove(const Digest& module) const noexcept;

  /// Stores the code of a module under the record, whose key and digest of the artifact are filled
  /// in here, and gives it back as `find()` would. The error is an errno.
  [[nodiscard]] std::expected<StoredCode, int> publish(Record record,
                                                       std::span<const std::byte> artifact) const;

  /// Tries once to become the one who compiles the module (compile_lock.h).
  [[nodiscard]] CompileLock::Attempt try_lock(const Digest& module,
                                              std::uint64_t module_bytes) const;
  void take_lock_from(const Digest& module, const CompileLock::Holder& holder) const;

 private:
  [[nodiscard]] std::expected<StoredCode, Damage> check(base::UniqueFd file,
                                                        const Digest& module) const;
  [[nodiscard]] bool seen(const std::string& name, const base::FileFingerprint& file) const;
  void note_seen(const std::string& name, const base::FileFingerprint& file) const noexcept;

  const base::UniqueFd folder_;
  const Digest key_;
  const std::shared_ptr<const StoreRules> rules_;
};

/// Reads the record of an open file of code and checks it by itself: magic, version, lengths, seal.
/// Says nothing about the artifact's content.
[[nodiscard]] std::expected<Record, Damage> read_record(int file, std::uint64_t file_bytes,
                                                        const Seal& seal);

/// The file's artifact, copied into memory where nobody can change it any more, if it is the one
/// that the record names.
[[nodiscard]] std::expected<base::UniqueFd, Damage> sealed_copy(int file, const Record& record);

/// Whether the file's artifact is the one that its record names; reads all of it.
[[nodiscard]] bool artifact_fits(int file, const Record& record);

}  // namespace mimobox::cache

#endif  // MIMOBOX_CACHE_CODE_STORE_H_
