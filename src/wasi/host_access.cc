#include "wasi/host_access.h"

#include <sys/resource.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <expected>
#include <span>

#include "wasi/host_stat.h"
#include "wasi/random_source.h"

namespace mimobox::wasi {
namespace {

/// Writing beyond RLIMIT_FSIZE raises SIGXFSZ, which would kill the host: the smaller of the two
/// holds.
HostFileLimits within_host_limits(HostFileLimits limits) {
  rlimit host{};
  if (::getrlimit(RLIMIT_FSIZE, &host) == 0 && host.rlim_cur != RLIM_INFINITY) {
    limits.file_bytes = std::min<std::uint64_t>(limits.file_bytes, host.rlim_cur);
  }
  return limits;
}

struct SipState {
  std::array<std::uint64_t, 4> v;

  void round() {
    v[0] += v[1];
    v[1] = std::rotl(v[1], 13) ^ v[0];
    v[0] = std::rotl(v[0], 32);
    v[2] += v[3];
    v[3] = std::rotl(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = std::rotl(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = std::rotl(v[1], 17) ^ v[2];
    v[2] = std::rotl(v[2], 32);
  }
  void take(std::uint64_t word) {
    v[3] ^= word;
    round();
    v[0] ^= word;
  }
};

/// SipHash-1-3 of two words. https://www.aumasson.jp/siphash/
std::uint64_t sip_hash(const std::array<std::uint64_t, 2>& key, std::uint64_t a, std::uint64_t b) {
  SipState state{{key[0] ^ 0x736f'6d65'7073'6575, key[1] ^ 0x646f'7261'6e64'6f6d,
                  key[0] ^ 0x6c79'6765'6e65'7261, key[1] ^ 0x7465'6462'7974'6573}};
  state.take(a);
  state.take(b);
  state.take(std::uint64_t{16} << 56U);  // the length
  state.v[2] ^= 0xFFU;
  for (int i = 0; i < 3; ++i)
    state.round();
  return state.v[0] ^ state.v[1] ^ state.v[2] ^ state.v[3];
}

}  // namespace

HostAccess::HostAccess(const HostFileLimits& limits, LimitRecord& record,
                       const std::optional<InodeKey>& inode_key, base::StopSignal& stop,
                       base::BlockingNotice& blocking, Clock* virtual_clock)
    : limits_(within_host_limits(limits)),
      record_(record),
      stop_(stop),
      blocking_(blocking),
      inode_key_(inode_key) {
  if (virtual_clock != nullptr) virtual_files_.emplace(*virtual_clock);
}

Answer<Filestat> HostAccess::filestat(const struct stat& status) {
  if (virtual_files_) return virtual_files_->filestat(status);
  return to_filestat(status, guest_inode(status.st_dev, status.st_ino));
}

std::uint64_t HostAccess::guest_inode(dev_t device, ino_t inode) {
  if (virtual_files_) {
    const auto node = virtual_files_->find(device, inode);
    return node ? node->number : ~std::uint64_t{0};
  }
  if (!inode_key_) {
    InodeKey key{};
    // A source that fails leaves zeros: a known key still hides nothing worse than numbers.
    static_cast<void>(SystemRandom().fill(std::as_writable_bytes(std::span(key))));
    inode_key_ = key;
  }
  return std::max<std::uint64_t>(1, sip_hash(*inode_key_, device, inode));
}

Answer<std::uint64_t> HostAccess::writable_at(std::uint64_t offset, std::uint64_t wanted) {
  if (offset >= limits_.file_bytes) {
    record_.note(LimitHit::kFileBytes);
    return std::unexpected(Errno::kFbig);
  }
  if (const Errno refused = may_write(1); refused != Errno::kSuccess) {
    return std::unexpected(refused);
  }
  return std::min({wanted, limits_.file_bytes - offset, limits_.written_bytes - written_bytes_});
}

Errno HostAccess::may_grow_to(std::uint64_t size) {
  if (size <= limits_.file_bytes) return Errno::kSuccess;
  record_.note(LimitHit::kFileBytes);
  return Errno::kFbig;
}

Errno HostAccess::may_write(std::uint64_t bytes) {
  // What was written never exceeds the limit.
  if (bytes <= limits_.written_bytes - written_bytes_) return Errno::kSuccess;
  record_.note(LimitHit::kWrittenBytes);
  return Errno::kDquot;
}

Errno HostAccess::may_create() {
  if (has_room_for_files()) return Errno::kSuccess;
  record_.note(LimitHit::kCreatedFiles);
  return Errno::kDquot;
}

}  // namespace mimobox::wasi
