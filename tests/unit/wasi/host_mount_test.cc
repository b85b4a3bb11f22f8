#include "wasi/host_mount.h"

#include <cerrno>

#include <gtest/gtest.h>

#include "tests/unit/wasi/files.h"

namespace mimobox::wasi {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the fixture's names

/// The step at which opening fails, and the errno.
std::pair<MountError::Step, int> failure(const std::string& host_path,
                                         const std::string& guest_path = "/") {
  const auto mount = HostMount::open(host_path, guest_path, {});
  EXPECT_FALSE(mount.has_value()) << host_path;
  return mount ? std::pair{MountError::Step::kOpen, 0}
               : std::pair{mount.error().step, mount.error().os_errno};
}

using Step = MountError::Step;
using Names = std::pair<std::string, std::string>;

TEST(HostMount, OpensAFolderByTheNameThatItWasGiven) {
  const TempTree tree;
  const auto mount = HostMount::open(tree.path(""), "some//name/", {});
  ASSERT_TRUE(mount.has_value());
  EXPECT_EQ(mount->guest_path(), "some//name/");
  EXPECT_EQ(mount->single_file(), nullptr);
  EXPECT_FALSE(mount->read_only());
}

TEST(HostMount, SplitsTheGuestsPathOfAFile) {
  const TempTree tree;
  tree.file("f");
  const auto names = [&](const std::string& guest_path) {
    const auto mount = HostMount::open(tree.path("f"), guest_path, {.read_only = true});
    EXPECT_TRUE(mount.has_value()) << guest_path;
    return mount ? Names(mount->guest_path(), mount->single_file()->guest_name) : Names();
  };
  EXPECT_EQ(names("/etc/motd"), Names("/etc", "motd"));
  EXPECT_EQ(names("/motd"), Names("/", "motd"));
  EXPECT_EQ(names("motd"), Names(".", "motd"));
  EXPECT_EQ(names("a/b/c"), Names("a/b", "c"));
}

TEST(HostMount, FollowsTheHostsLinks) {
  const TempTree tree;
  tree.folder("d");
  tree.file("d/f", "content");
  tree.link("folder", "d");
  tree.link("file", "d/f");
  EXPECT_TRUE(HostMount::open(tree.path("folder"), "/", {}).has_value());
  const auto file = HostMount::open(tree.path("file"), "/f", {});
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(file->single_file()->host_name, "f");
}

TEST(HostMount, TellsWhyItCannotBeOpened) {
  const TempTree tree;
  tree.file("f");
  tree.fifo("p");
  tree.link("dangling", "none");
  EXPECT_EQ(failure(tree.path("none")), std::pair(Step::kOpen, ENOENT));
  EXPECT_EQ(failure(tree.path("dangling")), std::pair(Step::kOpen, ENOENT));
  EXPECT_EQ(failure(tree.path("f/x")), std::pair(Step::kOpen, ENOTDIR));
  EXPECT_EQ(failure(""), std::pair(Step::kOpen, ENOENT));
  EXPECT_EQ(failure(std::string("/tmp\0/x", 7)), std::pair(Step::kOpen, EINVAL));
  EXPECT_EQ(failure(tree.path("p")), std::pair(Step::kNotFileOrFolder, 0));
  EXPECT_EQ(failure("/dev/null"), std::pair(Step::kNotFileOrFolder, 0));
  EXPECT_EQ(failure("/proc"), std::pair(Step::kPseudoFilesystem, 0));
}

TEST(HostMount, RefusesNamesThatAGuestCannotUse) {
  const TempTree tree;
  tree.file("f");
  for (const std::string& name :
       {std::string(), std::string(4'096, 'x'), std::string("a\0b", 3), std::string("\xFF")}) {
    EXPECT_EQ(failure(tree.path(""), name), std::pair(Step::kGuestPath, 0));
    EXPECT_EQ(failure(tree.path("f"), name), std::pair(Step::kGuestPath, 0));
  }
  for (const char* name : {"/", "/etc/", "..", "a/.", "a/.."}) {
    EXPECT_EQ(failure(tree.path("f"), name), std::pair(Step::kGuestPath, 0)) << name;
  }
}

TEST(HostMount, SharesNoOffsetBetweenTheHostsThatUseIt) {
  FilesGuest guest;
  for (int i = 0; i < 100; ++i)
    guest.tree.file("grant/file" + std::to_string(i));
  const auto first_used = [&] {
    EXPECT_EQ(guest.call("fd_readdir", {3, 16'384, 16'384, 0, 8}), kOk);
    return guest.result();
  };
  const std::uint32_t used = first_used();
  EXPECT_GT(used, 3'000U);
  guest.end_host();
  EXPECT_EQ(first_used(), used);
}

TEST(HostMount, IsClosedWithItsOwnerOnly) {
  const std::size_t before = open_descriptors();
  {
    FilesGuest guest;
    EXPECT_EQ(open_descriptors(), before + 1);
    EXPECT_EQ(guest.close(3), Errno::kSuccess);
    guest.end_host();
    EXPECT_EQ(open_descriptors(), before + 1);
  }
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace mimobox::wasi
