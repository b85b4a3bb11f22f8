#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/wasi/scratch_fixture.h"
#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/scratch_directory.h"

namespace mimobox::wasi {
namespace {

using file_testing::Scratch;
using Names = std::vector<std::string>;

/// Up to `count` names from a cookie on, which moves behind them.
Names list(ScratchDirectory& directory, std::uint64_t& cookie, std::size_t count = SIZE_MAX) {
  Names names;
  EXPECT_EQ(directory.list(cookie,
                           [&](const DirectoryEntry& entry) {
                             names.emplace_back(entry.name);
                             cookie = entry.next;
                             return names.size() < count;
                           }),
            Errno::kSuccess);
  return names;
}

Names list_from(ScratchDirectory& directory, std::uint64_t cookie) {
  return list(directory, cookie);
}

TEST(ScratchList, ShowsDotsThenNamesInTheirOrder) {
  Scratch scratch;
  scratch.add("z");
  scratch.add_directory("a");
  scratch.add_link("x", "m");
  EXPECT_EQ(list_from(scratch.root, 0), (Names{".", "..", "z", "a", "m"}));
}

TEST(ScratchList, TellsInodesAndTypes) {
  Scratch scratch;
  scratch.add_directory("d");
  scratch.add("d/f");
  scratch.add_link("x", "d/l");
  ScratchDirectory d = scratch.directory("d");
  std::vector<std::pair<std::uint64_t, Filetype>> seen;
  EXPECT_EQ(d.list(0,
                   [&](const DirectoryEntry& entry) {
                     seen.emplace_back(entry.inode, entry.type);
                     return true;
                   }),
            Errno::kSuccess);
  EXPECT_EQ(seen, (std::vector<std::pair<std::uint64_t, Filetype>>{{2, Filetype::kDirectory},
                                                                   {1, Filetype::kDirectory},
                                                                   {3, Filetype::kRegularFile},
                                                                   {4, Filetype::kSymbolicLink}}));
}

TEST(ScratchList, ContinuesBehindEachEntry) {
  Scratch scratch;
  scratch.add("a");
  scratch.add("b");
  std::uint64_t cookie = 0;
  EXPECT_EQ(list(scratch.root, cookie, 1), Names{"."});
  EXPECT_EQ(list(scratch.root, cookie, 1), Names{".."});
  EXPECT_EQ(list(scratch.root, cookie, 1), Names{"a"});
  EXPECT_EQ(list(scratch.root, cookie, 1), Names{"b"});
  EXPECT_EQ(list(scratch.root, cookie, 1), Names{});
}

TEST(ScratchList, ShowsWhatStaysExactlyOnceWhileNamesComeAndGo) {
  Scratch scratch;
  for (int i = 0; i < 100; ++i)
    scratch.add("stays" + std::to_string(i));
  for (int i = 0; i < 100; ++i)
    scratch.add("goes" + std::to_string(i));
  std::multiset<std::string> seen;
  std::uint64_t cookie = 0;
  for (int i = 0; i < 100; ++i) {
    for (std::string& name : list(scratch.root, cookie, 2))
      seen.insert(std::move(name));
    EXPECT_EQ(scratch.root.unlink_file("goes" + std::to_string(i)), Errno::kSuccess);
    scratch.add("new" + std::to_string(i));
  }
  for (std::string& name : list(scratch.root, cookie))
    seen.insert(std::move(name));
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(seen.count("stays" + std::to_string(i)), 1U);
}

TEST(ScratchList, CanBeEmptiedAlongTheWay) {
  Scratch scratch;
  for (int i = 0; i < 50; ++i)
    scratch.add("d/f" + std::to_string(i));
  ScratchDirectory d = scratch.directory("d");
  std::uint64_t cookie = 2;
  for (Names names = list(d, cookie, 3); !names.empty(); names = list(d, cookie, 3)) {
    for (const std::string& name : names)
      EXPECT_EQ(d.unlink_file(name), Errno::kSuccess);
  }
  EXPECT_EQ(scratch.root.remove_directory("d"), Errno::kSuccess);
}

TEST(ScratchList, TakesForgedCookies) {
  Scratch scratch;
  scratch.add("a");
  EXPECT_EQ(list_from(scratch.root, 1), (Names{"..", "a"}));
  EXPECT_EQ(list_from(scratch.root, 2), Names{"a"});
  EXPECT_EQ(list_from(scratch.root, 3), Names{});
  EXPECT_EQ(list_from(scratch.root, UINT64_MAX), Names{});
}

TEST(ScratchList, FindsAndRemovesInAHugeDirectory) {
  Scratch scratch;
  for (int i = 0; i < 100'000; ++i)
    scratch.add(std::to_string(i));
  for (int i = 0; i < 100'000; i += 2)
    EXPECT_EQ(scratch.root.unlink_file(std::to_string(i)), Errno::kSuccess);
  EXPECT_EQ(list_from(scratch.root, 0).size(), 50'002U);
}

}  // namespace
}  // namespace mimobox::wasi
