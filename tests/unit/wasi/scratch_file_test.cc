#include "wasi/scratch_file.h"

#include <sys/uio.h>

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/unit/wasi/scratch_fixture.h"
#include "wasi/errno.h"
#include "wasi/file_types.h"

namespace mimobox::wasi {
namespace {

using file_testing::kCreate;
using file_testing::kRead;
using file_testing::kRoomy;
using file_testing::pread;
using file_testing::pwrite;
using file_testing::read;
using file_testing::Scratch;
using file_testing::write;

constexpr std::uint64_t kChunk = ScratchContent::kChunkBytes;
constexpr OpenOptions kWriteOnly{.follow = true, .create = true, .write = true, .flags = {}};
constexpr OpenOptions kAppend{
    .follow = true, .create = true, .read = true, .write = true, .flags = {.append = true}};

TEST(ScratchFile, ReadsWhatWasWritten) {
  Scratch scratch;
  ScratchFile file = scratch.file("f");
  EXPECT_EQ(write(file, "one two"), 7U);
  EXPECT_EQ(file.seek(0, Whence::kCurrent), 7U);
  EXPECT_EQ(read(file, 10), "");
  EXPECT_EQ(file.seek(4, Whence::kSet), 4U);
  EXPECT_EQ(read(file, 2), "tw");
  EXPECT_EQ(read(file, 10), "o");
  EXPECT_EQ(pread(file, 3, 0), "one");
  EXPECT_EQ(file.seek(0, Whence::kCurrent), 7U);
}

TEST(ScratchFile, MovesBytesOfSeveralBuffers) {
  Scratch scratch;
  ScratchFile file = scratch.file("f");
  const std::array out = {file_testing::buffer_of("ab"), file_testing::buffer_of(""),
                          file_testing::buffer_of("cde")};
  EXPECT_EQ(file.write(out), 5U);
  std::string first(3, '?');
  std::string second(4, '?');
  const std::array in = {file_testing::buffer_of(first), file_testing::buffer_of(second)};
  EXPECT_EQ(file.pread(in, 0), 5U);
  EXPECT_EQ(first + second, "abcde??");
}

TEST(ScratchFile, KeepsBytesAcrossChunks) {
  Scratch scratch;
  ScratchFile file = scratch.file("f");
  std::string bytes(3 * kChunk + 5, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(i * 7 % 251);
  EXPECT_EQ(pwrite(file, bytes, 3), bytes.size());
  EXPECT_EQ(pread(file, bytes.size() + 9, 0), std::string(3, '\0') + bytes);
  EXPECT_EQ(pread(file, 2, kChunk + 2), bytes.substr(kChunk - 1, 2));
}

TEST(ScratchFile, ReadsHolesAsZeros) {
  Scratch scratch;
  ScratchFile file = scratch.file("f");
  EXPECT_EQ(pwrite(file, "end", 5 * kChunk), 3U);
  EXPECT_EQ(pwrite(file, "mid", 2 * kChunk + 100), 3U);
  EXPECT_EQ(pread(file, 4, 2 * kChunk + 99), std::string("\0mid", 4));
  EXPECT_EQ(pread(file, 2 * kChunk, 3 * kChunk), std::string(2 * kChunk, '\0'));
  EXPECT_EQ(pread(file, 100, 5 * kChunk - 1), std::string("\0end", 4));
}

TEST(ScratchFile, WritesFarBehindItsEndForThePriceOfTheBytes) {
  Scratch scratch;
  ScratchFile file = scratch.file("f");
  const std::uint64_t before = scratch.tree->use().bytes;
  constexpr std::uint64_t kFar = (std::uint64_t{1} << 40) - 1;
  EXPECT_EQ(pwrite(file, "x", kFar), 1U);
  EXPECT_EQ(file.stat()->size, kFar + 1);
  EXPECT_LE(scratch.tree->use().bytes - before, kChunk + kScratchBlockPrice);
}

TEST(ScratchFile, IsNoLargerThanItsLimit) {
  Scratch scratch({.bytes = kRoomy.bytes, .files = 9, .file_bytes = 100});
  ScratchFile file = scratch.file("f");
  EXPECT_EQ(pwrite(file, "abc", 97), 3U);
  EXPECT_EQ(scratch.tree->use().hit, ScratchHit::kNone);
  EXPECT_EQ(pwrite(file, "abc", 98), 2U);
  EXPECT_EQ(scratch.tree->use().hit, ScratchHit::kFileBytes);
  EXPECT_EQ(pwrite(file, "abc", 100).error(), Errno::kFbig);
  EXPECT_EQ(file.set_size(100), Errno::kSuccess);
  EXPECT_EQ(file.set_size(101), Errno::kFbig);
  EXPECT_EQ(file.allocate(90, 10), Errno::kSuccess);
  EXPECT_EQ(file.allocate(90, 11), Errno::kFbig);
  EXPECT_EQ(file.allocate(INT64_MAX, INT64_MAX), Errno::kFbig);
  EXPECT_EQ(file.stat()->size, 100U);
}

TEST(ScratchFile, NeverPassesTheLargestOffset) {
  Scratch scratch({.bytes = kRoomy.bytes, .files = 9, .file_bytes = UINT64_MAX});
  ScratchFile file = scratch.file("f");
  EXPECT_EQ(pwrite(file, "ab", INT64_MAX - 2), 2U);
  EXPECT_EQ(pwrite(file, "ab", INT64_MAX - 1), 1U);
  EXPECT_EQ(pwrite(file, "ab", INT64_MAX).error(), Errno::kFbig);
  EXPECT_EQ(pwrite(file, "ab", std::uint64_t{INT64_MAX} + 1).error(), Errno::kInval);
  EXPECT_EQ(pread(file, 1, UINT64_MAX).error(), Errno::kInval);
  EXPECT_EQ(file.set_size(INT64_MAX), Errno::kSuccess);
  EXPECT_EQ(file.set_size(std::uint64_t{INT64_MAX} + 1), Errno::kInval);
  EXPECT_EQ(file.seek(0, Whence::kEnd), INT64_MAX);
  EXPECT_EQ(file.seek(1, Whence::kEnd).error(), Errno::kInval);
  EXPECT_EQ(file.seek(INT64_MAX, Whence::kCurrent).error(), Errno::kInval);
  EXPECT_EQ(write(file, "x").error(), Errno::kFbig);
}

TEST(ScratchFile, SeeksNotBeforeItsStart) {
  Scratch scratch;
  ScratchFile file = scratch.file("f");
  EXPECT_EQ(write(file, "abc"), 3U);
  EXPECT_EQ(file.seek(-3, Whence::kEnd), 0U);
  EXPECT_EQ(file.seek(-4, Whence::kEnd).error(), Errno::kInval);
  EXPECT_EQ(file.seek(-1, Whence::kCurrent).error(), Errno::kInval);
  EXPECT_EQ(file.seek(-1, Whence::kSet).error(), Errno::kInval);
  EXPECT_EQ(file.seek(INT64_MIN, Whence::kEnd).error(), Errno::kInval);
  EXPECT_EQ(file.seek(0, Whence::kCurrent), 0U);
}

TEST(ScratchFile, AppendsWhereverItsPositionIs) {
  Scratch scratch;
  ScratchFile file = scratch.file("f", kAppend);
  ScratchFile other = scratch.file("f");
  EXPECT_EQ(write(other, "abc"), 3U);
  EXPECT_EQ(write(file, "d"), 1U);
  EXPECT_EQ(file.seek(0, Whence::kCurrent), 4U);
  // Positional writes go where they are told, as on a host directory.
  EXPECT_EQ(pwrite(file, "A", 0), 1U);
  EXPECT_EQ(scratch.content("f"), "Abcd");
  EXPECT_EQ(file.set_flags({}), Errno::kSuccess);
  EXPECT_EQ(pwrite(file, "a", 0), 1U);
  EXPECT_EQ(scratch.content("f"), "abcd");
}

TEST(ScratchFile, KeepsItsFlags) {
  Scratch scratch;
  ScratchFile file = scratch.file("f", kAppend);
  EXPECT_TRUE(file.flags().append);
  const FileFlags flags{.nonblock = true};
  EXPECT_EQ(file.set_flags(flags), Errno::kSuccess);
  EXPECT_EQ(file.flags(), flags);
  EXPECT_EQ(file.set_flags({.dsync = true}), Errno::kInval);
  EXPECT_EQ(file.flags(), flags);
}

TEST(ScratchFile, RefusesWhatItWasNotOpenedFor) {
  Scratch scratch;
  ScratchFile writer = scratch.file("f", kWriteOnly);
  ScratchFile reader = scratch.file("f", kRead);
  EXPECT_EQ(read(writer, 1).error(), Errno::kBadf);
  EXPECT_EQ(pread(writer, 1, 0).error(), Errno::kBadf);
  EXPECT_EQ(write(reader, "x").error(), Errno::kBadf);
  EXPECT_EQ(write(reader, "").error(), Errno::kBadf);
  EXPECT_EQ(pwrite(reader, "x", 0).error(), Errno::kBadf);
  EXPECT_EQ(reader.allocate(0, 1), Errno::kBadf);
  EXPECT_EQ(reader.set_size(0), Errno::kInval);
  EXPECT_EQ(reader.sync(), Errno::kSuccess);
  EXPECT_EQ(reader.datasync(), Errno::kSuccess);
  EXPECT_EQ(reader.stat()->size, 0U);
}

TEST(ScratchFile, ChangesNothingByWritingNothing) {
  Scratch scratch;
  ScratchFile file = scratch.file("f");
  const Filestat before = file.stat().value();
  EXPECT_EQ(pwrite(file, "", 1000), 0U);
  EXPECT_EQ(file.stat()->size, 0U);
  EXPECT_EQ(file.stat()->mtim, before.mtim);
}

TEST(ScratchFile, ForgetsWhatWasCutOff) {
  Scratch scratch;
  ScratchFile file = scratch.file("f");
  EXPECT_EQ(write(file, std::string(2 * kChunk, 'x')), 2 * kChunk);
  EXPECT_EQ(file.set_size(3), Errno::kSuccess);
  EXPECT_EQ(file.set_size(2 * kChunk), Errno::kSuccess);
  EXPECT_EQ(pread(file, 3 * kChunk, 0), "xxx" + std::string(2 * kChunk - 3, '\0'));
}

TEST(ScratchFile, GivesMemoryBackWhenCut) {
  Scratch scratch;
  ScratchFile file = scratch.file("f");
  const std::uint64_t empty = scratch.tree->use().bytes;
  EXPECT_EQ(write(file, std::string(10 * kChunk, 'x')), 10 * kChunk);
  EXPECT_EQ(file.set_size(1), Errno::kSuccess);
  EXPECT_LE(scratch.tree->use().bytes, empty + kScratchBlockPrice + 64);
  EXPECT_EQ(file.set_size(0), Errno::kSuccess);
  EXPECT_EQ(scratch.tree->use().bytes, empty);
}

TEST(ScratchFile, AllocatesSoThatWritingCannotFail) {
  constexpr std::uint64_t kFixed = kScratchInodePrice + kScratchNamePrice + 1;
  Scratch scratch({.bytes = kFixed + 2 * (kChunk + kScratchBlockPrice), .files = 1});
  ScratchFile file = scratch.file("f");
  EXPECT_EQ(file.allocate(0, 2 * kChunk + 1), Errno::kDquot);
  EXPECT_EQ(file.stat()->size, 0U);
  EXPECT_EQ(scratch.tree->use().bytes, kFixed);
  EXPECT_EQ(file.allocate(0, 2 * kChunk), Errno::kSuccess);
  EXPECT_EQ(file.stat()->size, 2 * kChunk);
  EXPECT_EQ(pread(file, 2 * kChunk, 0), std::string(2 * kChunk, '\0'));
  EXPECT_EQ(write(file, std::string(2 * kChunk, 'x')), 2 * kChunk);
  EXPECT_EQ(file.allocate(5, 10), Errno::kSuccess);
  EXPECT_EQ(file.stat()->size, 2 * kChunk);
}

TEST(ScratchFile, RefusesToAllocateNothing) {
  Scratch scratch;
  ScratchFile file = scratch.file("f");
  EXPECT_EQ(file.allocate(0, 0), Errno::kInval);
  EXPECT_EQ(file.allocate(UINT64_MAX, 1), Errno::kInval);
  // As on a host directory: a length is no signed number.
  EXPECT_EQ(file.allocate(0, UINT64_MAX), Errno::kFbig);
  EXPECT_EQ(file.allocate(0, 1), Errno::kSuccess);
}

TEST(ScratchFile, TakesAnyAdvice) {
  Scratch scratch;
  ScratchFile file = scratch.file("f");
  EXPECT_EQ(file.advise(0, 0, Advice::kWillneed), Errno::kSuccess);
  EXPECT_EQ(file.advise(INT64_MAX, INT64_MAX, Advice::kNoreuse), Errno::kSuccess);
  EXPECT_EQ(file.advise(UINT64_MAX, INT64_MAX, Advice::kNoreuse), Errno::kInval);
  EXPECT_EQ(file.advise(0, UINT64_MAX, Advice::kNormal), Errno::kInval);
}

TEST(ScratchFile, NotesWhenItWasReadAndChanged) {
  Scratch scratch;
  ScratchFile file = scratch.file("f");
  const Filestat created = file.stat().value();
  EXPECT_EQ(write(file, "abc"), 3U);
  const Filestat written = file.stat().value();
  EXPECT_GT(written.mtim, created.mtim);
  EXPECT_EQ(written.ctim, written.mtim);
  EXPECT_EQ(written.atim, created.atim);
  EXPECT_EQ(pread(file, 1, 0), "a");
  const Filestat once = file.stat().value();
  EXPECT_GT(once.atim, written.mtim);
  EXPECT_EQ(pread(file, 1, 0), "a");
  EXPECT_EQ(file.stat()->atim, once.atim);
}

TEST(ScratchFile, TakesTimes) {
  Scratch scratch;
  ScratchFile file = scratch.file("f");
  const Filestat before = file.stat().value();
  EXPECT_EQ(file.set_times({}), Errno::kSuccess);
  EXPECT_EQ(file.stat()->ctim, before.ctim);
  using enum TimeChange::Kind;
  EXPECT_EQ(
      file.set_times({.atim = {.kind = kValue, .nanoseconds = UINT64_MAX}, .mtim = {.kind = kNow}}),
      Errno::kSuccess);
  EXPECT_EQ(file.stat()->atim, UINT64_MAX);
  EXPECT_GT(file.stat()->mtim, before.mtim);
  EXPECT_EQ(file.stat()->ctim, file.stat()->mtim);
}

TEST(ScratchFile, OutlivesItsName) {
  Scratch scratch;
  const std::uint64_t empty = scratch.tree->use().bytes;
  {
    ScratchFile file = scratch.file("f");
    EXPECT_EQ(write(file, "abc"), 3U);
    EXPECT_EQ(scratch.root.unlink_file("f"), Errno::kSuccess);
    EXPECT_EQ(file.stat()->links, 0U);
    EXPECT_EQ(write(file, "def"), 3U);
    EXPECT_EQ(pread(file, 9, 0), "abcdef");
    EXPECT_GT(scratch.tree->use().bytes, empty);
    EXPECT_EQ(scratch.tree->use().files, 1U);
  }
  EXPECT_EQ(scratch.tree->use().bytes, empty);
  EXPECT_EQ(scratch.tree->use().files, 0U);
}

TEST(ScratchFileDeathTest, AbortsWhenUsedAfterItWasMoved) {
  Scratch scratch;
  ScratchFile file = scratch.file("f");
  const ScratchFile other = std::move(file);
  EXPECT_DEATH((void)file.stat(), "moved-from");  // NOLINT(bugprone-use-after-move)
}

}  // namespace
}  // namespace mimobox::wasi
