#ifndef MIMOBOX_WASI_STRING_LIST_H_
#define MIMOBOX_WASI_STRING_LIST_H_

#include <cstdint>
#include <span>
#include <string>

#include "wasi/errno.h"
#include "wasi/guest_memory.h"

namespace mimobox::wasi {

// Arguments and environment have the same form in preview 1. Their total is bounded (1 MiB) before
// a host is made, so u32 arithmetic on it cannot wrap.

/// Writes the strings with their closing NULs at `buffer` and their u32 offsets at `pointers`.
[[nodiscard]] Errno write_strings(GuestMemory memory, std::span<const std::string> strings,
                                  std::uint32_t pointers, std::uint32_t buffer);

/// Writes how many strings there are (u32 at `count`) and their bytes in all (u32 at `bytes`).
[[nodiscard]] Errno write_sizes(GuestMemory memory, std::span<const std::string> strings,
                                std::uint32_t count, std::uint32_t bytes);

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_STRING_LIST_H_
