#ifndef MIMOBOX_WASI_GUEST_VALUES_H_
#define MIMOBOX_WASI_GUEST_VALUES_H_

#include <cstdint>
#include <optional>

#include "wasi/descriptor.h"
#include "wasi/file_types.h"

// Values that several functions exchange with a guest, between its form and the host's.

namespace mimobox::wasi {

/// fdflags; nullopt: a bit that the specification does not have.
[[nodiscard]] std::optional<FileFlags> file_flags_from_guest(std::uint32_t bits);

[[nodiscard]] std::uint16_t to_guest(FileFlags flags);

/// lookupflags: whether to follow; nullopt as above.
[[nodiscard]] std::optional<bool> follow_from_guest(std::uint32_t bits);

/// Two times and their fstflags; nullopt: an unknown bit, or one time both given and "now".
[[nodiscard]] std::optional<TimesChange> times_from_guest(std::uint64_t atim, std::uint64_t mtim,
                                                          std::uint32_t bits);

/// What is behind a number. Of streams: character device for terminals only, since C libraries
/// buffer by line for those and by block for others.
[[nodiscard]] Filetype filetype_of(const Resource& resource);

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_GUEST_VALUES_H_
