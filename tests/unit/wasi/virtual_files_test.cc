#include "wasi/virtual_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/wasi/files.h"

// HostConfig::virtual_files: nothing of the host's inode numbers, times and order of names reaches
// a deterministic run.

namespace mimobox::wasi {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the fixture's names

constexpr std::uint64_t kStart = 5'000;  ///< where the fixture's wall clock stands

struct VirtualFilesOfHost : ::testing::Test {
  FilesGuest guest;

  VirtualFilesOfHost() { guest.virtual_files = true; }

  std::uint64_t number(std::string_view path) {
    EXPECT_EQ(guest.stat(path), Errno::kSuccess) << path;
    return guest.stat_inode();
  }
  std::uint64_t mtim(std::string_view path) {
    EXPECT_EQ(guest.stat(path), Errno::kSuccess) << path;
    return guest.stat_mtim();
  }
  /// Lets time pass.
  std::uint64_t later() { return guest.clock.realtime += 1'000; }
};

TEST_F(VirtualFilesOfHost, NumbersCountInTheOrderOfMeeting) {
  guest.tree.file("grant/b");
  guest.tree.file("grant/a");
  EXPECT_EQ(number("b"), 1U);
  EXPECT_EQ(number("a"), 2U);
  EXPECT_EQ(number("b"), 1U);
  EXPECT_EQ(number("."), 3U);
  ASSERT_EQ(guest.link("a", "c"), Errno::kSuccess);
  EXPECT_EQ(number("c"), 2U) << "two names of one file";
  ASSERT_EQ(guest.rename("b", "d"), Errno::kSuccess);
  EXPECT_EQ(number("d"), 1U);
}

TEST_F(VirtualFilesOfHost, TimesBeginWithTheClock) {
  guest.tree.file("grant/a", "text");
  guest.tree.folder("grant/d");
  for (const char* path : {"a", "d", "."}) {
    ASSERT_EQ(guest.stat(path), Errno::kSuccess);
    for (const std::uint32_t field : {40U, 48U, 56U})
      EXPECT_EQ(guest.stat_field(field), kStart) << path;
  }
  later();
  EXPECT_EQ(guest.read_file("a"), "text");
  EXPECT_EQ(mtim("a"), kStart) << "reading changes no time";
}

TEST_F(VirtualFilesOfHost, ChangesHaveTheTimeOfTheClock) {
  guest.tree.file("grant/a", "text");
  EXPECT_EQ(mtim("a"), kStart);
  const std::uint32_t fd = guest.must_open("a");
  std::uint64_t now = later();
  ASSERT_EQ(guest.write(fd, "x"), Errno::kSuccess);
  EXPECT_EQ(mtim("a"), now);
  now = later();
  ASSERT_EQ(guest.pwrite(fd, "x", 1), Errno::kSuccess);
  EXPECT_EQ(mtim("a"), now);
  now = later();
  ASSERT_EQ(guest.call("fd_filestat_set_size", {fd, 1}), kOk);
  EXPECT_EQ(mtim("a"), now);
  now = later();
  ASSERT_EQ(guest.call("fd_allocate", {fd, 0, 10}), kOk);
  EXPECT_EQ(mtim("a"), now);
  now = later();
  ASSERT_EQ(guest.close(guest.must_open("a", {.oflags = kTrunc})), Errno::kSuccess);
  EXPECT_EQ(mtim("a"), now);
  const std::uint32_t appending = guest.must_open("a", {.fdflags = kAppendFlag});
  now = later();
  ASSERT_EQ(guest.write(appending, "x"), Errno::kSuccess);
  EXPECT_EQ(mtim("a"), now);
}

TEST_F(VirtualFilesOfHost, TimesThatTheGuestSetsAreKept) {
  guest.tree.file("grant/a");
  ASSERT_EQ(guest.set_times("a", 7), Errno::kSuccess);
  EXPECT_EQ(mtim("a"), 7'000'000'000U);
  EXPECT_EQ(guest.stat_field(56), kStart) << "ctim is the clock's";
  const std::uint32_t fd = guest.must_open("a");
  ASSERT_EQ(guest.call("fd_filestat_set_times", {fd, 8, 9, 1 | 4}), kOk);
  EXPECT_EQ(mtim("a"), 9U);
  const std::uint64_t now = later();
  ASSERT_EQ(guest.call("fd_filestat_set_times", {fd, 0, 0, 8}), kOk);
  EXPECT_EQ(mtim("a"), now);
  EXPECT_EQ(guest.stat_field(40), 8U);
}

TEST_F(VirtualFilesOfHost, WhatIsMadeAndItsDirectoryHaveTheTimeOfTheClock) {
  EXPECT_EQ(mtim("."), kStart);
  std::uint64_t now = later();
  ASSERT_EQ(guest.close(guest.must_open("new", {.oflags = kCreat})), Errno::kSuccess);
  EXPECT_EQ(mtim("new"), now);
  EXPECT_EQ(mtim("."), now);
  now = later();
  ASSERT_EQ(guest.mkdir("folder"), Errno::kSuccess);
  EXPECT_EQ(mtim("folder"), now);
  EXPECT_EQ(mtim("."), now);
  now = later();
  ASSERT_EQ(guest.symlink("new", "folder/link"), Errno::kSuccess);
  EXPECT_EQ(mtim("folder/link"), now);
  EXPECT_EQ(mtim("folder"), now);
  EXPECT_NE(mtim("."), now);
  now = later();
  ASSERT_EQ(guest.rename("new", "folder/new"), Errno::kSuccess);
  EXPECT_EQ(mtim("folder"), now);
  EXPECT_EQ(mtim("."), now);
  now = later();
  ASSERT_EQ(guest.unlink("folder/link"), Errno::kSuccess);
  EXPECT_EQ(mtim("folder"), now);
}

// The host gives a removed file's inode to the next one, or not, as it likes.
TEST_F(VirtualFilesOfHost, AFileThatTakesAnInodeIsANewOne) {
  const std::uint32_t first = guest.must_open("a", {.oflags = kCreat});
  const std::uint64_t of_first = number("a");
  ASSERT_EQ(guest.unlink("a"), Errno::kSuccess);
  ASSERT_EQ(guest.call("fd_filestat_get", {first, FilesGuest::kDataAt}), kOk);
  EXPECT_EQ(guest.stat_inode(), of_first) << "who has it open keeps its number";
  ASSERT_EQ(guest.close(first), Errno::kSuccess);
  std::uint64_t last = of_first;
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(guest.close(guest.must_open("b", {.oflags = kCreat})), Errno::kSuccess);
    EXPECT_EQ(number("b"), last + (i == 0 ? 2 : 1))
        << "the directory was met between the first two";
    last = guest.stat_inode();
    ASSERT_EQ(guest.unlink("b"), Errno::kSuccess);
  }
  ASSERT_EQ(guest.mkdir("d"), Errno::kSuccess);
  EXPECT_EQ(number("d"), last + 1);
}

TEST_F(VirtualFilesOfHost, OfDirectoriesNoSizeAndNoLinksAreTold) {
  guest.tree.folder("grant/d/one");
  for (int i = 0; i < 300; ++i)
    guest.tree.file("grant/d/a-long-name-that-makes-the-directory-larger-" + std::to_string(i));
  ASSERT_EQ(guest.stat("d"), Errno::kSuccess);
  EXPECT_EQ(guest.stat_size(), 0U);
  EXPECT_EQ(guest.stat_links(), 1U);
}

TEST_F(VirtualFilesOfHost, ASingleFileIsToldTheSameWay) {
  guest.tree.file("alone", "text");
  guest.mount("alone", "/x/alone");
  guest.put(FilesGuest::kPathAt, "alone");
  ASSERT_EQ(guest.stat("alone", false, 4), Errno::kSuccess);
  EXPECT_EQ(guest.stat_inode(), 1U);
  EXPECT_EQ(guest.stat_mtim(), kStart);
  const std::uint64_t now = later();
  const std::uint32_t fd = guest.must_open("alone", {}, 4);
  ASSERT_EQ(guest.write(fd, "T"), Errno::kSuccess);
  ASSERT_EQ(guest.stat("alone", false, 4), Errno::kSuccess);
  EXPECT_EQ(guest.stat_mtim(), now);
  ASSERT_EQ(guest.set_times("alone", 3, false, 4), Errno::kSuccess);
  ASSERT_EQ(guest.stat("alone", false, 4), Errno::kSuccess);
  EXPECT_EQ(guest.stat_mtim(), 3'000'000'000U);
}

TEST(VirtualFiles, AreBounded) {
  FakeClock clock;
  VirtualFiles files(clock, 3);
  for (ino_t inode = 1; inode <= 3; ++inode)
    EXPECT_NE(files.find(1, inode), nullptr);
  EXPECT_EQ(files.find(1, 4), nullptr);
  EXPECT_NE(files.find(1, 3), nullptr);
  struct stat status{};
  status.st_ino = 4;
  status.st_nlink = 1;
  EXPECT_EQ(files.filestat(status).error(), Errno::kNomem);
  files.note_removed(-1, VirtualFiles::Identity{1, 1});
  EXPECT_NE(files.find(1, 4), nullptr);
}

class SortedDirectories : public EveryKind {
 protected:
  SortedDirectories() { guest.virtual_files = true; }

  struct Seen {
    std::string name;
    std::uint64_t inode = 0;
    std::uint64_t next = 0;
  };
  std::vector<Seen> read(std::uint32_t fd, std::uint64_t cookie, std::uint32_t room) {
    EXPECT_EQ(guest.call("fd_readdir", {fd, FilesGuest::kDataAt, room, cookie, 8}), kOk);
    const std::string bytes = guest.memory().substr(FilesGuest::kDataAt, guest.result());
    const auto all = std::as_bytes(std::span(bytes));
    std::vector<Seen> seen;
    for (std::size_t at = 0; at + 24 <= bytes.size();) {
      const auto length = GuestMemory::load<std::uint32_t>(all, at + 16);
      if (at + 24 + length > bytes.size()) break;
      seen.push_back({bytes.substr(at + 24, length), GuestMemory::load<std::uint64_t>(all, at + 8),
                      GuestMemory::load<std::uint64_t>(all, at)});
      at += 24 + length;
    }
    return seen;
  }
  std::vector<std::string> names(std::uint32_t fd = 3) {
    std::vector<std::string> names;
    for (const Seen& entry : read(fd, 0, 16'384))
      names.push_back(entry.name);
    return names;
  }
};

TEST_P(SortedDirectories, NamesComeInTheOrderOfTheirBytes) {
  for (const char* name : {"b", "a", "B", "!", "\xC3\xA9", "a.b", "a-b"})
    tree.file("grant/" + std::string(name));
  tree.folder("grant/aa");
  EXPECT_EQ(names(), (std::vector<std::string>{".", "..", "!", "B", "a", "a-b", "a.b", "aa", "b",
                                               "\xC3\xA9"}));
}

TEST_P(SortedDirectories, AnyRoomGivesAllOnceWhileEntriesAreRemoved) {
  std::vector<std::string> expected = {".", ".."};
  for (int i = 100; i < 200; ++i) {
    expected.push_back("f" + std::to_string(i));
    tree.file("grant/f" + std::to_string(299 - i));
  }
  const std::uint32_t fd = guest.must_open(".", kAsDirectory);
  std::vector<std::string> seen;
  std::uint64_t cookie = 0;
  while (true) {
    const auto some = read(fd, cookie, 100);
    if (some.empty()) break;
    for (const Seen& entry : some) {
      seen.push_back(entry.name);
      if (entry.name[0] == '.') continue;
      EXPECT_EQ(guest.unlink(entry.name), Errno::kSuccess);
    }
    cookie = some.back().next;
  }
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(names(fd), (std::vector<std::string>{".", ".."})) << "from 0 on it is read anew";
}

TEST_P(SortedDirectories, NumbersAgreeWithThoseOfStat) {
  for (const char* name : {"grant/c", "grant/a", "grant/b"})
    tree.file(name);
  for (const Seen& entry : read(3, 0, 4'096)) {
    ASSERT_EQ(guest.stat(entry.name == ".." ? "." : entry.name), Errno::kSuccess);
    EXPECT_EQ(guest.stat_inode(), entry.inode) << entry.name;
  }
}

TEST_P(SortedDirectories, ForgedCookiesGiveNothing) {
  tree.file("grant/a");
  for (const std::uint64_t cookie : {std::uint64_t{3}, std::uint64_t{4}, ~std::uint64_t{0}})
    EXPECT_TRUE(read(3, cookie, 4'096).empty());
}

TEST_P(SortedDirectories, ARemovedDirectoryIsEmpty) {
  tree.folder("grant/d");
  const std::uint32_t fd = guest.must_open("d", kAsDirectory);
  ASSERT_EQ(guest.rmdir("d"), Errno::kSuccess);
  EXPECT_TRUE(names(fd).empty());
}

INSTANTIATE_TEST_SUITE_P(Kinds, SortedDirectories, kEveryKind, kind_name);

TEST(SortedListing, IsBoundedWithAllOthersOfItsRun) {
  ListingBudget budget;
  const std::string name(1U << 20U, 'x');
  SortedListing listing(budget);
  std::size_t added = 0;
  while (listing.add(name, 1, Filetype::kRegularFile) == Errno::kSuccess)
    ++added;
  EXPECT_EQ(added, 63U);
  SortedListing other(budget);
  EXPECT_EQ(other.add(name, 1, Filetype::kRegularFile), Errno::kNomem);
  listing.clear();
  EXPECT_EQ(other.add(name, 1, Filetype::kRegularFile), Errno::kSuccess);
}

}  // namespace
}  // namespace mimobox::wasi
