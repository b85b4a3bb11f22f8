#include "wasi/output_record.h"

#include <algorithm>
#include <utility>

namespace mimobox::wasi {
namespace {

const char* chars(std::span<const std::byte> data) {
  return reinterpret_cast<const char*>(data.data());
}

}  // namespace

void append_within(std::string& text, std::span<const std::byte> data, std::uint64_t most) {
  const std::size_t wanted = text.size() + data.size();
  if (wanted > text.capacity()) {
    const std::size_t doubled = std::max(wanted, 2 * text.capacity());
    // A string of its own: one that is there may at least double, whatever it is asked for.
    std::string larger;
    larger.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(doubled, most)));
    larger += text;
    text = std::move(larger);
  }
  text.append(chars(data), data.size());
}

void TailBuffer::append(std::span<const std::byte> data) {
  if (capacity_ == 0) return;
  data = data.last(std::min(data.size(), capacity_));
  const auto fresh = data.first(std::min(data.size(), capacity_ - ring_.size()));
  append_within(ring_, fresh, capacity_);
  data = data.subspan(fresh.size());
  while (!data.empty()) {
    const auto piece = data.first(std::min(data.size(), capacity_ - next_));
    ring_.replace(next_, piece.size(), chars(piece), piece.size());
    next_ = (next_ + piece.size()) % capacity_;
    data = data.subspan(piece.size());
  }
}

std::string TailBuffer::take() {
  if (ring_.empty()) return {};
  std::ranges::rotate(ring_, ring_.begin() + static_cast<std::ptrdiff_t>(next_));
  next_ = 0;
  return std::exchange(ring_, {});
}

WrittenOutput take_output(OutputRecord& record) {
  WrittenOutput output{.data = std::exchange(record.captured, {}),
                       .tail = record.tail.take(),
                       .total_bytes = record.total_bytes,
                       .truncated = record.total_bytes > record.passed_bytes};
  if (output.total_bytes > record.bound.bytes || output.tail.empty()) return output;
  output.truncated = false;  // nothing was dropped in front of the tail
  const bool captured = output.data.size() == record.passed_bytes;
  if (captured) output.data += std::exchange(output.tail, {});
  return output;
}

}  // namespace mimobox::wasi
