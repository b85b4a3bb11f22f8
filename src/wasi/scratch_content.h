#ifndef MIMOBOX_WASI_SCRATCH_CONTENT_H_
#define MIMOBOX_WASI_SCRATCH_CONTENT_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <span>

#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/scratch_quota.h"

namespace mimobox::wasi {

/// The bytes of one file. They lie in blocks, one for each chunk of 16 KiB that something was
/// written to; a block takes what its chunk needs up to the last written byte, at most doubled.
/// Everything else up to the size is a hole: zeros that take no memory.
///
/// Charges the quota for its blocks and gives it all back when it goes.
class ScratchContent {
 public:
  static constexpr std::uint64_t kChunkBytes = std::uint64_t{16} * 1024;

  explicit ScratchContent(ScratchQuota& quota) : quota_(quota) {}
  ~ScratchContent() { quota_.release(charged_); }
  ScratchContent(const ScratchContent&) = delete;
  ScratchContent& operator=(const ScratchContent&) = delete;

  [[nodiscard]] std::uint64_t size() const { return size_; }

  /// Fills `buffer` from `offset` on; fewer bytes at the end of the file.
  std::size_t read(std::uint64_t offset, std::span<std::byte> buffer) const;

  /// Writes as many bytes as the limits allow. What lies between the end of the file and `offset`
  /// becomes a hole. Without a single byte written: kFbig or kDquot, kNomem when the host has none.
  [[nodiscard]] Answer<std::size_t> write(std::uint64_t offset, std::span<const std::byte> data);

  /// Cuts the file, or extends it by a hole. kFbig.
  [[nodiscard]] Errno set_size(std::uint64_t size);

  /// Provides memory for [offset, offset + length), at least one byte, so that writing there cannot
  /// fail, and extends the file to its end. kFbig and kDquot leave everything as it was; after
  /// kNomem, and kIntr when the run is being stopped, a part is provided.
  [[nodiscard]] Errno allocate(std::uint64_t offset, std::uint64_t length);

  /// Calls `visit(offset, span of bytes)` for what is not a hole, in order.
  template <class Visit>
  void for_each_extent(Visit&& visit) const {
    for (const auto& [index, block] : blocks_) {
      if (block.used > 0)
        visit(index * kChunkBytes, std::span<const std::byte>(block.bytes.get(), block.used));
    }
  }

 private:
  struct Free {
    void operator()(std::byte* bytes) const { std::free(bytes); }
  };
  /// The first `used` bytes of a chunk are here, those behind are zeros; used <= capacity <=
  /// kChunkBytes.
  struct Block {
    std::unique_ptr<std::byte, Free> bytes;
    std::size_t used = 0;
    std::size_t capacity = 0;
  };
  using Blocks = std::map<std::uint64_t, Block>;  // by chunk

  Answer<std::size_t> write_chunk(std::uint64_t chunk, std::size_t at,
                                  std::span<const std::byte> data);
  std::size_t wanted_capacity(std::uint64_t chunk, std::size_t end) const;
  Blocks::iterator provide(Blocks::iterator hint, std::uint64_t chunk, std::size_t capacity);
  static bool resize(Block& block, std::size_t capacity);
  void cut(std::uint64_t size);

  ScratchQuota& quota_;
  std::uint64_t size_ = 0;
  std::uint64_t charged_ = 0;
  Blocks blocks_;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_SCRATCH_CONTENT_H_
