#include "wasi/scratch_quota.h"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/wasi/scratch_fixture.h"
#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/scratch_content.h"
#include "wasi/scratch_tree.h"

namespace mimobox::wasi {
namespace {

using file_testing::kCreate;
using file_testing::kRoomy;
using file_testing::pread;
using file_testing::pwrite;
using file_testing::Scratch;
using file_testing::write;

constexpr std::uint64_t kChunk = ScratchContent::kChunkBytes;
/// A file with a name of one byte, without contents.
constexpr std::uint64_t kFile = kScratchInodePrice + kScratchNamePrice + 1;

TEST(ScratchQuota, CountsFilesDirectoriesAndLinks) {
  Scratch scratch({.bytes = kRoomy.bytes, .files = 3});
  EXPECT_EQ(scratch.error_of_open("f", kCreate), Errno::kSuccess);
  EXPECT_EQ(scratch.root.create_directory("d"), Errno::kSuccess);
  EXPECT_EQ(scratch.root.symlink("x", "l"), Errno::kSuccess);
  EXPECT_EQ(scratch.tree->use().hit, ScratchHit::kNone);
  EXPECT_EQ(scratch.error_of_open("g", kCreate), Errno::kDquot);
  EXPECT_EQ(scratch.root.create_directory("g"), Errno::kDquot);
  EXPECT_EQ(scratch.root.symlink("x", "g"), Errno::kDquot);
  EXPECT_EQ(scratch.tree->use().hit, ScratchHit::kFiles);
  EXPECT_EQ(scratch.link("f", "g"), Errno::kSuccess);
  EXPECT_EQ(scratch.root.remove_directory("d"), Errno::kSuccess);
  EXPECT_EQ(scratch.error_of_open("h", kCreate), Errno::kSuccess);
  EXPECT_EQ(scratch.tree->use().files, 3U);
}

TEST(ScratchQuota, AllowsNothingWhenItIsNothing) {
  Scratch no_files({.bytes = kRoomy.bytes, .files = 0});
  Scratch no_bytes({.bytes = 0, .files = 10});
  EXPECT_EQ(no_files.root.create_directory("d"), Errno::kDquot);
  EXPECT_EQ(no_bytes.root.create_directory("d"), Errno::kDquot);
  EXPECT_EQ(no_bytes.tree->use().hit, ScratchHit::kBytes);
}

TEST(ScratchQuota, CountsInodesAndNames) {
  Scratch scratch({.bytes = 2 * kFile + kScratchNamePrice + 100 + 1, .files = 10});
  EXPECT_EQ(scratch.error_of_open("f", kCreate), Errno::kSuccess);
  EXPECT_EQ(scratch.root.create_directory("d"), Errno::kSuccess);
  EXPECT_EQ(scratch.link("f", std::string(102, 'x')), Errno::kDquot);
  EXPECT_EQ(scratch.link("f", std::string(101, 'x')), Errno::kSuccess);
  EXPECT_EQ(scratch.tree->use().bytes, scratch.tree->use().peak_bytes);
  EXPECT_EQ(scratch.root.unlink_file(std::string(101, 'x')), Errno::kSuccess);
  EXPECT_EQ(scratch.tree->use().bytes, 2 * kFile);
}

TEST(ScratchQuota, CountsTargetsOfLinks) {
  Scratch scratch({.bytes = kFile + 50, .files = 10});
  EXPECT_EQ(scratch.root.symlink(std::string(51, 'x'), "l"), Errno::kDquot);
  EXPECT_EQ(scratch.root.symlink(std::string(50, 'x'), "l"), Errno::kSuccess);
  EXPECT_EQ(scratch.root.unlink_file("l"), Errno::kSuccess);
  EXPECT_EQ(scratch.tree->use().bytes, 0U);
  EXPECT_EQ(scratch.tree->use().peak_bytes, kFile + 50);
}

TEST(ScratchQuota, WritesUpToTheLastByte) {
  Scratch scratch({.bytes = kFile + kScratchBlockPrice + 100, .files = 1});
  ScratchFile file = scratch.file("f");
  EXPECT_EQ(write(file, std::string(98, 'a')), 98U);
  EXPECT_EQ(write(file, "bb"), 2U);
  EXPECT_EQ(scratch.tree->use().hit, ScratchHit::kNone);
  EXPECT_EQ(write(file, "c").error(), Errno::kDquot);
  EXPECT_EQ(scratch.tree->use().hit, ScratchHit::kBytes);
  EXPECT_EQ(pwrite(file, "c", 0), 1U);
  EXPECT_EQ(file.stat()->size, 100U);
}

TEST(ScratchQuota, WritesWhatFits) {
  Scratch scratch({.bytes = kFile + kScratchBlockPrice + 100, .files = 1});
  ScratchFile file = scratch.file("f");
  EXPECT_EQ(write(file, std::string(101, 'a')), 100U);
  EXPECT_EQ(scratch.tree->use().hit, ScratchHit::kBytes);
  EXPECT_EQ(scratch.content("f"), std::string(100, 'a'));
}

TEST(ScratchQuota, WritesWhatFitsAcrossChunks) {
  Scratch scratch({.bytes = kFile + kChunk + 2 * kScratchBlockPrice + 1, .files = 1});
  ScratchFile file = scratch.file("f");
  EXPECT_EQ(write(file, std::string(3 * kChunk, 'a')), kChunk + 1);
  EXPECT_EQ(write(file, "a").error(), Errno::kDquot);
}

TEST(ScratchQuota, HasNoRoomForAHalfPaidBlock) {
  Scratch scratch({.bytes = kFile + kScratchBlockPrice, .files = 1});
  ScratchFile file = scratch.file("f");
  EXPECT_EQ(write(file, "a").error(), Errno::kDquot);
  EXPECT_EQ(scratch.tree->use().bytes, kFile);
  EXPECT_EQ(file.stat()->size, 0U);
}

TEST(ScratchQuota, TakesLittleForASmallFile) {
  Scratch scratch;
  scratch.add("f", "x");
  EXPECT_LE(scratch.tree->use().bytes, kFile + kScratchBlockPrice + 64);
}

TEST(ScratchQuota, TakesAtMostOneChunkMoreThanALargeFileHas) {
  Scratch scratch;
  ScratchFile file = scratch.file("f");
  constexpr std::uint64_t kBlocks = 64;
  for (int i = 0; i < 256; ++i)
    EXPECT_EQ(write(file, std::string(4096, 'x')), 4096U);
  EXPECT_EQ(scratch.tree->use().bytes, kFile + kBlocks * (kChunk + kScratchBlockPrice));
}

TEST(ScratchQuota, HoldsForSparseWrites) {
  Scratch scratch({.bytes = 100'000, .files = 1});
  ScratchFile file = scratch.file("f");
  std::uint64_t written = 0;
  while (pwrite(file, "x", written * kChunk))
    ++written;
  EXPECT_GT(written, 100U);
  EXPECT_LE(scratch.tree->use().bytes, 100'000U);
}

TEST(ScratchQuota, ComesBackAfterAppendAndTruncateCycles) {
  Scratch scratch({.bytes = 3 * kChunk, .files = 2});
  ScratchFile file = scratch.file("f");
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(write(file, std::string(2 * kChunk, 'x')), 2 * kChunk);
    ASSERT_EQ(file.set_size(0), Errno::kSuccess);
    ASSERT_EQ(file.seek(0, Whence::kSet), 0U);
  }
  EXPECT_EQ(scratch.tree->use().bytes, kFile);
}

TEST(ScratchQuota, ChargesHardLinksOnce) {
  Scratch scratch;
  scratch.add("a", std::string(100'000, 'x'));
  const std::uint64_t one = scratch.tree->use().bytes;
  EXPECT_EQ(scratch.link("a", "b"), Errno::kSuccess);
  EXPECT_EQ(scratch.tree->use().bytes, one + kScratchNamePrice + 1);
  EXPECT_EQ(scratch.root.unlink_file("a"), Errno::kSuccess);
  EXPECT_EQ(scratch.tree->use().bytes, one);
  EXPECT_EQ(scratch.root.unlink_file("b"), Errno::kSuccess);
  EXPECT_EQ(scratch.tree->use().bytes, 0U);
}

TEST(ScratchQuota, RemembersWhatWasHitFirst) {
  Scratch scratch({.bytes = kFile, .files = 1, .file_bytes = 10});
  ScratchFile file = scratch.file("f");
  EXPECT_EQ(file.set_size(11), Errno::kFbig);
  EXPECT_EQ(scratch.root.create_directory("d"), Errno::kDquot);
  EXPECT_EQ(scratch.tree->use().hit, ScratchHit::kFileBytes);
}

}  // namespace
}  // namespace mimobox::wasi
