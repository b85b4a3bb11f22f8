#include <gtest/gtest.h>

#include "tests/unit/wasi/files.h"

// Every form of a path with every function of paths: the right errno, and nothing changed.

namespace mimobox::wasi {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the fixture's names

class PathForms : public ::testing::TestWithParam<GrantKind> {
 protected:
  void SetUp() override {
    tree.folder("grant/folder");
    tree.file("grant/file", "content");
    guest.put(0, "file");
  }

  /// All functions that take a path, with one that stands in the memory; link and rename on both of
  /// their sides.
  void expect_everywhere(std::uint32_t at, std::uint64_t length, Errno expected) {
    const auto answer = returns(expected);
    EXPECT_EQ(guest.call("path_create_directory", {3, at, length}), answer);
    EXPECT_EQ(guest.call("path_remove_directory", {3, at, length}), answer);
    EXPECT_EQ(guest.call("path_unlink_file", {3, at, length}), answer);
    for (const std::uint64_t follow : {0U, 1U}) {
      EXPECT_EQ(guest.call("path_filestat_get", {3, follow, at, length, 64}), answer);
      EXPECT_EQ(guest.call("path_filestat_set_times", {3, follow, at, length, 0, 0, 2 | 8}),
                answer);
      for (const std::uint64_t oflags : {0U, 1U, 5U, 8U}) {
        EXPECT_EQ(guest.call("path_open", {3, follow, at, length, oflags, 0, 0, 0, 64}), answer);
      }
    }
    EXPECT_EQ(guest.call("path_readlink", {3, at, length, 64, 16, 32}), answer);
    EXPECT_EQ(guest.call("path_symlink", {0, 4, 3, at, length}), answer);
    EXPECT_EQ(guest.call("path_link", {3, 0, at, length, 3, 0, 4}), answer);
    EXPECT_EQ(guest.call("path_link", {3, 0, 0, 4, 3, at, length}), answer);
    EXPECT_EQ(guest.call("path_rename", {3, at, length, 3, 0, 4}), answer);
    EXPECT_EQ(guest.call("path_rename", {3, 0, 4, 3, at, length}), answer);
    EXPECT_EQ(guest.memory(), guest.untouched());
    EXPECT_EQ(names(), 2);
    EXPECT_EQ(tree.content("grant/file"), "content");
  }
  void expect_everywhere(std::string_view path, Errno expected) {
    guest.put(8'192, path);
    expect_everywhere(8'192, path.size(), expected);
  }

  /// How many there are in the grant.
  [[nodiscard]] std::int64_t names() const {
    if (guest.scratch) return static_cast<std::int64_t>(guest.scratch->use().files);
    return std::distance(std::filesystem::directory_iterator(tree.path("grant")), {});
  }

  FilesGuest guest{GetParam(), /*read_only=*/false, 2U << 20U};
  GuestTree& tree = guest.tree;
};
INSTANTIATE_TEST_SUITE_P(Kinds, PathForms, kEveryKind, kind_name);

TEST_P(PathForms, AnEmptyOneIsNothing) {
  expect_everywhere("", Errno::kNoent);
}

TEST_P(PathForms, AnAbsoluteOneLeadsOut) {
  expect_everywhere("/", Errno::kPerm);
  expect_everywhere("//", Errno::kPerm);
  expect_everywhere(tree.path("file"), Errno::kPerm);
  expect_everywhere("/" + tree.path("file"), Errno::kPerm);
  expect_everywhere(std::string(4'095, '/'), Errno::kPerm);
}

TEST_P(PathForms, OneThatLeadsOutIsRefused) {
  expect_everywhere("..", Errno::kPerm);
  expect_everywhere("../", Errno::kPerm);
  expect_everywhere("../x", Errno::kPerm);
  expect_everywhere("folder/../../x", Errno::kPerm);
  std::string chain;
  for (int i = 0; i < 1'300; ++i)
    chain += "../";
  expect_everywhere(chain, Errno::kPerm);
}

TEST_P(PathForms, OneWithANulIsInvalid) {
  expect_everywhere(std::string_view("file\0", 5), Errno::kInval);
  expect_everywhere(std::string_view("\0", 1), Errno::kInval);
  expect_everywhere(std::string_view("a\0b", 3), Errno::kInval);
}

TEST_P(PathForms, OneThatIsNotUtf8IsIllegal) {
  for (const char* path : {"\xFF", "a\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80",
                           "\xF4\x90\x80\x80", "\xF0\x80\x80\xAF", "..\xC0\xAF..\xC0\xAFx"}) {
    expect_everywhere(path, Errno::kIlseq);
  }
}

TEST_P(PathForms, OneOfMoreThan4095BytesIsTooLong) {
  expect_everywhere(std::string(4'096, 'x'), Errno::kNametoolong);
  expect_everywhere(std::string(4'096, '/'), Errno::kNametoolong);
  std::string dots;
  while (dots.size() < 4'096)
    dots += "./";
  expect_everywhere(dots, Errno::kNametoolong);
  expect_everywhere(std::string(1U << 20U, 'x'), Errno::kNametoolong);
}

TEST_P(PathForms, ANameOfMoreThan255BytesIsTooLong) {
  expect_everywhere(std::string(256, 'x'), Errno::kNametoolong);
  expect_everywhere(std::string(4'095, 'x'), Errno::kNametoolong);
}

TEST_P(PathForms, ALongOneThatIsNotThereIsNothing) {
  std::string path;
  while (path.size() < 4'090)
    path += "none/";
  guest.put(8'192, path);
  EXPECT_EQ(guest.call("path_filestat_get", {3, 0, 8'192, path.size(), 64}),
            returns(Errno::kNoent));
  EXPECT_EQ(guest.call("path_open", {3, 0, 8'192, path.size(), 1, 0, 0, 0, 64}),
            returns(Errno::kNoent));
}

TEST_P(PathForms, ALongOneThatIsThereIsFound) {
  std::string path;
  while (path.size() < 4'080)
    path += "./";
  path += "folder/../file";
  guest.put(8'192, path);
  EXPECT_EQ(guest.call("path_filestat_get", {3, 0, 8'192, path.size(), 64}), kOk);
}

TEST_P(PathForms, OneOutsideTheMemoryIsAFault) {
  expect_everywhere(2U << 20U, 1, Errno::kFault);
  expect_everywhere((2U << 20U) - 3, 4, Errno::kFault);
  expect_everywhere(0xFFFF'FFFF, 1, Errno::kFault);
  expect_everywhere(0, 0xFFFF'FFFF, Errno::kFault);
}

}  // namespace
}  // namespace mimobox::wasi
