#include "wasi/output_record.h"

#include <span>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/unit/wasi/fakes.h"

namespace mimobox::wasi {
namespace {

using testing::Fixture;
using testing::iovec;
using testing::kOk;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST(TailBuffer, KeepsTheLastBytesWhateverPiecesTheyComeIn) {
  std::string all;
  for (int i = 0; i < 100; ++i)
    all += static_cast<char>('!' + i % 90);
  for (std::size_t capacity = 1; capacity <= 12; ++capacity) {
    for (std::size_t piece = 1; piece <= 30; ++piece) {
      TailBuffer tail(capacity);
      for (std::size_t at = 0; at < all.size(); at += piece)
        tail.append(bytes_of(std::string_view(all).substr(at, piece)));
      EXPECT_EQ(tail.take(), all.substr(all.size() - capacity)) << capacity << " " << piece;
    }
  }
}

TEST(TailBuffer, HoldsNoMoreThanThereWas) {
  TailBuffer tail(10);
  EXPECT_EQ(tail.take(), "");
  tail.append(bytes_of("abc"));
  EXPECT_EQ(tail.take(), "abc");
}

TEST(TailBuffer, OfNoCapacityKeepsNothing) {
  TailBuffer tail(0);
  tail.append(bytes_of("abc"));
  EXPECT_EQ(tail.take(), "");
}

TEST(AppendWithin, TakesNoMoreMemoryThanItsBound) {
  std::string text;
  for (int i = 0; i < 1000; ++i)
    append_within(text, bytes_of("x"), 1000);
  EXPECT_EQ(text, std::string(1000, 'x'));
  EXPECT_LE(text.capacity(), 1000U);
}

/// What a capture holds of pieces of five bytes that a guest writes.
WrittenOutput head_and_tail(std::uint64_t bound, int pieces) {
  Fixture guest;
  guest.output = {OutputCapture{}, {.bytes = bound, .tail_bytes = bound / 2}};
  guest.put(0, iovec(16, 5));
  for (int i = 0; i < pieces; ++i) {
    guest.put(16, "abcd" + std::to_string(i));
    EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 64}), kOk);
  }
  const bool over = static_cast<std::uint64_t>(pieces) * 5 > bound;
  EXPECT_EQ(guest.host().limit_hit(), over ? LimitHit::kStdoutBytes : LimitHit::kNone);
  return guest.host().take_output();
}

TEST(HeadAndTail, AreOneWhenAllFits) {
  const WrittenOutput output = head_and_tail(15, 3);
  EXPECT_EQ(output.data, "abcd0abcd1abcd2");
  EXPECT_EQ(output.tail, "");
  EXPECT_FALSE(output.truncated);
  EXPECT_EQ(output.total_bytes, 15U);
}

TEST(HeadAndTail, AreTwoWhenOneByteIsTooMany) {
  const WrittenOutput output = head_and_tail(14, 3);
  EXPECT_EQ(output.data, "abcd0ab");
  EXPECT_EQ(output.tail, "d1abcd2");
  EXPECT_TRUE(output.truncated);
  EXPECT_EQ(output.total_bytes, 15U);
}

TEST(HeadAndTail, HoldTheBeginningAndTheEnd) {
  const WrittenOutput output = head_and_tail(10, 9);
  EXPECT_EQ(output.data, "abcd0");
  EXPECT_EQ(output.tail, "abcd8");
  EXPECT_EQ(output.total_bytes, 45U);
}

TEST(HeadAndTail, OfNoBytesKeepNone) {
  const WrittenOutput output = head_and_tail(0, 1);
  EXPECT_EQ(output.data + output.tail, "");
  EXPECT_TRUE(output.truncated);
}

TEST(OutputBound, IsNamedByItsStream) {
  Fixture guest;
  guest.error = {OutputCapture{}, {.bytes = 4}};
  guest.put(0, iovec(16, 5));
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 64}), kOk);
  EXPECT_EQ(guest.host().limit_hit(), LimitHit::kNone);
  EXPECT_EQ(guest.call("fd_write", {2, 0, 1, 64}), kOk);
  EXPECT_EQ(guest.host().limit_hit(), LimitHit::kStderrBytes);
}

TEST(OutputBound, ThatEndsTheRunIsWhatWasHit) {
  Fixture guest;
  guest.output = {OutputCapture{}, {.bytes = 4}};
  guest.error = {OutputCapture{}, {.bytes = 4, .stop_reason = 9}};
  guest.put(0, iovec(16, 5));
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 64}), kOk);
  EXPECT_EQ(guest.call("fd_write", {2, 0, 1, 64}).outcome, base::HostCallOutcome::kStop);
  EXPECT_EQ(guest.host().limit_hit(), LimitHit::kStderrBytes);
}

}  // namespace
}  // namespace mimobox::wasi
