// What a process pays for sandboxes that wait and for runs in flight.
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/integration/harness.h"
#include "tests/process_size.h"

namespace mimobox::testing {
namespace {

// Under a sanitizer the figures are the sanitizer's.
#ifndef MIMOBOX_TEST_SANITIZED

std::size_t heap_bytes() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

TEST(Footprint, OfAnIdleSandboxIsAtMostFourKibibytesBesideItsConfiguration) {
  constexpr std::size_t kSandboxes = 1000;
  const Runtime runtime = Runtime::create().value();
  std::vector<std::unique_ptr<WasmSandbox>> sandboxes;
  sandboxes.reserve(kSandboxes);
  const std::size_t before = heap_bytes();
  for (std::size_t i = 0; i < kSandboxes; ++i)
    sandboxes.push_back(WasmSandbox::create(runtime).value());
  const std::size_t each = (heap_bytes() - before) / kSandboxes;
  RecordProperty("bytes", static_cast<int>(each));
  EXPECT_LE(each, 4096U + sizeof(SandboxConfig));
}

/// Threads that wait for a byte each, in a guest or without one.
class Waiting {
 public:
  static constexpr std::size_t kThreads = 200;

  template <class Body>
  explicit Waiting(Body body) {
    for (std::size_t i = 0; i < kThreads; ++i)
      threads_.emplace_back([this, i, body] { body(inputs_[i], outputs_[i]); });
    for (const Pipe& output : outputs_)
      static_cast<void>(output.read_byte());
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    for (Pipe& input : inputs_)
      input.close_writer();
    for (std::thread& thread : threads_)
      thread.join();
  }

 private:
  std::array<Pipe, kThreads> inputs_;
  std::array<Pipe, kThreads> outputs_;
  std::vector<std::thread> threads_;
};

TEST(Footprint, OfARunInFlightIsAtMostItsTouchedPagesAndSixtyFourKibibytes) {
  // The guest fills 256 KiB, says so and waits.
  constexpr std::uint64_t kTouched = 256U << 10;
  const Runtime runtime = Runtime::create().value();
  const auto text = R"((module
      (import "wasi_snapshot_preview1" "fd_read"
        (func $read (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_write"
        (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 4)
      (func (export "_start")
        (memory.fill (i32.const 0) (i32.const 1) (i32.const 262144))
        (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 1))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))))))";
  const Module module =
      runtime.load_bytes(std::as_bytes(std::span(std::string_view(text)))).value();
  const auto sandbox = WasmSandbox::create(runtime).value();
  ASSERT_TRUE(sandbox->execute(module).has_value());

  const std::uint64_t nothing = resident_bytes();
  std::uint64_t threads_only = 0;
  {
    const Waiting waiting([](const Pipe& input, const Pipe& output) {
      output.write("x");
      char end = 0;
      while (::read(input.reader(), &end, 1) > 0) {
      }
    });
    threads_only = resident_bytes() - nothing;
  }
  const std::uint64_t before = resident_bytes();
  std::atomic<std::size_t> exited{0};
  std::uint64_t in_flight = 0;
  {
    const Waiting waiting([&](const Pipe& input, const Pipe& output) {
      const auto result = sandbox->execute(module, {.input = InputDescriptor{input.reader()},
                                                    .output = OutputDescriptor{output.writer()}});
      if (result && result->verdict == Verdict::kExited) ++exited;
    });
    in_flight = resident_bytes() - before;
  }
  EXPECT_EQ(exited, Waiting::kThreads);
  const std::uint64_t each = (in_flight - std::min(in_flight, threads_only)) / Waiting::kThreads;
  RecordProperty("bytes", static_cast<int>(each));
  EXPECT_LE(each, kTouched + (64U << 10));
}

#endif

}  // namespace
}  // namespace mimobox::testing
