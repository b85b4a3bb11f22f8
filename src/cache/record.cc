#include "cache/record.h"

#include <array>
#include <tuple>
#include <utility>

#include "cache/bytes.h"
#include "cache/key.h"

namespace mimobox::cache {
namespace {

constexpr std::string_view kMagic = "mimobox\n";
constexpr std::size_t kRangeBytes = 8;
/// No module has more functions (wasm/bounds.h).
constexpr std::uint32_t kMaxRanges = 1'000'000;
constexpr std::size_t kSealBytes = std::tuple_size_v<Digest>;

/// The fields of a trailer but the seal.
struct Trailer {
  bool has_magic = false;
  std::uint32_t version = 0;
  std::uint32_t range_count = 0;
  Record record;
};

Trailer read_trailer(std::span<const std::byte> bytes) {
  FieldReader reader(bytes);
  Trailer trailer;
  trailer.has_magic = reader.has(kMagic);
  trailer.version = reader.number<std::uint32_t>();
  trailer.range_count = reader.number<std::uint32_t>();
  trailer.record.module_bytes = reader.number<std::uint64_t>();
  trailer.record.artifact_bytes = reader.number<std::uint64_t>();
  trailer.record.key = reader.digest();
  trailer.record.module = reader.digest();
  trailer.record.artifact = reader.digest();
  return trailer;
}

}  // namespace

std::vector<std::byte> encode(const Record& record, const Seal& seal) {
  FieldWriter writer;
  for (const CodeRange& range : record.ranges) {
    writer.add(range.begin);
    writer.add(range.end);
  }
  const std::size_t trailer = writer.size();
  writer.add(kMagic);
  writer.add(kFormatVersion);
  writer.add(static_cast<std::uint32_t>(record.ranges.size()));
  writer.add(record.module_bytes);
  writer.add(record.artifact_bytes);
  writer.add(record.key);
  writer.add(record.module);
  writer.add(record.artifact);
  writer.pad_to(trailer + kTrailerBytes - kSealBytes);
  writer.add(seal.of(writer.bytes()));
  return std::move(writer.bytes());
}

std::expected<std::size_t, Damage> tail_bytes(std::span<const std::byte, kTrailerBytes> trailer,
                                              std::uint64_t file_bytes) {
  const Trailer read = read_trailer(trailer);
  if (!read.has_magic) return std::unexpected("it does not end in a record");
  if (read.version != kFormatVersion) return std::unexpected("its record has another version");
  const std::uint64_t tail = kTrailerBytes + read.range_count * std::uint64_t{kRangeBytes};
  const std::uint64_t artifact = read.record.artifact_bytes;
  if (read.range_count > kMaxRanges) return std::unexpected("its record has too many ranges");
  if (artifact == 0 || artifact > kMaxArtifactBytes || tail > file_bytes ||
      artifact != file_bytes - tail) {
    return std::unexpected("its size is not what its record says");
  }
  return static_cast<std::size_t>(tail);
}

std::expected<Record, Damage> decode(std::span<const std::byte> tail, std::uint64_t file_bytes,
                                     const Seal& seal) {
  if (tail.size() < kTrailerBytes) return std::unexpected("it is too short for a record");
  const auto trailer = tail.last<kTrailerBytes>();
  const auto size = tail_bytes(trailer, file_bytes);
  if (!size) return std::unexpected(size.error());
  if (*size != tail.size()) return std::unexpected("its size is not what its record says");
  FieldReader seal_reader(tail.last<kSealBytes>());
  if (!seal.fits(tail.first(tail.size() - kSealBytes), seal_reader.digest())) {
    return std::unexpected("the seal of its record does not fit");
  }
  Trailer read = read_trailer(trailer);
  FieldReader reader(tail);
  read.record.ranges.resize(read.range_count);
  for (CodeRange& range : read.record.ranges) {
    range.begin = reader.number<std::uint32_t>();
    range.end = reader.number<std::uint32_t>();
  }
  if (!engine::in_order(read.record.ranges)) return std::unexpected("its ranges are not in order");
  return std::move(read.record);
}

}  // namespace mimobox::cache
