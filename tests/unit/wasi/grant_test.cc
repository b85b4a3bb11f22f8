#include "wasi/grant.h"

#include <gtest/gtest.h>

#include "tests/unit/wasi/files.h"

// Grants of both kinds beside each other, and what is a scratch's alone.

namespace mimobox::wasi {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the fixture's names

/// The host's folder "grant" is 3, a scratch 4, another one 5, the first again but read-only 6.
struct Mixed : FilesGuest {
  ~Mixed() { end_host(); }
  Mixed() {
    one = ScratchTree::create({.bytes = 100'000, .files = 4, .file_bytes = 50'000}, clock, 2);
    two = ScratchTree::create({.bytes = 100'000, .files = 4}, clock, 3);
    grants = {ScratchGrant{"/tmp", one.get()}, ScratchGrant{"/two", two.get()},
              ScratchGrant{"/ro", one.get(), true}};
  }
  std::unique_ptr<ScratchTree> one;
  std::unique_ptr<ScratchTree> two;

  std::string prestat_name(std::uint32_t fd) {
    if (call("fd_prestat_get", {fd, 100}).error != Errno::kSuccess) return "(none)";
    const auto length = *GuestMemory(span()).read<std::uint32_t>(104);
    EXPECT_EQ(call("fd_prestat_dir_name", {fd, 200, length}), kOk);
    return memory().substr(200, length);
  }
};

TEST(Grants, HaveNumbersInTheirOrder) {
  Mixed guest;
  EXPECT_EQ(guest.prestat_name(3), "/");
  EXPECT_EQ(guest.prestat_name(4), "/tmp");
  EXPECT_EQ(guest.prestat_name(5), "/two");
  EXPECT_EQ(guest.prestat_name(6), "/ro");
  EXPECT_EQ(guest.prestat_name(7), "(none)");
}

TEST(Grants, AScratchMayComeBeforeAMount) {
  FilesGuest guest;
  const auto scratch = ScratchTree::create({.bytes = 100'000, .files = 4}, guest.clock);
  const std::vector<HostMount> mounts = std::exchange(guest.mounts, {});
  guest.grants = {ScratchGrant{"/tmp", scratch.get()}, &mounts[0]};
  EXPECT_EQ(guest.open("f", {.oflags = kCreat}, 3).error, Errno::kSuccess);
  EXPECT_EQ(guest.open("g", {.oflags = kCreat}, 4).error, Errno::kSuccess);
  EXPECT_EQ(scratch->use().files, 1U);
  EXPECT_TRUE(guest.tree.exists("grant/g"));
  guest.end_host();
}

TEST(Grants, NothingMovesFromOneKindOrTreeToAnother) {
  Mixed guest;
  guest.tree.file("grant/f");
  for (const std::uint32_t fd : {4U, 5U})
    EXPECT_EQ(guest.open("f", {.oflags = kCreat}, fd).error, Errno::kSuccess);
  for (const std::uint32_t from : {3U, 4U, 5U}) {
    for (const std::uint32_t to : {3U, 4U, 5U}) {
      const Errno expected = from == to ? Errno::kSuccess : Errno::kXdev;
      EXPECT_EQ(guest.link("f", "g", from, to), expected) << from << to;
      EXPECT_EQ(guest.rename("f", "h", from, to), expected) << from << to;
      if (from == to) {
        EXPECT_EQ(guest.rename("h", "f", from, to), Errno::kSuccess);
      }
    }
  }
}

TEST(Grants, AReadOnlyScratchRefusesEveryChange) {
  Mixed guest;
  ASSERT_EQ(guest.one->add_file("d/f", std::as_bytes(std::span(std::string_view("text")))),
            Errno::kSuccess);
  const std::uint32_t d = guest.must_open("d", kAsDirectory, 6);
  for (const std::uint32_t dir : {6U, d}) {
    const std::string f = dir == 6 ? "d/f" : "f";
    EXPECT_EQ(guest.open(f, {}, dir).error, Errno::kPerm);
    EXPECT_EQ(guest.open(f, {.oflags = kTrunc, .rights = 0}, dir).error, Errno::kPerm);
    EXPECT_EQ(guest.open("new", {.oflags = kCreat, .rights = 0}, dir).error, Errno::kPerm);
    EXPECT_EQ(guest.mkdir("new", dir), Errno::kPerm);
    EXPECT_EQ(guest.rmdir("d", dir), Errno::kPerm);
    EXPECT_EQ(guest.unlink(f, dir), Errno::kPerm);
    EXPECT_EQ(guest.symlink("x", "new", dir), Errno::kPerm);
    EXPECT_EQ(guest.set_times(f, 1, false, dir), Errno::kPerm);
    // Out of it and into it, by way of the grant that may write.
    EXPECT_EQ(guest.link(f, "new", dir, 4), Errno::kPerm);
    EXPECT_EQ(guest.link("d/f", "new", 4, dir), Errno::kPerm);
    EXPECT_EQ(guest.rename(f, "new", dir, 4), Errno::kPerm);
    EXPECT_EQ(guest.rename("d/f", "new", 4, dir), Errno::kPerm);
    EXPECT_EQ(guest.call("fd_filestat_set_times", {dir, 0, 0, 2 | 8}), returns(Errno::kPerm));
  }
  const std::uint32_t file = guest.must_open("d/f", {.rights = kReadOnly}, 6);
  EXPECT_EQ(guest.call("fd_filestat_set_times", {file, 0, 0, 2 | 8}), returns(Errno::kPerm));
  EXPECT_EQ(guest.call("fd_filestat_set_size", {file, 0}), returns(Errno::kInval));
  EXPECT_EQ(guest.call("fd_allocate", {file, 0, 100}), returns(Errno::kBadf));
  std::string data;
  EXPECT_EQ(guest.read(file, data), Errno::kSuccess);
  EXPECT_EQ(data, "text");
}

TEST(Grants, CountWhatIsDoneOnScratches) {
  Mixed guest;
  const std::uint32_t fd = guest.must_open("f", {.oflags = kCreat}, 4);
  EXPECT_EQ(guest.write(fd, "12345"), Errno::kSuccess);
  EXPECT_EQ(guest.pwrite(fd, "67", 5), Errno::kSuccess);
  std::string data;
  EXPECT_EQ(guest.read(fd, data), Errno::kSuccess);
  const CallMetrics& metrics = guest.host().metrics();
  EXPECT_EQ(metrics.of(CallKind::kFileRead), (CallCount{.calls = 1, .bytes = 2}));
  EXPECT_EQ(metrics.of(CallKind::kFileWrite), (CallCount{.calls = 2, .bytes = 7}));
  EXPECT_EQ(metrics.files_opened, 1U);
}

TEST(Grants, TellWhichLimitOfAScratchWasHitFirst) {
  Mixed files;
  for (const char* name : {"a", "b", "c", "d"})
    EXPECT_EQ(files.open(name, {.oflags = kCreat}, 4).error, Errno::kSuccess);
  EXPECT_EQ(files.host().limit_hit(), LimitHit::kNone);
  EXPECT_EQ(files.open("e", {.oflags = kCreat}, 4).error, Errno::kDquot);
  EXPECT_EQ(files.host().limit_hit(), LimitHit::kScratchFiles);

  Mixed bytes;
  const std::uint32_t fd = bytes.must_open("f", {.oflags = kCreat}, 5);
  EXPECT_EQ(bytes.call("fd_allocate", {fd, 0, 200'000}), returns(Errno::kDquot));
  EXPECT_EQ(bytes.host().limit_hit(), LimitHit::kScratchBytes);

  Mixed size;
  const std::uint32_t small = size.must_open("f", {.oflags = kCreat}, 4);
  EXPECT_EQ(size.call("fd_filestat_set_size", {small, 50'000}), kOk);
  EXPECT_EQ(size.host().limit_hit(), LimitHit::kNone);
  EXPECT_EQ(size.call("fd_filestat_set_size", {small, 50'001}), returns(Errno::kFbig));
  EXPECT_EQ(size.host().limit_hit(), LimitHit::kScratchFileBytes);
}

TEST(Grants, WhatTheEmbedderAddedBeforeIsNoHitOfTheRun) {
  Mixed guest;
  for (const char* name : {"a", "b", "c", "d", "e"})
    static_cast<void>(guest.one->add_file(name, {}));
  EXPECT_EQ(guest.one->use().hit, ScratchHit::kFiles);
  EXPECT_EQ(guest.open("a", {}, 4).error, Errno::kSuccess);
  EXPECT_EQ(guest.host().limit_hit(), LimitHit::kNone);
}

/// A large transfer looks at the stop flag between its pieces: a stop that is there before it
/// moves nothing.
TEST(Grants, ALargeTransferEndsAtAStop) {
  for (const GrantKind kind : {GrantKind::kOpenat2, GrantKind::kScratch}) {
    FilesGuest small(kind);
    constexpr std::uint32_t kBytes = 9U << 20U;
    Fixture large(kBytes + 64);
    large.mounts = std::move(small.mounts);
    large.grants = small.grants;
    large.put(0, iovec(64, kBytes) + "f");
    EXPECT_EQ(large.call("path_open", {3, 0, 8, 1, kCreat, kFileRights, 0, 0, 16}), kOk);
    large.stop.raise(1);
    EXPECT_EQ(large.call("fd_write", {4, 0, 1, 20}),
              (testing::Answer{Errno::kIntr, HostCallOutcome::kStop}));
    EXPECT_EQ(large.call("fd_pread", {4, 0, 1, 0, 20}),
              (testing::Answer{Errno::kIntr, HostCallOutcome::kStop}));
    EXPECT_EQ(small.tree.content("grant/f"), "");
  }
}

}  // namespace
}  // namespace mimobox::wasi
