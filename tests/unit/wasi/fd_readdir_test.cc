#include <map>
#include <set>

#include <gtest/gtest.h>

#include "tests/unit/wasi/files.h"

namespace mimobox::wasi {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the fixture's names

struct Entry {
  std::uint64_t next = 0;
  std::uint64_t inode = 0;
  Filetype type = Filetype::kUnknown;
  std::string name;
};

class FdReaddir : public EveryKind {
 protected:
  static constexpr std::uint32_t kBufferAt = 16'384;

  /// The entries that are whole in one buffer, and how much of it is used.
  std::vector<Entry> read(std::uint64_t cookie, std::uint32_t room, std::uint32_t fd = 3) {
    EXPECT_EQ(guest.call("fd_readdir", {fd, kBufferAt, room, cookie, 8}), kOk);
    used = guest.result();
    const std::string bytes = guest.memory().substr(kBufferAt, used);
    const auto whole = std::as_bytes(std::span(bytes));
    std::vector<Entry> entries;
    for (std::size_t at = 0; at + 24 <= bytes.size();) {
      const auto head = whole.subspan(at, 24);
      const auto length = GuestMemory::load<std::uint32_t>(head, 16);
      if (at + 24 + length > bytes.size()) break;
      entries.push_back({.next = GuestMemory::load<std::uint64_t>(head, 0),
                         .inode = GuestMemory::load<std::uint64_t>(head, 8),
                         .type = static_cast<Filetype>(GuestMemory::load<std::uint8_t>(head, 20)),
                         .name = bytes.substr(at + 24, length)});
      at += 24 + length;
    }
    return entries;
  }

  /// All names, read as C libraries do: again from the last entry that came whole.
  std::multiset<std::string> read_all(std::uint32_t room, std::uint32_t fd = 3) {
    std::multiset<std::string> names;
    std::uint64_t cookie = 0;
    do {
      const std::vector<Entry> entries = read(cookie, room, fd);
      if (entries.empty()) break;
      for (const Entry& entry : entries)
        names.insert(entry.name);
      cookie = entries.back().next;
    } while (used == room);
    return names;
  }

  std::uint32_t used = 0;
};

INSTANTIATE_TEST_SUITE_P(Kinds, FdReaddir, kEveryKind, kind_name);

TEST_P(FdReaddir, OfAnEmptyDirectoryGivesTwoEntries) {
  EXPECT_EQ(guest.call("fd_filestat_get", {3, 4'096}), kOk);
  const std::uint64_t own = *GuestMemory(guest.span()).read<std::uint64_t>(4'096 + 8);
  guest.wipe();
  EXPECT_EQ(guest.call("fd_readdir", {3, 100, 200, 0, 8}), kOk);
  const auto entry = [&](std::uint64_t next, const std::string& name) {
    return le64(next) + le64(own) + le32(static_cast<std::uint32_t>(name.size())) + le32(3) + name;
  };
  EXPECT_EQ(guest.memory(), guest.expected({{100, entry(1, ".") + entry(2, "..")}, {8, le32(51)}}));
}

TEST_P(FdReaddir, TellsTypesAndInodesAsStatDoes) {
  tree.file("grant/f");
  tree.folder("grant/d");
  tree.link("grant/l", "f");
  if (!is_scratch()) tree.fifo("grant/p");
  tree.hard_link("grant/f", "grant/hard");
  std::map<std::string, Entry> by_name;
  for (const Entry& entry : read(0, 4'096))
    by_name[entry.name] = entry;
  EXPECT_EQ(by_name.size(), is_scratch() ? 6U : 7U);
  EXPECT_EQ(by_name["f"].type, Filetype::kRegularFile);
  EXPECT_EQ(by_name["d"].type, Filetype::kDirectory);
  EXPECT_EQ(by_name["l"].type, Filetype::kSymbolicLink);
  if (!is_scratch()) {
    EXPECT_EQ(by_name["p"].type, Filetype::kUnknown);
  }
  EXPECT_EQ(by_name["f"].inode, by_name["hard"].inode);
  for (const char* name : {"f", "d", "l", "p"}) {
    if (!by_name.contains(name)) continue;
    EXPECT_EQ(guest.stat(name), Errno::kSuccess);
    EXPECT_EQ(guest.stat_inode(), by_name[name].inode) << name;
  }
  if (!is_scratch()) {
    EXPECT_NE(by_name["f"].inode, tree.status("grant/f").st_ino);
  }
}

TEST_P(FdReaddir, GoesOnFromACookieAtAnyBufferSize) {
  std::multiset<std::string> expected = {".", ".."};
  for (int i = 0; i < 300; ++i) {
    const std::string name = "file" + std::to_string(i);
    tree.file("grant/" + name);
    expected.insert(name);
  }
  for (const std::uint32_t room : {32U, 33U, 64U, 256U, 4'096U, 32'768U}) {
    EXPECT_EQ(read_all(room), expected) << room;
  }
}

TEST_P(FdReaddir, CutsAnEntryAtTheEndOfTheBuffer) {
  guest.wipe();
  for (std::uint32_t room = 0; room <= 51; ++room) {
    EXPECT_EQ(guest.call("fd_readdir", {3, kBufferAt, room, 0, 8}), kOk);
    EXPECT_EQ(guest.result(), room);
    EXPECT_EQ(guest.memory().substr(kBufferAt + room, 100), std::string(100, '?')) << room;
  }
}

TEST_P(FdReaddir, AnyEntryIsAPlaceToGoOnFrom) {
  for (int i = 0; i < 50; ++i)
    tree.file("grant/file" + std::to_string(i));
  const std::vector<Entry> all = read(0, 16'384);
  ASSERT_EQ(all.size(), 52U);
  for (std::size_t i = all.size(); i-- > 0;) {
    const std::vector<Entry> rest = read(all[i].next, 16'384);
    ASSERT_EQ(rest.size(), all.size() - i - 1);
    if (!rest.empty()) {
      EXPECT_EQ(rest.front().name, all[i + 1].name);
    }
  }
}

TEST_P(FdReaddir, ForgedCookiesAreHarmless) {
  for (int i = 0; i < 50; ++i)
    tree.file("grant/file" + std::to_string(i));
  std::uint64_t forged = 1;
  for (int i = 0; i < 2'000; ++i) {
    forged = forged * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    const std::uint64_t cookie = forged >> (static_cast<unsigned>(i) % 64U);
    const auto answer = guest.call("fd_readdir", {3, kBufferAt, 4'096, cookie, 8});
    EXPECT_TRUE(answer == kOk || answer == returns(Errno::kInval));
  }
  EXPECT_EQ(read_all(256).size(), 52U);
}

TEST_P(FdReaddir, SeesWhatIsMadeWhenItStartsAgain) {
  EXPECT_EQ(read(0, 4'096).size(), 2U);
  tree.file("grant/f");
  EXPECT_EQ(read(0, 4'096).size(), 3U);
  EXPECT_EQ(guest.unlink("f"), Errno::kSuccess);
  EXPECT_EQ(read(0, 4'096).size(), 2U);
}

TEST_P(FdReaddir, GivesWhatStaysWhileOthersAreRemoved) {
  for (int i = 0; i < 500; ++i)
    tree.file("grant/file" + std::to_string(i));
  std::multiset<std::string> seen;
  std::uint64_t cookie = 0;
  for (int removed = 0;; removed += 2) {
    const std::vector<Entry> entries = read(cookie, 256);
    if (entries.empty()) break;
    for (const Entry& entry : entries)
      seen.insert(entry.name);
    cookie = entries.back().next;
    if (removed < 500) static_cast<void>(guest.unlink("file" + std::to_string(removed)));
  }
  for (int i = 1; i < 500; i += 2)
    EXPECT_EQ(seen.count("file" + std::to_string(i)), 1U) << i;
}

TEST_P(FdReaddir, TwoDescriptorsOfOneDirectoryDoNotDisturbEachOther) {
  for (int i = 0; i < 40; ++i)
    tree.file("grant/file" + std::to_string(i));
  const std::uint32_t other = guest.must_open(".", kAsDirectory);
  const std::uint64_t here = read(0, 256).back().next;
  EXPECT_EQ(read_all(128, other).size(), 42U);
  const std::size_t left = read(here, 16'384).size();
  EXPECT_EQ(read(here, 16'384, other).size(), left);
}

TEST_P(FdReaddir, RefusesPlacesOutside) {
  guest.wipe();
  EXPECT_EQ(guest.call("fd_readdir", {3, 65'530, 7, 0, 8}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("fd_readdir", {3, 0xFFFF'FFFF, 1, 0, 8}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("fd_readdir", {3, 100, 0xFFFF'FFFF, 0, 8}), returns(Errno::kFault));
  EXPECT_EQ(guest.call("fd_readdir", {3, 100, 100, 0, 65'533}), returns(Errno::kFault));
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST_P(FdReaddir, RefusesADirectoryWithANameThatIsNotUtf8) {
  if (is_scratch()) GTEST_SKIP() << "nobody can make such a name in a scratch";
  tree.file("grant/\xFF");
  EXPECT_EQ(guest.call("fd_readdir", {3, 100, 4'096, 0, 8}), returns(Errno::kIlseq));
}

TEST(FdReaddirOfTheHost, TakesNoDescriptorBesideThatOfTheDirectory) {
  FilesGuest guest;
  guest.tree.folder("grant/d");
  guest.host();
  const std::size_t before = open_descriptors();
  for (std::size_t i = 1; i <= 10; ++i) {
    const std::uint32_t fd = guest.must_open("d", kAsDirectory);
    EXPECT_EQ(guest.call("fd_readdir", {fd, 16'384, 1'000, 0, 8}), kOk);
    EXPECT_EQ(open_descriptors(), before + i);
  }
  // The grant itself is shared with other runs, a listing is not.
  EXPECT_EQ(guest.call("fd_readdir", {3, 16'384, 1'000, 0, 8}), kOk);
  EXPECT_EQ(guest.call("fd_readdir", {3, 16'384, 1'000, 0, 8}), kOk);
  EXPECT_EQ(open_descriptors(), before + 11);
}

TEST_P(FdReaddir, OfARemovedDirectoryIsEmpty) {
  tree.folder("grant/d");
  const std::uint32_t fd = guest.must_open("d", kAsDirectory);
  EXPECT_EQ(guest.rmdir("d"), Errno::kSuccess);
  EXPECT_EQ(read(2, 4'096, fd).size(), 0U);
}

TEST_P(FdReaddir, EndsAtAStop) {
  guest.stop.raise(1);
  EXPECT_EQ(guest.call("fd_readdir", {3, 100, 4'096, 0, 8}),
            (testing::Answer{Errno::kIntr, HostCallOutcome::kStop}));
}

}  // namespace
}  // namespace mimobox::wasi
