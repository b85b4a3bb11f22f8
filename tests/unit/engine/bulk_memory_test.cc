// The engine's memset and memmove: what they do when nobody stops anything, and for whom they stop.
#include <mimobox_engine.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "engine/activation.h"

extern "C" {
void* mimobox_engine_memset(void* to, int value, std::size_t size) noexcept;
void* mimobox_engine_memmove(void* to, const void* from, std::size_t size) noexcept;
}

namespace mimobox::engine {
namespace {

constexpr std::size_t kLarge = (3U << 20) + 123;

std::vector<unsigned char> counted(std::size_t size) {
  std::vector<unsigned char> bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<unsigned char>(i * 7 + i / 251);
  return bytes;
}

/// A guest whose linear memory is `bytes`, inside of which the thread is.
struct Inside {
  explicit Inside(std::vector<unsigned char>& bytes) : memory{bytes.data(), bytes.size()} {
    activation.memory = &memory;
    activation.in_guest = true;
  }
  mimobox_memory_t memory;
  base::StopSignal stop;
  Activation activation{stop};
  ActivationScope scope{activation};
};

TEST(BulkMemory, MovesAsTheLibraryDoesWhateverOverlaps) {
  for (const bool in_guest : {false, true}) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{100}, std::size_t{262144},
                                   std::size_t{262145}, std::size_t{2'000'000}}) {
      for (const std::size_t shift : {std::size_t{0}, std::size_t{1}, std::size_t{300'000}}) {
        auto bytes = counted(kLarge);
        auto expected = bytes;
        std::memmove(expected.data() + shift, expected.data(), size);
        {
          std::vector<unsigned char> other(1);
          const Inside inside(in_guest ? bytes : other);
          EXPECT_EQ(mimobox_engine_memmove(bytes.data() + shift, bytes.data(), size),
                    bytes.data() + shift);
        }
        EXPECT_EQ(bytes, expected) << size << " up by " << shift;
        std::memmove(expected.data(), expected.data() + shift, size);
        mimobox_engine_memmove(bytes.data(), bytes.data() + shift, size);
        EXPECT_EQ(bytes, expected) << size << " down by " << shift;
      }
    }
  }
}

TEST(BulkMemory, FillsAsTheLibraryDoes) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{262145}, std::size_t{2'000'000}}) {
    auto bytes = counted(kLarge);
    auto expected = bytes;
    std::memset(expected.data() + 5, 0x1a5, size);
    const Inside inside(bytes);
    EXPECT_EQ(mimobox_engine_memset(bytes.data() + 5, 0x1a5, size), bytes.data() + 5);
    EXPECT_EQ(bytes, expected);
    EXPECT_FALSE(inside.activation.bulk_cut);
  }
}

TEST(BulkMemory, StopsForTheMemoryOfAGuestThatIsBeingStopped) {
  std::vector<unsigned char> bytes(kLarge);
  Inside inside(bytes);
  inside.stop.raise(1);
  mimobox_engine_memset(bytes.data(), 1, bytes.size());
  EXPECT_EQ(bytes.back(), 0);
  EXPECT_TRUE(inside.activation.bulk_cut);
  EXPECT_TRUE(inside.activation.interrupted());
}

TEST(BulkMemory, CompletesWhatIsNotTheGuestsOwn) {
  std::vector<unsigned char> guest(kLarge);
  std::vector<unsigned char> engine(kLarge);
  Inside inside(guest);
  inside.stop.raise(1);
  mimobox_engine_memset(engine.data(), 1, engine.size());
  EXPECT_EQ(engine.back(), 1);
  mimobox_engine_memmove(engine.data(), guest.data(), engine.size());
  EXPECT_EQ(engine.back(), 0);
  EXPECT_FALSE(inside.activation.bulk_cut);
}

TEST(BulkMemory, CompletesOutsideTheGuestsCall) {
  // What resets a pool's slot: were it cut, the next guest would see what this one left.
  std::vector<unsigned char> bytes(kLarge, 9);
  Inside inside(bytes);
  inside.stop.raise(1);
  inside.activation.in_guest = false;
  mimobox_engine_memset(bytes.data(), 0, bytes.size());
  EXPECT_EQ(std::accumulate(bytes.begin(), bytes.end(), 0U), 0U);
}

TEST(BulkMemory, LooksAtTheInnermostGuestOfTheThread) {
  std::vector<unsigned char> outer_bytes(kLarge);
  Inside outer(outer_bytes);
  outer.stop.raise(1);
  outer.activation.in_guest = false;  // in a callback, which runs another guest
  std::vector<unsigned char> inner_bytes(kLarge);
  {
    const Inside inner(inner_bytes);
    mimobox_engine_memset(inner_bytes.data(), 1, inner_bytes.size());
    EXPECT_EQ(inner_bytes.back(), 1);
  }
  EXPECT_EQ(current_activation(), &outer.activation);
}

}  // namespace
}  // namespace mimobox::engine
