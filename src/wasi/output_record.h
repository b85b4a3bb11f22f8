#ifndef MIMOBOX_WASI_OUTPUT_RECORD_H_
#define MIMOBOX_WASI_OUTPUT_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include "wasi/file_limits.h"

namespace mimobox::wasi {

/// How many bytes of an output go where it goes, and what becomes of those above.
struct OutputBound {
  static constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();

  std::uint64_t bytes = kNone;
  /// How many of them are kept for the last bytes written, which `WrittenOutput` tells.
  std::uint64_t tail_bytes = 0;
  /// With what an output above the bound stops the run (`StopSignal::raise`); 0: what is above is
  /// counted and dropped.
  std::uint32_t stop_reason = 0;
};

/// The last bytes of a stream, in a ring that is never larger than its capacity.
class TailBuffer {
 public:
  explicit TailBuffer(std::size_t capacity) : capacity_(capacity) {}

  /// May throw std::bad_alloc, and then has kept nothing of `data`.
  void append(std::span<const std::byte> data);
  /// The bytes in their order; empties the buffer.
  [[nodiscard]] std::string take();

 private:
  std::size_t capacity_;
  std::size_t next_ = 0;  ///< where the oldest byte stands once the ring is full
  std::string ring_;
};

/// Appends without taking more memory than twice what is there, nor than `most` bytes.
void append_within(std::string& text, std::span<const std::byte> data, std::uint64_t most);

/// Counts what is written to one output, and holds its bound and what is kept of it.
struct OutputRecord {
  OutputRecord(const OutputBound& of, LimitHit hit)
      : bound(of), limit(hit), tail(static_cast<std::size_t>(of.tail_bytes)) {}

  const OutputBound bound;
  const LimitHit limit;            ///< what running into the bound is called
  std::uint64_t passed_bytes = 0;  ///< went where the output goes, the tail not counted
  std::uint64_t total_bytes = 0;
  std::string captured;
  TailBuffer tail;

  /// How many of the first bytes go where the output goes.
  [[nodiscard]] std::uint64_t head_bytes() const { return bound.bytes - bound.tail_bytes; }
};

/// What was written to an output.
struct WrittenOutput {
  std::string data;  ///< the first bytes of a captured one
  std::string tail;  ///< the last bytes, unless `data` holds them
  std::uint64_t total_bytes = 0;
  bool truncated = false;
};

/// The end of a record: what it holds moves out of it.
[[nodiscard]] WrittenOutput take_output(OutputRecord& record);

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_OUTPUT_RECORD_H_
