#ifndef MIMOBOX_WASI_ERRNO_H_
#define MIMOBOX_WASI_ERRNO_H_

#include <cstdint>

namespace mimobox::wasi {

/// The error codes of WASI preview 1 that this host answers, with the specification's numbers.
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#errno
enum class Errno : std::uint16_t {
  kSuccess = 0,
  kAcces = 2,
  kAgain = 6,
  kBadf = 8,
  kBusy = 10,
  kConnreset = 15,
  kDquot = 19,
  kExist = 20,
  kFault = 21,
  kFbig = 22,
  kIntr = 27,
  kInval = 28,
  kIo = 29,
  kIsdir = 31,
  kLoop = 32,
  kNametoolong = 37,
  kNoent = 44,
  kNomem = 48,
  kNospc = 51,
  kNosys = 52,
  kNotdir = 54,
  kNotempty = 55,
  kNotsock = 57,
  kNotsup = 58,
  kOverflow = 61,
  kPerm = 63,
  kPipe = 64,
  kSpipe = 70,
  kXdev = 75,
  kNotcapable = 76,
};

/// The guest's code for a host errno; what has none of its own is kIo.
[[nodiscard]] Errno from_host_errno(int host_errno) noexcept;

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_ERRNO_H_
