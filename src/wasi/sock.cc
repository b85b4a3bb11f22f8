#include "wasi/host.h"

// No guest has a socket: every function answers as for a descriptor that is none.

namespace mimobox::wasi {

/// - kBadf: the descriptor is not open. kNotsock: it is no socket.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#sock_accept
Errno Host::sock_accept(GuestMemory /*memory*/, std::uint32_t fd, std::uint32_t /*flags*/,
                        std::uint32_t /*opened*/) {
  return find(fd) == nullptr ? Errno::kBadf : Errno::kNotsock;
}

/// - kBadf: the descriptor is not open. kNotsock: it is no socket.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#sock_recv
Errno Host::sock_recv(GuestMemory /*memory*/, std::uint32_t fd, std::uint32_t /*iovs*/,
                      std::uint32_t /*iovs_len*/, std::uint32_t /*ri_flags*/,
                      std::uint32_t /*nread*/, std::uint32_t /*ro_flags*/) {
  return find(fd) == nullptr ? Errno::kBadf : Errno::kNotsock;
}

/// - kBadf: the descriptor is not open. kNotsock: it is no socket.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#sock_send
Errno Host::sock_send(GuestMemory /*memory*/, std::uint32_t fd, std::uint32_t /*iovs*/,
                      std::uint32_t /*iovs_len*/, std::uint32_t /*si_flags*/,
                      std::uint32_t /*nwritten*/) {
  return find(fd) == nullptr ? Errno::kBadf : Errno::kNotsock;
}

/// - kBadf: the descriptor is not open. kNotsock: it is no socket.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#sock_shutdown
Errno Host::sock_shutdown(GuestMemory /*memory*/, std::uint32_t fd, std::uint32_t /*how*/) {
  return find(fd) == nullptr ? Errno::kBadf : Errno::kNotsock;
}

}  // namespace mimobox::wasi
