#ifndef MIMOBOX_CACHE_TRUST_H_
#define MIMOBOX_CACHE_TRUST_H_

#include <sys/stat.h>

#include <cstdint>
#include <expected>
#include <string>

#include "base/unique_fd.h"

// What is in a cache becomes native code, so nobody may write there who could not run code as this
// user anyway. Everything is looked at by descriptor: what was judged is what is used.

namespace mimobox::cache {

/// Why a folder is not used as a cache.
struct Refusal {
  std::string why;   ///< one sentence with the way out
  int os_errno = 0;  ///< where the system said so
  bool unsafe =
      false;  ///< somebody could put code there; else it cannot be used for another reason
};

enum class Owner : std::uint8_t {
  kUser,   ///< this user alone can write it: 0700, no folder above that strangers can write
  kFleet,  ///< whoever: what is in it is closed by a MAC
};

/// Opens the folder `path`, which is made (0700, with the folders above it) where there is none.
/// With `tighten` a folder of this user's that others may read, but not write, is made 0700.
[[nodiscard]] std::expected<base::UniqueFd, Refusal> open_cache_folder(const std::string& path,
                                                                       Owner owner, bool tighten);

/// Opens the folder `name` in a cache's (`cache`, which is at `cache_path`), which is made where
/// there is none. For `Owner::kUser` it must be as the cache's own; one that others may only read
/// is made 0700.
[[nodiscard]] std::expected<base::UniqueFd, Refusal> open_store_folder(
    int cache, const std::string& cache_path, const std::string& name, Owner owner);

/// Whether the folder `inner` is `outer` or lies somewhere below it; also when that cannot be found
/// out.
[[nodiscard]] bool lies_in(int inner, int outer) noexcept;

/// Whether a file may be used: a regular file, and for `Owner::kUser` this user's, nobody else's to
/// write or read, and without another name that somebody else might have made.
[[nodiscard]] bool trusted_file(const struct stat& status, Owner owner);

}  // namespace mimobox::cache

#endif  // MIMOBOX_CACHE_TRUST_H_
