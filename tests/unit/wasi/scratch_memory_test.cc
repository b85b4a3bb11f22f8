#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <functional>
#include <new>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/process_size.h"
#include "tests/unit/wasi/failing_new.h"
#include "tests/unit/wasi/scratch_fixture.h"
#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/scratch_directory.h"
#include "wasi/scratch_tree.h"

// What scratch takes of the host's memory, and what it is when there is none.

namespace mimobox::wasi {
namespace {

using file_testing::kCreate;
using file_testing::pwrite;
using file_testing::Scratch;

std::string text_of(const ScratchTree& tree) {
  std::string text;
  tree.for_each([&](const ScratchItem& item) {
    text += std::string(item.path) + " " + std::to_string(item.stat.inode) + " " +
            std::to_string(item.stat.links) + " " + std::to_string(item.stat.size) + "\n";
    return true;
  });
  return text;
}

/// Lets each allocation of `call` fail in turn: the tree must be as before each time, and right
/// when the call gets through.
void expect_all_or_nothing(Scratch& scratch, const std::function<Errno()>& call) {
  const std::string before = text_of(*scratch.tree);
  const ScratchUse use = scratch.tree->use();
  for (int allowed = 0; allowed < 100; ++allowed) {
    bool failed = false;
    Errno answer = Errno::kSuccess;
    try {
      const file_testing::FailingNew failing(allowed);
      answer = call();
    } catch (const std::bad_alloc&) {
      failed = true;
    }
    if (!failed) {
      EXPECT_EQ(answer, Errno::kSuccess);
      EXPECT_GT(allowed, 0);
      return;
    }
    ASSERT_EQ(text_of(*scratch.tree), before);
    ASSERT_EQ(scratch.tree->use().bytes, use.bytes);
    ASSERT_EQ(scratch.tree->use().files, use.files);
  }
  FAIL() << "never got through";
}

const std::string kLongName(100, 'n');

struct ScratchWithoutMemory : ::testing::Test {
  Scratch scratch;
  ScratchWithoutMemory() { scratch.add("d/f", "text"); }
  ~ScratchWithoutMemory() override {
    // Nothing is left over: what was charged is given back.
    for (const std::string& name : {std::string("d/f"), kLongName})
      (void)scratch.root.unlink_file(name);
    for (const std::string& name : {std::string("d"), kLongName})
      (void)scratch.root.remove_directory(name);
    EXPECT_EQ(text_of(*scratch.tree), "");
    EXPECT_EQ(scratch.tree->use().bytes, 0U);
    EXPECT_EQ(scratch.tree->use().files, 0U);
  }
};

TEST_F(ScratchWithoutMemory, DoesNotCreateAFile) {
  expect_all_or_nothing(scratch, [&] { return scratch.error_of_open(kLongName, kCreate); });
}

TEST_F(ScratchWithoutMemory, DoesNotCreateADirectory) {
  expect_all_or_nothing(scratch, [&] { return scratch.root.create_directory(kLongName); });
}

TEST_F(ScratchWithoutMemory, DoesNotCreateASymbolicLink) {
  expect_all_or_nothing(scratch, [&] { return scratch.root.symlink(kLongName, kLongName); });
}

TEST_F(ScratchWithoutMemory, DoesNotLink) {
  expect_all_or_nothing(scratch, [&] { return scratch.link("d/f", kLongName); });
}

TEST_F(ScratchWithoutMemory, DoesNotRename) {
  expect_all_or_nothing(scratch, [&] { return scratch.rename("d/f", kLongName); });
}

TEST_F(ScratchWithoutMemory, DoesNotWrite) {
  ScratchFile file = scratch.file("d/f");
  expect_all_or_nothing(scratch, [&] {
    const auto written = pwrite(file, "x", 1'000'000);
    return written ? Errno::kSuccess : written.error();
  });
}

/// A sanitizer's allocator does not tell what it gave, and keeps what it got back.
constexpr bool has_ordinary_allocator() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return false;
#endif
#endif
  return true;
}

TEST(ScratchMemory, IsWithinItsPrice) {
  if (!has_ordinary_allocator()) GTEST_SKIP() << "another allocator";
  Scratch scratch;
  const std::size_t before = ::mallinfo2().uordblks;
  for (int i = 1; i < 2000; ++i) {
    const std::string name = std::to_string(i);
    scratch.add(name, std::string(static_cast<std::size_t>(i), 'x'));
    scratch.add_directory("a" + name);
    scratch.add_link(std::string(static_cast<std::size_t>(i), 'x'), std::string(200, 'b') + name);
    EXPECT_EQ(scratch.link(name, "some longer name " + name), Errno::kSuccess);
  }
  ScratchFile file = scratch.file("sparse");
  for (std::uint64_t i = 0; i < 2000; ++i)
    EXPECT_EQ(pwrite(file, "x", i * 1'000'000), 1U);
  EXPECT_LE(::mallinfo2().uordblks - before, scratch.tree->use().bytes);
}

/// Fills the scratch with blocks of one size, and then removes all but one in `spacing` bytes: what
/// becomes free lies in holes of about that size.
void leave_holes(Scratch& scratch, std::size_t size, std::uint64_t spacing) {
  const std::string block(size, 'x');
  const std::string keep = "keep" + std::to_string(size);
  scratch.add(keep, "");
  scratch.add("drop", "");
  ScratchFile kept = scratch.file(keep);
  ScratchFile dropped = scratch.file("drop");
  const std::uint64_t dropped_each = spacing / (size + kScratchBlockPrice);
  constexpr std::uint64_t kChunk = ScratchContent::kChunkBytes;
  bool full = false;
  for (std::uint64_t i = 0; !full; ++i) {
    full = !pwrite(kept, block, 2 * i * kChunk);
    for (std::uint64_t j = 0; j < dropped_each && !full; ++j)
      full = !pwrite(dropped, block, 2 * (i * dropped_each + j) * kChunk);
  }
  EXPECT_EQ(scratch.root.unlink_file("drop"), Errno::kSuccess);
}

/// What a guest can make of the allocator: larger blocks fit into none of the holes that smaller
/// ones have left. In theory eight doublings of the block's size could take five times the quota
/// (Robson's bound); this takes about twice.
TEST(ScratchMemory, StaysNearItsQuotaWhenItIsFragmented) {
  if (!has_ordinary_allocator()) GTEST_SKIP() << "another allocator";
  constexpr std::uint64_t kQuota = 48U << 20;
  for (const std::vector<std::size_t>& sizes :
       {std::vector<std::size_t>{64}, {1024}, {64, 1024}, {64, 256, 1024, 4096}}) {
    ::malloc_trim(0);
    const std::uint64_t before = mimobox::testing::resident_bytes();
    Scratch scratch({.bytes = kQuota, .files = 1'000});
    std::uint64_t most = 0;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const std::size_t next = i + 1 < sizes.size() ? sizes[i + 1] : ScratchContent::kChunkBytes;
      leave_holes(scratch, sizes[i], next - 1);
      most = std::max(most, mimobox::testing::resident_bytes());
    }
    leave_holes(scratch, ScratchContent::kChunkBytes, 2 * ScratchContent::kChunkBytes);
    most = std::max(most, mimobox::testing::resident_bytes());
    EXPECT_LE(most - std::min(most, before), 3 * kQuota) << sizes.size() << " of " << sizes[0];
    EXPECT_LE(scratch.tree->use().peak_bytes, kQuota);
  }
}

}  // namespace
}  // namespace mimobox::wasi
