#include <unistd.h>

#include <cstddef>
#include <span>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/wasi/fakes.h"
#include "wasi/byte_stream.h"
#include "wasi/host.h"

// HostConfig::steady_streams: nothing of how bytes come reaches the guest.

namespace mimobox::wasi::testing {
namespace {

/// Gives a byte at a time.
class SlowSource final : public ByteSource {
 public:
  explicit SlowSource(std::string_view data) : data_(data) {}

  std::optional<std::size_t> read(std::span<std::byte> buffer) noexcept override {
    if (data_.empty() || buffer.empty()) return 0;
    buffer[0] = static_cast<std::byte>(data_.front());
    data_.remove_prefix(1);
    return 1;
  }

 private:
  std::string_view data_;
};

struct SteadyStreams : ::testing::Test, Fixture {
  SteadyStreams() { steady_streams = true; }

  /// Reads into two buffers of four bytes at 100 and expects `bytes` there.
  void expect_read(std::string_view bytes) {
    wipe();
    put(16, iovec(100, 4) + iovec(104, 4));
    EXPECT_EQ(call("fd_read", {0, 16, 2, 32}), kOk);
    const auto count = static_cast<std::uint32_t>(bytes.size());
    EXPECT_EQ(memory(), expected({{32, le32(count)}, {100, std::string(bytes)}}));
  }

  /// Polls both streams and expects that they are ready and say no more than that.
  void expect_ready() {
    wipe();
    put(0, le64(7) + le64(1) + le32(0) + std::string(28, '\0'));
    put(48, le64(8) + le64(2) + le32(1) + std::string(28, '\0'));
    EXPECT_EQ(call("poll_oneoff", {0, 100, 2, 200}), kOk);
    const std::string read_event =
        le64(7) + le16(0) + std::string("\1\0\0\0\0\0", 6) + le64(1) + le64(0);
    const std::string write_event =
        le64(8) + le16(0) + std::string("\2\0\0\0\0\0", 6) + le64(0) + le64(0);
    EXPECT_EQ(memory(), expected({{100, read_event}, {132, write_event}, {200, le32(2)}}));
  }
};

TEST_F(SteadyStreams, AReadOfAPipeWaitsForAllThatItHasRoomFor) {
  Pipe pipe;
  input = InputFd{pipe.read_end.get()};
  SystemPoller system;
  poller = &system;
  std::thread writer([&] {
    for (const char byte : std::string_view("abcdefghij")) {
      ASSERT_EQ(::write(pipe.write_end.get(), &byte, 1), 1);
      std::this_thread::yield();
    }
    pipe.write_end.reset();
  });
  expect_read("abcdefgh");
  expect_read("ij");
  expect_read("");
  writer.join();
}

TEST_F(SteadyStreams, AReadOfASourceWaitsForAllThatItHasRoomFor) {
  SlowSource source("abcdefghij");
  input = InputSource{&source};
  expect_read("abcdefgh");
  expect_read("ij");
  expect_read("");
}

TEST_F(SteadyStreams, AReadOfBytesGivesTheSame) {
  input = InputBytes{"abcdefghij"};
  expect_read("abcdefgh");
  expect_read("ij");
  expect_read("");
}

TEST_F(SteadyStreams, AreReadyWhateverTheyAre) {
  const Pipe in;
  const Pipe out;
  SlowSource source("a");
  for (const Input& from : {Input(InputFd{in.read_end.get()}), Input(InputNone{}),
                            Input(InputBytes{"abc"}), Input(InputSource{&source})}) {
    end_host();
    input = from;
    output = Output{OutputFd{out.write_end.get()}};
    expect_ready();
  }
  EXPECT_TRUE(fake_poller.deadlines.empty() || fake_poller.last_items == 0);
}

}  // namespace
}  // namespace mimobox::wasi::testing
