#include "wasi/pseudo_filesystem.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <gtest/gtest.h>

#include "base/unique_fd.h"
#include "tests/unit/wasi/files.h"

namespace mimobox::wasi {
namespace {

base::UniqueFd open_path(const std::string& path) {
  return base::UniqueFd(::open(path.c_str(), O_PATH | O_CLOEXEC));
}

TEST(PseudoFilesystem, AnOrdinaryFolderIsOnNone) {
  const testing::TempTree tree;
  EXPECT_FALSE(is_on_pseudo_filesystem(open_path(tree.path("")).get(), devtmpfs_device()));
}

TEST(PseudoFilesystem, TheKernelsDoorsAre) {
  for (const char* path : {"/proc", "/proc/version", "/sys"})
    EXPECT_TRUE(is_on_pseudo_filesystem(open_path(path).get(), 0)) << path;
  EXPECT_TRUE(is_on_pseudo_filesystem(-1, 0));
}

TEST(PseudoFilesystem, WhatHasTheDeviceOfTheFolderOfDevicesIs) {
  const testing::TempTree tree;
  const dev_t device = tree.status("").st_dev;
  EXPECT_TRUE(is_on_pseudo_filesystem(open_path(tree.path("")).get(), device));
}

TEST(PseudoFilesystem, FindsTheFolderOfDevicesInTheTableOfMounts) {
  EXPECT_EQ(devtmpfs_in(""), 0U);
  EXPECT_EQ(devtmpfs_in("25 24 0:23 / /dev/shm rw,relatime - tmpfs tmpfs rw\n"), 0U);
  EXPECT_EQ(devtmpfs_in("25 24 0:23 / /devtmpfs rw - tmpfs devtmpfs rw\n"), 0U);
  EXPECT_EQ(devtmpfs_in("24 27 0:6 / /dev rw,relatime - devtmpfs udev rw,mode=755\n"),
            ::makedev(0, 6));
  EXPECT_EQ(devtmpfs_in("1 0 8:1 / / rw - ext4 /dev/vda rw\n"
                        "24 27 3:70 /net /x/dev rw,nosuid shared:2 master:7 - devtmpfs udev rw\n"),
            ::makedev(3, 70));
  EXPECT_EQ(devtmpfs_in("24 27 x:y / /dev rw - devtmpfs udev rw\n - devtmpfs \n"), 0U);
}

/// Where /dev is what the kernel makes; in containers it mostly is not.
TEST(PseudoFilesystem, TheHostsFolderOfDevicesIsNoMount) {
  struct stat devices{};
  ASSERT_EQ(::stat("/dev", &devices), 0);
  if (devices.st_dev != devtmpfs_device()) GTEST_SKIP() << "/dev is no devtmpfs here";
  const auto mount = HostMount::open("/dev", "/d", {});
  ASSERT_FALSE(mount.has_value());
  EXPECT_EQ(mount.error().step, MountError::Step::kPseudoFilesystem);
}

}  // namespace
}  // namespace mimobox::wasi
