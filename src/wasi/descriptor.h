#ifndef MIMOBOX_WASI_DESCRIPTOR_H_
#define MIMOBOX_WASI_DESCRIPTOR_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "wasi/file_types.h"

namespace mimobox::wasi {

/// Rights of preview 1 that streams have.
inline constexpr std::uint64_t kRightFdRead = 1ULL << 1;
inline constexpr std::uint64_t kRightFdWrite = 1ULL << 6;
inline constexpr std::uint64_t kRightFdFilestatGet = 1ULL << 21;
inline constexpr std::uint64_t kRightPollFdReadwrite = 1ULL << 27;

// The closed set of things that a descriptor of the guest may be. One place dispatches on it for each
// operation (std::visit in stream_io.cc); there is no base class.

/// A number that is not in use.
struct Closed {};

/// An input that is at its end.
struct NullInput {};

/// An input of bytes that the caller holds.
struct BytesInput {
  std::string_view left;
};

/// A borrowed descriptor of the host to read from, its open-file flags untouched.
struct FdInput {
  int fd = -1;
  bool regular = false;   ///< a regular file never makes its reader wait
  bool terminal = false;
};

/// Keeps the head of what is written and counts all.
struct CaptureOutput {
  std::uint64_t limit_bytes = 0;
  std::string data;
  std::uint64_t total_bytes = 0;
};

/// Drops what is written.
struct DiscardOutput {};

/// A borrowed descriptor of the host to write to, its open-file flags untouched.
struct FdOutput {
  int fd = -1;
  bool regular = false;
  bool terminal = false;
};

using Stream = std::variant<Closed, NullInput, BytesInput, FdInput, CaptureOutput*, DiscardOutput,
                            FdOutput>;

/// One number of the guest.
struct Descriptor {
  Stream stream = Closed{};
  std::uint64_t rights = 0;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_DESCRIPTOR_H_
