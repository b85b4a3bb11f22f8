#include "cache/record.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/cache/temporary_folder.h"

namespace mimobox::cache {
namespace {

const Record kRecord{.key = base::sha256(bytes_of("key")),
                     .module = base::sha256(bytes_of("module")),
                     .module_bytes = 7,
                     .artifact_bytes = 1000,
                     .artifact = base::sha256(bytes_of("artifact")),
                     .ranges = {{0, 16}, {16, 20}, {64, 65}}};

std::uint64_t file_bytes(const std::vector<std::byte>& tail) {
  return kRecord.artifact_bytes + tail.size();
}

TEST(Record, ComesBackAsItWasWritten) {
  for (const char* key : {"", "secret"}) {
    const Seal seal{key};
    const auto tail = encode(kRecord, seal);
    const auto trailer = std::span(tail).last<kTrailerBytes>();
    EXPECT_EQ(tail_bytes(trailer, file_bytes(tail)), tail.size());
    EXPECT_EQ(decode(tail, file_bytes(tail), seal), kRecord);
  }
}

TEST(Record, IsRefusedWithAnyBitFlipped) {
  const Seal seal;
  const auto tail = encode(kRecord, seal);
  for (std::size_t bit = 0; bit < tail.size() * 8; ++bit) {
    auto damaged = tail;
    damaged[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    EXPECT_FALSE(decode(damaged, file_bytes(tail), seal).has_value()) << "bit " << bit;
  }
}

TEST(Record, IsRefusedAtAnyOtherLength) {
  const Seal seal;
  const auto tail = encode(kRecord, seal);
  for (std::size_t size = 0; size < tail.size(); ++size) {
    EXPECT_FALSE(decode(std::span(tail).last(size), file_bytes(tail), seal).has_value()) << size;
  }
  EXPECT_FALSE(decode(tail, file_bytes(tail) - 1, seal).has_value());
  EXPECT_FALSE(decode(tail, file_bytes(tail) + 1, seal).has_value());
}

TEST(Record, UnderAKeyIsRefusedWithoutItOrUnderAnother) {
  const auto tail = encode(kRecord, Seal("secret"));
  EXPECT_FALSE(decode(tail, file_bytes(tail), Seal()).has_value());
  EXPECT_FALSE(decode(tail, file_bytes(tail), Seal("another")).has_value());
  const auto open = encode(kRecord, Seal());
  EXPECT_FALSE(decode(open, file_bytes(open), Seal("secret")).has_value());
}

TEST(Record, WithRangesOutOfOrderIsRefusedThoughItsSealFits) {
  for (const std::vector<CodeRange>& ranges :
       {std::vector<CodeRange>{{16, 20}, {0, 16}}, {{0, 16}, {15, 20}}, {{4, 4}}, {{4, 3}}}) {
    Record record = kRecord;
    record.ranges = ranges;
    const auto tail = encode(record, Seal());
    EXPECT_FALSE(decode(tail, file_bytes(tail), Seal()).has_value());
  }
}

}  // namespace
}  // namespace mimobox::cache
