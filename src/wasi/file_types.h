#ifndef MIMOBOX_WASI_FILE_TYPES_H_
#define MIMOBOX_WASI_FILE_TYPES_H_

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "wasi/errno.h"

// What files and directories of all kinds of mounts have in common. Each kind has a file type and a
// directory type with the same member functions (host_file.h, scratch_file.h and so on); the
// closed set of them is the variant in descriptor.h, which one place dispatches on.

namespace mimobox::wasi {

/// A value, or the errno that the guest gets.
template <class T>
using Answer = std::expected<T, Errno>;

/// How many bytes moved, or why none did.
using Moved = Answer<std::size_t>;

/// What a path answers that leads above the directory it starts from, or is absolute; the same for
/// symbolic links. On mounts of all kinds, as wasmtime.
inline constexpr Errno kEscape = Errno::kPerm;

/// The file types of preview 1, with the specification's numbers.
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#filetype
enum class Filetype : std::uint8_t {
  kUnknown = 0,
  kBlockDevice = 1,
  kCharacterDevice = 2,
  kDirectory = 3,
  kRegularFile = 4,
  kSocketDgram = 5,
  kSocketStream = 6,
  kSymbolicLink = 7,
};

/// What preview 1 tells about a file; times in nanoseconds since 1970.
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#filestat
struct Filestat {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  Filetype type = Filetype::kUnknown;
  std::uint64_t links = 1;
  std::uint64_t size = 0;
  std::uint64_t atim = 0;
  std::uint64_t mtim = 0;
  std::uint64_t ctim = 0;
};

/// One time of a file to be set: left alone, set to now, or set to a value.
struct TimeChange {
  enum class Kind : std::uint8_t { kOmit, kNow, kValue };
  Kind kind = Kind::kOmit;
  std::uint64_t nanoseconds = 0;  ///< for kValue
};

struct TimesChange {
  TimeChange atim;
  TimeChange mtim;
};

/// The fdflags of preview 1 that an open file keeps.
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fdflags
struct FileFlags {
  bool append = false;
  bool dsync = false;
  bool nonblock = false;
  bool rsync = false;
  bool sync = false;

  friend bool operator==(const FileFlags&, const FileFlags&) = default;
};

/// How a path is opened.
struct OpenOptions {
  bool follow = false;     ///< lookupflags::symlink_follow, for the last component
  bool create = false;     ///< oflags::creat
  bool directory = false;  ///< oflags::directory
  bool exclusive = false;  ///< oflags::excl
  bool truncate = false;   ///< oflags::trunc
  bool read = false;       ///< the file will be read
  bool write = false;      ///< the file will be written, resized or allocated
  FileFlags flags;
};

/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#whence
enum class Whence : std::uint8_t { kSet = 0, kCurrent = 1, kEnd = 2 };

/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#advice
enum class Advice : std::uint8_t {
  kNormal = 0,
  kSequential = 1,
  kRandom = 2,
  kWillneed = 3,
  kDontneed = 4,
  kNoreuse = 5,
};

/// One entry of a directory. `next` is the cookie that continues behind it.
struct DirectoryEntry {
  std::uint64_t next = 0;
  std::uint64_t inode = 0;
  Filetype type = Filetype::kUnknown;
  std::string_view name;  ///< valid until the next entry
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_FILE_TYPES_H_
