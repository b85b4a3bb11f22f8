#ifndef MIMOBOX_SANDBOX_INTERRUPT_RECORD_H_
#define MIMOBOX_SANDBOX_INTERRUPT_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"

namespace mimobox::internal {

/// What one file in the cache folder says about interrupting by signals on this machine, with this
/// engine and this kernel, each of which is in its name.
///
/// The file holds native code (the trap site's), so the folder must be this user's own and nobody
/// else's to write; otherwise there is no record.
class InterruptRecord {
 public:
  enum class State : std::uint8_t {
    kNone,     ///< nothing was written yet, or something that is none of these
    kTesting,  ///< a test began; read when none is under way, so its process ended meanwhile
    kFailed,
    kPassed,
  };
  struct Content {
    State state = State::kNone;
    unsigned tests_begun = 0;               ///< of `kTesting`: since one came to an end
    std::string reason = {};                ///< of `kFailed`
    std::vector<std::byte> trap_site = {};  ///< of `kPassed`
  };

  /// Opens the record below `cache_folder`, making both if need be. Nullopt when the folder or the
  /// file cannot be had or are not safe; `why` says so.
  [[nodiscard]] static std::optional<InterruptRecord> open(
      const std::filesystem::path& cache_folder, std::string* why);

  /// What it says now. A file that is not as it should be says nothing.
  [[nodiscard]] Content read() const;

  /// Waits until no other process holds the record, and holds it until this object goes.
  void lock() const noexcept;

  /// Replaces what it says; nothing is promised about a machine that fails meanwhile, whose record
  /// then says nothing. Held by `lock()`.
  void write(const Content& content) const;

 private:
  explicit InterruptRecord(base::UniqueFd file) : file_(std::move(file)) {}
  base::UniqueFd file_;
};

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_INTERRUPT_RECORD_H_
