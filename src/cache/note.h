#ifndef MIMOBOX_CACHE_NOTE_H_
#define MIMOBOX_CACHE_NOTE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "cache/bytes.h"
#include "cache/seal.h"
#include "cache/trust.h"

// Notes: files of a few dozen bytes, of one size, that end in their seal. What does not fit is as
// good as none.

namespace mimobox::cache {

/// An open note and the fields in it, without the seal.
struct Note {
  base::UniqueFd fd;
  std::vector<std::byte> fields;
};

/// nullopt when there is none of exactly `field_bytes`, when it is not to be trusted, or when its
/// seal does not fit.
[[nodiscard]] std::optional<Note> read_note(int folder, const std::string& name,
                                            std::size_t field_bytes, Owner owner, const Seal& seal);

/// Writes or replaces a note; what cannot be written is left out.
void write_note(int folder, const std::string& name, FieldWriter fields, Owner owner,
                const Seal& seal) noexcept;

/// Notes down that a file was used now, in its time of modification; at most once a minute, so that
/// a busy cache does not write all the time.
void touch(int fd) noexcept;

}  // namespace mimobox::cache

#endif  // MIMOBOX_CACHE_NOTE_H_
