#ifndef MIMOBOX_WASI_BYTE_STREAM_H_
#define MIMOBOX_WASI_BYTE_STREAM_H_

#include <cstddef>
#include <optional>
#include <span>

namespace mimobox::wasi {

/// Where a guest's standard input comes from when only the embedder knows.
class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;

  /// Fills the front of `buffer` (not empty) and says how many bytes that are, 0 at the end;
  /// nullopt when it cannot, and then the run is being stopped.
  [[nodiscard]] virtual std::optional<std::size_t> read(std::span<std::byte> buffer) noexcept = 0;
};

/// Where a guest's output goes when only the embedder knows.
class ByteSink {
 public:
  ByteSink() = default;
  ByteSink(const ByteSink&) = delete;
  ByteSink& operator=(const ByteSink&) = delete;
  virtual ~ByteSink() = default;

  /// Takes all of `bytes` (not empty); false when it cannot, and then the run is being stopped.
  [[nodiscard]] virtual bool write(std::span<const std::byte> bytes) noexcept = 0;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_BYTE_STREAM_H_
