#include "wasi/byte_stream.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/unit/wasi/fakes.h"

namespace mimobox::wasi {
namespace {

using testing::Fixture;
using testing::HostCallOutcome;
using testing::iovec;
using testing::kOk;
using testing::le32;
using testing::returns;

/// A sink that takes so many writes, and a host around it.
class CountingSink final : public ByteSink {
 public:
  explicit CountingSink(int writes) : left_(writes) {}
  [[nodiscard]] bool write(std::span<const std::byte> bytes) noexcept override {
    if (left_-- <= 0) return false;
    taken.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return true;
  }
  std::string taken;

 private:
  int left_;
};

class TextSource final : public ByteSource {
 public:
  explicit TextSource(std::optional<std::string> text) : text_(std::move(text)) {}
  [[nodiscard]] std::optional<std::size_t> read(std::span<std::byte> buffer) noexcept override {
    ++calls;
    if (!text_) return std::nullopt;
    const std::size_t count = std::min(buffer.size(), text_->size());
    std::memcpy(buffer.data(), text_->data(), count);
    text_->erase(0, count);
    return count;
  }
  int calls = 0;

 private:
  std::optional<std::string> text_;
};

TEST(ByteSource, GivesWhatASourceHasAndItsEndOnce) {
  Fixture guest;
  TextSource source("hi");
  guest.input = InputSource{&source};
  guest.put(0, iovec(16, 4));
  EXPECT_EQ(guest.call("fd_read", {0, 0, 1, 64}), kOk);
  EXPECT_EQ(guest.call("fd_read", {0, 0, 1, 68}), kOk);
  EXPECT_EQ(guest.call("fd_read", {0, 0, 1, 72}), kOk);
  EXPECT_EQ(
      guest.memory(),
      guest.expected({{0, iovec(16, 4)}, {16, "hi"}, {64, le32(2)}, {68, le32(0)}, {72, le32(0)}}));
  EXPECT_EQ(source.calls, 2);
}

TEST(ByteSource, IsAnErrorWhenTheSourceFails) {
  Fixture guest;
  TextSource source(std::nullopt);
  guest.input = InputSource{&source};
  guest.put(0, iovec(16, 4));
  EXPECT_EQ(guest.call("fd_read", {0, 0, 1, 64}), returns(Errno::kIo));
}

TEST(ByteSink, HandsTheGuestsBytesToASinkUpToItsLimit) {
  Fixture guest;
  CountingSink sink(9);
  guest.output = {OutputSink{&sink}, {.bytes = 7}};
  guest.put(0, iovec(16, 5));
  guest.put(16, "hello");
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 64}), kOk);
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 64}), kOk);
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 64}), kOk);
  EXPECT_EQ(sink.taken, "hellohe");
  const WrittenOutput output = guest.host().take_output();
  EXPECT_EQ(output.total_bytes, 15U);
  EXPECT_TRUE(output.truncated);
}

TEST(ByteSink, IsAnErrorWhenTheSinkFails) {
  Fixture guest;
  CountingSink sink(1);
  guest.output = OutputSink{&sink};
  guest.put(0, iovec(16, 5));
  guest.put(16, "hello");
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 64}), kOk);
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 64}), returns(Errno::kIo));
  EXPECT_EQ(guest.host().take_output().total_bytes, 5U);
}

TEST(ByteSink, StopsTheRunAboveTheLimitAndNotAtIt) {
  Fixture guest;
  guest.output = {OutputCapture{}, {.bytes = 10, .stop_reason = 42}};
  guest.put(0, iovec(16, 5));
  guest.put(16, "hello");
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 64}), kOk);
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 64}), kOk);
  EXPECT_EQ(guest.call("fd_write", {1, 0, 1, 64}).outcome, HostCallOutcome::kStop);
  EXPECT_EQ(guest.stop.reason(), 42U);
  EXPECT_EQ(guest.host().limit_hit(), LimitHit::kStdoutBytes);
  EXPECT_EQ(guest.host().take_output().data, "hellohello");
}

}  // namespace
}  // namespace mimobox::wasi
