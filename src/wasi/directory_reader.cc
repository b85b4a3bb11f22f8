#include "wasi/directory_reader.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <expected>
#include <string_view>

#include "wasi/host_stat.h"
#include "wasi/path_text.h"

namespace mimobox::wasi {
namespace {

constexpr std::uint64_t kBehindDot = 1;
constexpr std::uint64_t kBehindDotDot = 2;
constexpr std::uint64_t kFirstHostCookie = 3;

/// What getdents64 writes; the name begins behind the type and ends with a NUL.
struct Record {
  std::uint64_t inode;
  std::uint64_t next;
  std::uint16_t bytes;
  std::uint8_t type;
};
constexpr std::size_t kNameOffset = 19;

Record record_at(const std::byte* at) {
  Record record{};
  std::memcpy(&record, at, kNameOffset);
  return record;
}

}  // namespace

Errno DirectoryReader::seek(std::uint64_t cookie) {
  // From the beginning the directory is read anew, as after rewinddir().
  if (cookie == here_ && cookie != 0) return Errno::kSuccess;
  const std::uint64_t position = cookie < kFirstHostCookie ? 0 : cookie - kFirstHostCookie;
  if (::lseek(fd_, static_cast<off_t>(position), SEEK_SET) < 0) return Errno::kInval;
  begin_ = end_ = 0;
  here_ = cookie;
  identified_ = false;
  return Errno::kSuccess;
}

Errno DirectoryReader::identify() {
  if (identified_) return Errno::kSuccess;
  struct stat status{};
  if (::fstat(fd_, &status) != 0) return from_host_errno(errno);
  device_ = status.st_dev;
  own_inode_ = number_of(status.st_ino);
  removed_ = status.st_nlink == 0;
  identified_ = true;
  return Errno::kSuccess;
}

std::uint64_t DirectoryReader::number_of(ino_t inode) const {
  return numbers_ == Numbers::kHost ? inode : access_.guest_inode(device_, inode);
}

Errno DirectoryReader::fill() {
  if (access_.stopped()) return Errno::kIntr;
  const long got = ::syscall(SYS_getdents64, fd_, buffer_.data(), buffer_.size());
  // ENOENT: the directory was removed; nothing is in it.
  if (got < 0 && errno != ENOENT) return from_host_errno(errno);
  begin_ = 0;
  end_ = got < 0 ? 0 : static_cast<std::size_t>(got);
  return Errno::kSuccess;
}

Answer<std::optional<DirectoryEntry>> DirectoryReader::peek() {
  if (const Errno failed = identify(); failed != Errno::kSuccess) return std::unexpected(failed);
  if (removed_) return std::nullopt;
  if (here_ < kBehindDotDot) {
    return DirectoryEntry{.next = here_ + 1,
                          .inode = own_inode_,
                          .type = Filetype::kDirectory,
                          .name = here_ == 0 ? "." : ".."};
  }
  while (true) {
    if (begin_ == end_) {
      if (const Errno failed = fill(); failed != Errno::kSuccess) return std::unexpected(failed);
      if (begin_ == end_) return std::nullopt;
    }
    const std::byte* at = buffer_.data() + begin_;
    const Record record = record_at(at);
    const std::string_view name(reinterpret_cast<const char*>(at) + kNameOffset);
    if (name == "." || name == "..") {
      advance();
      continue;
    }
    if (!is_utf8(name)) return std::unexpected(Errno::kIlseq);
    Filetype type = filetype_of_mode(static_cast<mode_t>(DTTOIF(record.type)));
    if (record.type == DT_UNKNOWN) {
      struct stat status{};
      const bool known = ::fstatat(fd_, name.data(), &status, AT_SYMLINK_NOFOLLOW) == 0;
      if (known) type = filetype_of_mode(status.st_mode);
    }
    return DirectoryEntry{.next = record.next + kFirstHostCookie,
                          .inode = number_of(record.inode),
                          .type = type,
                          .name = name};
  }
}

void DirectoryReader::advance() {
  if (here_ < kBehindDotDot) {
    here_ = here_ == 0 ? kBehindDot : kBehindDotDot;
    return;
  }
  const Record record = record_at(buffer_.data() + begin_);
  here_ = record.next + kFirstHostCookie;
  begin_ += record.bytes;
}

}  // namespace mimobox::wasi
