#include "wasi/scratch_tree.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/wasi/scratch_fixture.h"
#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/scratch_content.h"
#include "wasi/scratch_directory.h"

namespace mimobox::wasi {
namespace {

using file_testing::kRead;
using file_testing::kRoomy;
using file_testing::pwrite;
using file_testing::Scratch;
using Paths = std::vector<std::string>;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST(ScratchTree, TakesFilesWithTheirDirectories) {
  Scratch scratch;
  EXPECT_EQ(scratch.tree->add_file("a/b/c", bytes_of("text")), Errno::kSuccess);
  EXPECT_EQ(scratch.tree->add_file("a/d", {}), Errno::kSuccess);
  EXPECT_EQ(scratch.tree->add_directory("e//f/"), Errno::kSuccess);
  EXPECT_EQ(scratch.tree->add_directory("a/b"), Errno::kSuccess);
  EXPECT_EQ(scratch.paths(), (Paths{"a", "a/b", "a/b/c", "a/d", "e", "e/f"}));
  EXPECT_EQ(scratch.content("a/b/c"), "text");
}

TEST(ScratchTree, RefusesBadPathsOfItsEmbedder) {
  Scratch scratch;
  scratch.add("f");
  EXPECT_EQ(scratch.tree->add_file("f", {}), Errno::kExist);
  EXPECT_EQ(scratch.tree->add_file("f/x", {}), Errno::kNotdir);
  EXPECT_EQ(scratch.tree->add_file("/x", {}), kEscape);
  EXPECT_EQ(scratch.tree->add_file("../x", {}), kEscape);
  EXPECT_EQ(scratch.tree->add_file("a/../../x", {}), kEscape);
  EXPECT_EQ(scratch.tree->add_file("", {}), Errno::kNoent);
  EXPECT_EQ(scratch.tree->add_file("d/", {}), Errno::kIsdir);
  EXPECT_EQ(scratch.tree->add_directory("f"), Errno::kNotdir);
  EXPECT_EQ(scratch.tree->add_directory("/"), kEscape);
  EXPECT_EQ(scratch.tree->add_directory(""), Errno::kNoent);
}

TEST(ScratchTree, KeepsNoFileThatDoesNotFit) {
  constexpr std::uint64_t kFixed = kScratchInodePrice + kScratchNamePrice + 1 + kScratchBlockPrice;
  Scratch scratch({.bytes = kFixed + 100, .files = 2, .file_bytes = 200});
  EXPECT_EQ(scratch.tree->add_file("f", bytes_of(std::string(101, 'x'))), Errno::kDquot);
  EXPECT_EQ(scratch.tree->add_file("f", bytes_of(std::string(201, 'x'))), Errno::kFbig);
  EXPECT_EQ(scratch.paths(), Paths{});
  EXPECT_EQ(scratch.tree->use().bytes, 0U);
  EXPECT_EQ(scratch.tree->add_file("f", bytes_of(std::string(100, 'x'))), Errno::kSuccess);
}

TEST(ScratchTree, ShowsEverything) {
  Scratch scratch;
  scratch.add("f", "text");
  scratch.add_link("../x", "l");
  EXPECT_EQ(scratch.link("f", "g"), Errno::kSuccess);
  std::vector<std::string> seen;
  scratch.tree->for_each([&](const ScratchItem& item) {
    std::string text(item.stat.size, '\0');
    if (item.content != nullptr) item.content->read(0, std::as_writable_bytes(std::span(text)));
    seen.push_back(std::string(item.path) + " " + std::to_string(item.stat.inode) + " " +
                   std::string(item.target) + (item.content != nullptr ? text : ""));
    return true;
  });
  EXPECT_EQ(seen, (Paths{"f 2 text", "l 3 ../x", "g 2 text"}));
}

TEST(ScratchTree, ShowsExtentsOfASparseFile) {
  Scratch scratch;
  constexpr std::uint64_t kFar = std::uint64_t{1} << 39;
  {
    ScratchFile file = scratch.file("f");
    EXPECT_EQ(pwrite(file, "abc", 0), 3U);
    EXPECT_EQ(pwrite(file, "def", kFar), 3U);
  }
  std::vector<std::pair<std::uint64_t, std::size_t>> extents;
  scratch.tree->for_each([&](const ScratchItem& item) {
    item.content->for_each_extent([&](std::uint64_t offset, std::span<const std::byte> bytes) {
      extents.emplace_back(offset, bytes.size());
    });
    return true;
  });
  EXPECT_EQ(extents, (std::vector<std::pair<std::uint64_t, std::size_t>>{{0, 3}, {kFar, 3}}));
}

TEST(ScratchTree, StopsShowingOnRequest) {
  Scratch scratch;
  scratch.add("d/f");
  scratch.add("g");
  int seen = 0;
  scratch.tree->for_each([&](const ScratchItem&) { return ++seen < 2; });
  EXPECT_EQ(seen, 2);
}

TEST(ScratchTree, IsAsDeepAsTheGuestLikes) {
  Scratch scratch;
  constexpr int kDepth = 100'000;
  ScratchDirectory at = scratch.directory(".");
  for (int i = 0; i < kDepth; ++i) {
    ASSERT_EQ(at.create_directory("d"), Errno::kSuccess);
    at = std::get<ScratchDirectory>(at.open("d", kRead).value());
  }
  std::size_t longest = 0;
  scratch.tree->for_each([&](const ScratchItem& item) {
    longest = item.path.size();
    return true;
  });
  EXPECT_EQ(longest, 2U * kDepth - 1);
  EXPECT_EQ(ScratchDirectory::rename(scratch.root, "d", at, "d"), Errno::kInval);
}

TEST(ScratchTree, HasTheDeviceThatItWasGiven) {
  testing::FakeClock clock;
  const auto tree = ScratchTree::create(kRoomy, clock, 7);
  EXPECT_EQ(ScratchDirectory::root(*tree).stat()->device, 7U);
}

TEST(ScratchTreeDeathTest, AbortsWhenItGoesBeforeItsDescriptors) {
  testing::FakeClock clock;
  auto tree = ScratchTree::create(kRoomy, clock);
  const ScratchDirectory root = ScratchDirectory::root(*tree);
  EXPECT_DEATH(tree.reset(), "before its descriptors");
}

}  // namespace
}  // namespace mimobox::wasi
