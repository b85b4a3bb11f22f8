#ifndef MIMOBOX_CACHE_COMPILE_LOCK_H_
#define MIMOBOX_CACHE_COMPILE_LOCK_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "base/unique_fd.h"
#include "cache/seal.h"
#include "cache/trust.h"

namespace mimobox::cache {

inline constexpr std::string_view kLockSuffix = ".lock";

/// Who holds it compiles; all other processes of the cache wait. It belongs to an open file, so the
/// kernel releases it when its process ends, however that ends. From one that neither ends nor
/// comes to a result (its process is stopped, or a stranger's) another may take it.
class CompileLock {
 public:
  CompileLock(CompileLock&&) noexcept = default;
  CompileLock& operator=(CompileLock&&) = delete;
  CompileLock(const CompileLock&) = delete;
  CompileLock& operator=(const CompileLock&) = delete;
  ~CompileLock();

  /// One holding of a lock.
  struct Holder {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    friend bool operator==(const Holder&, const Holder&) = default;
  };
  /// What another process is compiling.
  struct Busy {
    Holder holder;
    std::chrono::nanoseconds running{0};  ///< 0 when it has only begun
    std::uint64_t module_bytes = 0;
  };
  /// The folder cannot be written, or its file system has no locks: there is nobody to wait for.
  struct NotOffered {};
  using Attempt = std::variant<CompileLock, Busy, NotOffered>;

  /// Tries once and does not wait.
  [[nodiscard]] static Attempt attempt(int folder, const Digest& module, std::uint64_t module_bytes,
                                       Owner owner);

  /// Takes the module's lock away from this holder, if it still has it: the next attempt finds it
  /// free.
  static void take_from(int folder, const Digest& module, const Holder& holder);

 private:
  CompileLock(int folder, std::string name, base::UniqueFd fd, const Holder& holder)
      : folder_(folder), name_(std::move(name)), fd_(std::move(fd)), holder_(holder) {}
  int folder_;
  std::string name_;
  base::UniqueFd fd_;
  Holder holder_;
};

}  // namespace mimobox::cache

#endif  // MIMOBOX_CACHE_COMPILE_LOCK_H_
