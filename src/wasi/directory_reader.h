#ifndef MIMOBOX_WASI_DIRECTORY_READER_H_
#define MIMOBOX_WASI_DIRECTORY_READER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/unique_fd.h"
#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/host_access.h"

namespace mimobox::wasi {

/// Reads a host's directory entry by entry, from any cookie on. "." and ".." come first, both with
/// the directory's own number: what is above the directory is not the guest's to know.
///
/// A cookie is the host's telldir position plus 3, so that 0, 1 and 2 stand before ".", before ".."
/// and behind both. The kernel takes any position, so a forged one gives some entries, none or
/// kInval.
class DirectoryReader {
 public:
  enum class Numbers : std::uint8_t {
    kGuest,  ///< entries have the guest's numbers
    kHost,   ///< they have the host's, for who replaces them
  };
  /// `fd` is the directory, opened for reading, whose offset nobody else uses. It is borrowed, as
  /// `access` is, unless it is `owned`, too.
  DirectoryReader(int fd, base::UniqueFd owned, HostAccess& access, Numbers numbers)
      : owned_(std::move(owned)), fd_(fd), access_(access), numbers_(numbers) {}

  /// Goes to a cookie. Where the reader is already, it goes on without a system call.
  [[nodiscard]] Errno seek(std::uint64_t cookie);
  /// The entry here, nullopt at the end. kIntr: the run is being stopped. kIlseq: a name is not
  /// UTF-8.
  [[nodiscard]] Answer<std::optional<DirectoryEntry>> peek();
  /// Goes behind the entry that was given last.
  void advance();
  /// The host's device; known once something was peeked at.
  [[nodiscard]] dev_t device() const { return device_; }

 private:
  static constexpr std::size_t kBufferBytes = 8'192;

  [[nodiscard]] Errno identify();
  [[nodiscard]] std::uint64_t number_of(ino_t inode) const;
  [[nodiscard]] Errno fill();

  base::UniqueFd owned_;
  int fd_;
  HostAccess& access_;
  Numbers numbers_;
  std::uint64_t here_ = 0;  ///< the cookie of the entry that comes next
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool identified_ = false;
  bool removed_ = false;  ///< it has no entries then, not even "." and ".."
  dev_t device_ = 0;
  std::uint64_t own_inode_ = 0;
  alignas(8) std::array<std::byte, kBufferBytes> buffer_;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_DIRECTORY_READER_H_
