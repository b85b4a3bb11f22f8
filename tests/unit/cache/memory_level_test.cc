#include "cache/memory_level.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/cache/temporary_folder.h"

namespace mimobox::cache {
namespace {

Digest digest(int number) {
  return base::sha256(bytes_of(std::to_string(number)));
}

base::FileFingerprint file(std::uint64_t inode) {
  return {.device = 1, .inode = inode, .size = 2, .modified_ns = 3, .changed_ns = 4};
}

using Level = MemoryLevel<std::string>;

Level::Ptr text(const char* of) {
  return std::make_shared<std::string>(of);
}

TEST(MemoryLevel, FindsByFingerprintAndByDigest) {
  Level level(10, 1000);
  const auto kept = level.keep(digest(1), text("one"), 5);
  level.add_file(file(7), digest(1));
  EXPECT_EQ(level.find(file(7)), kept);
  EXPECT_EQ(level.find(digest(1)), kept);
  EXPECT_EQ(level.find(file(8)), nullptr);
  auto changed = file(7);
  ++changed.changed_ns;
  EXPECT_EQ(level.find(changed), nullptr);
  EXPECT_EQ(level.keep(digest(1), text("another"), 5), kept) << "one per digest";
}

TEST(MemoryLevel, LeavesOutWhatWasNotUsedLongest) {
  Level level(2, 1000);
  static_cast<void>(level.keep(digest(1), text("one"), 1));
  level.add_file(file(1), digest(1));
  static_cast<void>(level.keep(digest(2), text("two"), 1));
  level.add_file(file(2), digest(2));
  EXPECT_NE(level.find(file(1)), nullptr);
  static_cast<void>(level.keep(digest(3), text("three"), 1));
  EXPECT_EQ(level.find(file(2)), nullptr);
  EXPECT_NE(level.find(file(1)), nullptr);
  EXPECT_EQ(level.size(), 2U);
}

TEST(MemoryLevel, IsBoundedInBytesAlsoWhenAModuleGrows) {
  Level level(100, 10);
  static_cast<void>(level.keep(digest(1), text("one"), 4));
  static_cast<void>(level.keep(digest(2), text("two"), 4));
  EXPECT_EQ(level.size(), 2U);
  level.set_bytes(digest(2), 7);
  EXPECT_EQ(level.size(), 1U);
  EXPECT_NE(level.find(digest(2)), nullptr);
}

TEST(MemoryLevel, OfNoEntriesKeepsNothing) {
  Level level(0, 1000);
  const auto value = text("one");
  EXPECT_EQ(level.keep(digest(1), value, 1), value);
  EXPECT_EQ(level.find(digest(1)), nullptr);
}

TEST(MemoryLevel, DropsOnlyTheValueThatIsMeant) {
  Level level(10, 1000);
  const auto kept = level.keep(digest(1), text("one"), 1);
  level.drop(digest(1), text("other").get());
  EXPECT_EQ(level.find(digest(1)), kept);
  level.drop(digest(1), kept.get());
  EXPECT_EQ(level.find(digest(1)), nullptr);
}

TEST(MemoryLevelConcurrent, StaysWithinItsBounds) {
  Level level(16, 1000);
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&level, thread] {
      for (int i = 0; i < 2000; ++i) {
        const int number = (i * 7 + thread) % 64;
        static_cast<void>(level.keep(digest(number), text("x"), 1));
        level.add_file(file(static_cast<std::uint64_t>(number)), digest(number));
        static_cast<void>(level.find(file(static_cast<std::uint64_t>(i % 64))));
        level.set_bytes(digest(number), 2);
      }
    });
  }
  threads.clear();
  EXPECT_LE(level.size(), 16U);
}

}  // namespace
}  // namespace mimobox::cache
