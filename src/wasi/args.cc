#include "wasi/host.h"
#include "wasi/string_list.h"

namespace mimobox::wasi {

/// Writes the argument strings, each with a closing NUL, one behind the other at `argv_buf`, and at
/// `argv` the u32 offset of each. The sizes are those of args_sizes_get.
///
/// - kFault: one of the two ranges is not in the memory; nothing is written.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#args_get
Errno Host::args_get(GuestMemory memory, std::uint32_t argv, std::uint32_t argv_buf) {
  return write_strings(memory, config_.args, argv, argv_buf);
}

/// Writes the number of arguments (u32 at `argc`) and the bytes that args_get needs for the strings
/// (u32 at `argv_buf_size`).
///
/// - kFault: one of the two is not in the memory; nothing is written.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#args_sizes_get
Errno Host::args_sizes_get(GuestMemory memory, std::uint32_t argc, std::uint32_t argv_buf_size) {
  return write_sizes(memory, config_.args, argc, argv_buf_size);
}

}  // namespace mimobox::wasi
