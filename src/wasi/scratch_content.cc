#include "wasi/scratch_content.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <expected>
#include <memory>
#include <span>
#include <utility>

namespace mimobox::wasi {
namespace {

constexpr std::uint64_t kChunk = ScratchContent::kChunkBytes;
constexpr std::size_t kSmallestBlock = 64;

}  // namespace

std::size_t ScratchContent::read(std::uint64_t offset, std::span<std::byte> buffer) const {
  if (offset >= size_) return 0;
  const auto count =
      static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), size_ - offset));
  auto block = blocks_.lower_bound(offset / kChunk);
  for (std::size_t done = 0; done < count;) {
    const std::uint64_t position = offset + done;
    const std::size_t at = position % kChunk;
    const std::size_t left = count - done;
    if (block != blocks_.end() && block->first == position / kChunk) {
      const std::size_t piece = std::min<std::size_t>(left, kChunk - at);
      const std::size_t data =
          std::min(piece, block->second.used - std::min(at, block->second.used));
      if (data > 0) std::memcpy(&buffer[done], block->second.bytes.get() + at, data);
      if (data < piece) std::memset(&buffer[done + data], 0, piece - data);
      done += piece;
      ++block;
      continue;
    }
    const std::uint64_t hole = block == blocks_.end() ? left : (block->first * kChunk) - position;
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(left, hole));
    std::memset(&buffer[done], 0, piece);
    done += piece;
  }
  return count;
}

Answer<std::size_t> ScratchContent::write(std::uint64_t offset, std::span<const std::byte> data) {
  if (data.empty()) return 0;
  const std::uint64_t limit = quota_.limits().file_bytes;
  if (offset >= limit || data.size() > limit - offset) quota_.note(ScratchHit::kFileBytes);
  if (offset >= limit) return std::unexpected(Errno::kFbig);
  if (data.size() > limit - offset) data = data.first(static_cast<std::size_t>(limit - offset));
  std::size_t done = 0;
  while (done < data.size()) {
    const std::uint64_t position = offset + done;
    const std::size_t at = position % kChunk;
    const std::size_t piece = std::min<std::size_t>(data.size() - done, kChunk - at);
    const auto written = write_chunk(position / kChunk, at, data.subspan(done, piece));
    if (!written && done == 0) return written;
    if (!written) break;
    done += *written;
    size_ = std::max(size_, offset + done);
    if (*written < piece) break;
  }
  return done;
}

Answer<std::size_t> ScratchContent::write_chunk(std::uint64_t chunk, std::size_t at,
                                                std::span<const std::byte> data) {
  auto block = blocks_.lower_bound(chunk);
  const bool exists = block != blocks_.end() && block->first == chunk;
  const std::size_t old_capacity = exists ? block->second.capacity : 0;
  if (at + data.size() > old_capacity) {
    const std::uint64_t price = exists ? 0 : kScratchBlockPrice;
    const std::uint64_t left = quota_.bytes_left() - std::min(price, quota_.bytes_left());
    const auto capacity = static_cast<std::size_t>(
        std::min<std::uint64_t>(wanted_capacity(chunk, at + data.size()), old_capacity + left));
    if (capacity < at + data.size()) quota_.note(ScratchHit::kBytes);
    if (capacity <= at) return std::unexpected(Errno::kDquot);
    block = provide(block, chunk, capacity);
    if (block == blocks_.end()) return std::unexpected(Errno::kNomem);
    data = data.first(std::min(data.size(), capacity - at));
  }
  Block& target = block->second;
  if (at > target.used) std::memset(target.bytes.get() + target.used, 0, at - target.used);
  std::memcpy(target.bytes.get() + at, data.data(), data.size());
  target.used = std::max(target.used, at + data.size());
  return data.size();
}

/// A file that grows at its end gets whole chunks once it has one; others get what they need,
/// rounded up so that many small writes copy little.
std::size_t ScratchContent::wanted_capacity(std::uint64_t chunk, std::size_t end) const {
  const bool grows = chunk > 0 && size_ / kChunk == chunk && size_ % kChunk < end;
  const bool whole = grows && !blocks_.empty() && blocks_.rbegin()->first + 1 >= chunk;
  return whole ? kChunk : std::bit_ceil(std::max(end, kSmallestBlock));
}

/// The block of a chunk with at least this capacity, charged; end() when the host has no memory.
ScratchContent::Blocks::iterator ScratchContent::provide(Blocks::iterator hint, std::uint64_t chunk,
                                                         std::size_t capacity) {
  const std::size_t blocks_before = blocks_.size();
  const auto block = blocks_.try_emplace(hint, chunk);
  const bool is_new = blocks_.size() > blocks_before;
  const std::size_t old_capacity = block->second.capacity;
  if (capacity <= old_capacity) return block;
  if (!resize(block->second, capacity)) {
    if (is_new) blocks_.erase(block);
    return blocks_.end();
  }
  const std::uint64_t price = (capacity - old_capacity) + (is_new ? kScratchBlockPrice : 0);
  quota_.charge(price);
  charged_ += price;
  return block;
}

/// Never in place: a block that shrinks where it stands leaves a hole that no whole chunk fits
/// into, and a guest could make the host's heap far larger than its quota of such holes.
bool ScratchContent::resize(Block& block, std::size_t capacity) {
  std::unique_ptr<std::byte, Free> bytes(static_cast<std::byte*>(std::malloc(capacity)));
  if (!bytes) return false;
  if (block.used > 0) std::memcpy(bytes.get(), block.bytes.get(), block.used);
  block.bytes = std::move(bytes);
  block.capacity = capacity;
  return true;
}

Errno ScratchContent::set_size(std::uint64_t size) {
  if (size > quota_.limits().file_bytes) {
    quota_.note(ScratchHit::kFileBytes);
    return Errno::kFbig;
  }
  if (size < size_) cut(size);
  size_ = size;
  return Errno::kSuccess;
}

/// Drops the blocks behind `size`, and of the one that it lies in what is behind it.
void ScratchContent::cut(std::uint64_t size) {
  const std::size_t at = size % kChunk;
  const std::uint64_t last = size / kChunk;
  std::uint64_t freed = 0;
  auto block = blocks_.lower_bound(at == 0 ? last : last + 1);
  while (block != blocks_.end()) {
    freed += block->second.capacity + kScratchBlockPrice;
    block = blocks_.erase(block);
  }
  block = at == 0 ? blocks_.end() : blocks_.find(last);
  if (block != blocks_.end()) {
    Block& kept = block->second;
    kept.used = std::min(kept.used, at);
    const std::size_t capacity = std::bit_ceil(std::max(at, kSmallestBlock));
    const std::size_t old_capacity = kept.capacity;
    // When the host cannot even make it smaller, it stays and stays charged.
    if (capacity < old_capacity && resize(kept, capacity)) freed += old_capacity - capacity;
  }
  quota_.release(freed);
  charged_ -= freed;
}

Errno ScratchContent::allocate(std::uint64_t offset, std::uint64_t length) {
  const std::uint64_t limit = quota_.limits().file_bytes;
  if (offset > limit || length > limit - offset) {
    quota_.note(ScratchHit::kFileBytes);
    return Errno::kFbig;
  }
  const std::uint64_t end = offset + length;
  const std::uint64_t first = offset / kChunk;
  const std::uint64_t last = (end - 1) / kChunk;
  const auto target = [&](std::uint64_t chunk) {
    return chunk == last ? ((end - 1) % kChunk) + 1 : kChunk;
  };
  // At most 2^49 chunks: no overflow.
  std::uint64_t price =
      ((last - first) * kChunk) + target(last) + ((last - first + 1) * kScratchBlockPrice);
  for (auto block = blocks_.lower_bound(first); block != blocks_.end() && block->first <= last;
       ++block) {
    price -=
        std::min<std::uint64_t>(target(block->first), block->second.capacity) + kScratchBlockPrice;
  }
  if (!quota_.fits(price)) return Errno::kDquot;
  auto block = blocks_.lower_bound(first);
  constexpr std::uint64_t kChunksBetweenLooks = 1024;
  for (std::uint64_t chunk = first; chunk <= last; ++chunk) {
    if (chunk % kChunksBetweenLooks == 0 && quota_.stopped()) return Errno::kIntr;
    block = provide(block, chunk, static_cast<std::size_t>(target(chunk)));
    if (block == blocks_.end()) return Errno::kNomem;
    ++block;
  }
  size_ = std::max(size_, end);
  return Errno::kSuccess;
}

}  // namespace mimobox::wasi
