#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "wasi/dispatch.h"
#include "wasi/host.h"

namespace mimobox::wasi {
namespace {

constexpr std::size_t kDirentBytes = 24;

/// Fills a guest's buffer with entries; the last one may be cut, in its head or its name.
class EntryWriter {
 public:
  explicit EntryWriter(std::span<std::byte> buffer) : buffer_(buffer) {}

  /// Whether there was room for all of it.
  bool add(const DirectoryEntry& entry) {
    std::array<std::byte, kDirentBytes> head{};
    GuestMemory::store(head, 0, entry.next);
    GuestMemory::store(head, 8, entry.inode);
    GuestMemory::store(head, 16, static_cast<std::uint32_t>(entry.name.size()));
    GuestMemory::store(head, 20, std::to_underlying(entry.type));
    return put(head) && put(std::as_bytes(std::span(entry.name)));
  }
  [[nodiscard]] std::size_t used() const { return used_; }

 private:
  bool put(std::span<const std::byte> bytes) {
    const auto room = buffer_.subspan(used_);
    const std::size_t taken = std::min(bytes.size(), room.size());
    std::ranges::copy(bytes.first(taken), room.begin());
    used_ += taken;
    return taken == bytes.size();
  }

  std::span<std::byte> buffer_;
  std::size_t used_ = 0;
};

}  // namespace

/// Lists a directory from `cookie` on (0: from its start; else what an entry had in d_next): fills
/// the buffer with one dirent of 24 bytes and the name for each entry, the last one possibly cut,
/// and writes how many bytes are used (u32 at `used`; less than `buf_len`: the end is met). "." and
/// ".." come first.
///
/// - kBadf: the descriptor is not open. kNotdir: it is no directory.
/// - kNotcapable: without the right fd_readdir.
/// - kFault: the buffer or `used` is not in the memory.
/// - kInval: a cookie that the host's file system cannot take.
/// - kIlseq: a name is not UTF-8; as wasmtime, the directory cannot be listed then.
/// - kIntr: the run is being stopped (the guest does not see it).
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fd_readdir
Errno Host::fd_readdir(GuestMemory memory, std::uint32_t fd, std::uint32_t buf,
                       std::uint32_t buf_len, std::uint64_t cookie, std::uint32_t used) {
  return on_directory(find(fd), kRightFdReaddir, [&](auto& directory) -> Errno {
    const auto buffer = memory.range(buf, buf_len);
    if (!buffer || !memory.range(used, sizeof(std::uint32_t))) return Errno::kFault;
    if (stopped()) return Errno::kIntr;
    EntryWriter writer(*buffer);
    // A list of a scratch may be millions of names long.
    const Errno listed = directory.list(
        cookie, [&](const DirectoryEntry& entry) { return !stopped() && writer.add(entry); });
    // A directory that was removed is empty, as C libraries have it.
    if (listed != Errno::kSuccess && listed != Errno::kNoent) return listed;
    metrics_.of(CallKind::kDirectoryRead).bytes += writer.used();
    return memory.write(used, static_cast<std::uint32_t>(writer.used())) ? Errno::kSuccess
                                                                         : Errno::kFault;
  });
}

}  // namespace mimobox::wasi
