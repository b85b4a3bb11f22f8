#include "wasi/host.h"
#include "wasi/string_list.h"

namespace mimobox::wasi {

/// Writes the environment as args_get writes the arguments: strings "NAME=value" at `environ_buf`,
/// their u32 offsets at `environ`.
///
/// - kFault: one of the two ranges is not in the memory; nothing is written.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#environ_get
Errno Host::environ_get(GuestMemory memory, std::uint32_t environ, std::uint32_t environ_buf) {
  return write_strings(memory, config_.environ, environ, environ_buf);
}

/// Writes the number of variables (u32 at `count`) and the bytes that environ_get needs for the
/// strings (u32 at `buf_size`).
///
/// - kFault: one of the two is not in the memory; nothing is written.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#environ_sizes_get
Errno Host::environ_sizes_get(GuestMemory memory, std::uint32_t count, std::uint32_t buf_size) {
  return write_sizes(memory, config_.environ, count, buf_size);
}

}  // namespace mimobox::wasi
