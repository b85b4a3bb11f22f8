#ifndef MIMOBOX_SANDBOX_INTERRUPT_RECORD_H_
#define MIMOBOX_SANDBOX_INTERRUPT_RECORD_H_

#include <cstddef>
#include <cstdint>
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
/// The file holds native code (the trap site's), so its folder is one that was opened as a cache of
/// this user's own (`cache::open_cache_folder()`).
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

  /// Opens the record in this folder, making it if need be. Nullopt when it cannot be had or is not
  /// this user's alone; `why` says so.
  [[nodiscard]] static std::optional<InterruptRecord> open(int folder, std::string* why);

  /// What it says now. A file that is not as it should be says nothing.
  [[nodiscard]] Content read() const;

  /// Waits until no other process holds the record, and holds it until this object goes. False when
  /// the other one takes longer than any test does: it was stopped, and may be for long.
  [[nodiscard]] bool lock() const noexcept;

  /// Replaces what it says; nothing is promised about a machine that fails meanwhile, whose record
  /// then says nothing. Held by `lock()`.
  void write(const Content& content) const;

 private:
  explicit InterruptRecord(base::UniqueFd file) : file_(std::move(file)) {}
  base::UniqueFd file_;
};

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_INTERRUPT_RECORD_H_
