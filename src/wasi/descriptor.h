#ifndef MIMOBOX_WASI_DESCRIPTOR_H_
#define MIMOBOX_WASI_DESCRIPTOR_H_

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "wasi/byte_stream.h"
#include "wasi/file_types.h"
#include "wasi/host_directory.h"
#include "wasi/host_file.h"
#include "wasi/output_record.h"
#include "wasi/rights.h"
#include "wasi/scratch_directory.h"
#include "wasi/scratch_file.h"
#include "wasi/single_file_directory.h"

namespace mimobox::wasi {

// The closed set of things that a descriptor of the guest may be; there is no base class. Bytes of
// streams are dispatched in stream_io.cc, everything on files and directories in dispatch.h.

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
  bool waits = true;  ///< false: a read never waits for somebody else, as of a regular file
  bool terminal = false;
};

/// An input that only the embedder knows.
struct SourceInput {
  ByteSource* source = nullptr;
  bool at_end = false;
};

/// Keeps what is written in its record.
struct CaptureOutput {
  OutputRecord* record = nullptr;
};

/// Drops what is written.
struct DiscardOutput {
  OutputRecord* record = nullptr;
};

/// A borrowed descriptor of the host to write to, its open-file flags untouched.
struct FdOutput {
  OutputRecord* record = nullptr;
  int fd = -1;
  bool terminal = false;
};

/// An output that only the embedder knows.
struct SinkOutput {
  OutputRecord* record = nullptr;
  ByteSink* sink = nullptr;
};

/// An output stream, of whatever kind.
template <class T>
concept OutputResource = std::same_as<T, CaptureOutput> || std::same_as<T, DiscardOutput> ||
                         std::same_as<T, FdOutput> || std::same_as<T, SinkOutput>;

using Resource = std::variant<Closed, NullInput, BytesInput, FdInput, SourceInput, CaptureOutput,
                              DiscardOutput, FdOutput, SinkOutput, HostFile, HostDirectory,
                              SingleFileDirectory, ScratchFile, ScratchDirectory>;

/// A regular file, of whatever kind of mount.
template <class T>
concept FileResource = std::same_as<T, HostFile> || std::same_as<T, ScratchFile>;

/// A directory, of whatever kind of mount.
template <class T>
concept DirectoryResource =
    std::same_as<T, HostDirectory> || std::same_as<T, SingleFileDirectory> ||
    std::same_as<T, ScratchDirectory>;

/// One number of the guest.
struct Descriptor {
  Resource resource = Closed{};
  std::uint64_t rights = 0;
  std::uint64_t inheriting = 0;
  /// The guest's name of a directory that it was granted, borrowed of the mount.
  std::optional<std::string_view> preopen_path = std::nullopt;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_DESCRIPTOR_H_
