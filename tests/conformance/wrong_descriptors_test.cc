#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/wasi/files.h"

// Every function on a descriptor of another kind, one that was closed and one that was moved away.
// Of a guest without grants, no_grants_test.cc tells the same.

namespace mimobox::wasi {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the fixture's names

struct Case {
  std::string name;
  /// The arguments behind the descriptor.
  std::vector<std::uint64_t> rest;
  Errno on_file;
  Errno on_directory;
};

constexpr Errno kFine = Errno::kSuccess;

// Paths are "none" at 0, results stand at 64.
const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = {
      {"fd_advise", {0, 0, 0}, kFine, Errno::kBadf},
      {"fd_allocate", {0, 1}, kFine, Errno::kBadf},
      {"fd_datasync", {}, kFine, kFine},
      {"fd_fdstat_get", {64}, kFine, kFine},
      {"fd_fdstat_set_flags", {0}, kFine, Errno::kBadf},
      {"fd_fdstat_set_rights", {~0ULL, 0}, Errno::kNotcapable, Errno::kNotcapable},
      {"fd_filestat_get", {64}, kFine, kFine},
      {"fd_filestat_set_size", {1}, kFine, Errno::kBadf},
      {"fd_filestat_set_times", {0, 0, 0}, kFine, kFine},
      {"fd_pread", {32, 1, 0, 64}, kFine, Errno::kBadf},
      {"fd_prestat_get", {64}, Errno::kBadf, Errno::kBadf},
      {"fd_prestat_dir_name", {64, 8}, Errno::kNotdir, Errno::kNotdir},
      {"fd_pwrite", {32, 1, 0, 64}, kFine, Errno::kBadf},
      {"fd_read", {32, 1, 64}, kFine, Errno::kBadf},
      {"fd_readdir", {64, 64, 0, 200}, Errno::kNotdir, kFine},
      {"fd_seek", {0, 0, 64}, kFine, Errno::kBadf},
      {"fd_sync", {}, kFine, kFine},
      {"fd_tell", {64}, kFine, Errno::kBadf},
      {"fd_write", {32, 1, 64}, kFine, Errno::kBadf},
      {"path_create_directory", {0, 0}, Errno::kNotdir, Errno::kNoent},
      {"path_filestat_get", {0, 0, 4, 64}, Errno::kNotdir, Errno::kNoent},
      {"path_filestat_set_times", {0, 0, 4, 0, 0, 0}, Errno::kNotdir, Errno::kNoent},
      {"path_open", {0, 0, 4, 0, 0, 0, 0, 64}, Errno::kNotdir, Errno::kNoent},
      {"path_readlink", {0, 4, 64, 64, 200}, Errno::kNotdir, Errno::kNoent},
      {"path_remove_directory", {0, 4}, Errno::kNotdir, Errno::kNoent},
      {"path_unlink_file", {0, 4}, Errno::kNotdir, Errno::kNoent},
      {"sock_accept", {0, 64}, Errno::kNotsock, Errno::kNotsock},
      {"sock_recv", {32, 1, 0, 64, 200}, Errno::kNotsock, Errno::kNotsock},
      {"sock_send", {32, 1, 0, 64}, Errno::kNotsock, Errno::kNotsock},
      {"sock_shutdown", {3}, Errno::kNotsock, Errno::kNotsock},
  };
  return kCases;
}

class WrongDescriptors : public EveryKind {
 protected:
  WrongDescriptors() {
    guest.tree.file("grant/f", "content");
    guest.tree.folder("grant/d");
    file = guest.must_open("f");
    directory = guest.must_open("d", kAsDirectory);
    guest.wipe();
    guest.put(0, "none");
    guest.put(32, iovec(300, 4));
  }

  Errno call(const Case& what, std::uint32_t fd) {
    std::vector<std::uint64_t> arguments = {fd};
    arguments.insert(arguments.end(), what.rest.begin(), what.rest.end());
    return guest.call(what.name, arguments).error;
  }

  std::uint32_t file = 0;
  std::uint32_t directory = 0;
};
INSTANTIATE_TEST_SUITE_P(Kinds, WrongDescriptors, kEveryKind, kind_name);

TEST_P(WrongDescriptors, EveryFunctionAnswersForAFile) {
  for (const Case& what : cases())
    EXPECT_EQ(call(what, file), what.on_file) << what.name;
}

TEST_P(WrongDescriptors, EveryFunctionAnswersForADirectory) {
  for (const Case& what : cases())
    EXPECT_EQ(call(what, directory), what.on_directory) << what.name;
}

TEST_P(WrongDescriptors, EveryFunctionRefusesWhatIsClosed) {
  EXPECT_EQ(guest.close(file), Errno::kSuccess);
  for (const Case& what : cases())
    EXPECT_EQ(call(what, file), Errno::kBadf) << what.name;
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST_P(WrongDescriptors, EveryFunctionRefusesWhatWasMovedAway) {
  EXPECT_EQ(guest.call("fd_renumber", {directory, file}), kOk);
  for (const Case& what : cases())
    EXPECT_EQ(call(what, directory), Errno::kBadf) << what.name;
  EXPECT_EQ(guest.memory(), guest.untouched());
  for (const Case& what : cases())
    EXPECT_EQ(call(what, file), what.on_directory) << what.name;
}

TEST_P(WrongDescriptors, EveryFunctionRefusesNumbersThatNeverWere) {
  for (const std::uint32_t fd : {6U, 255U, 256U, 0x7FFF'FFFFU, 0x8000'0000U, 0xFFFF'FFFFU}) {
    for (const Case& what : cases())
      EXPECT_EQ(call(what, fd), Errno::kBadf) << what.name;
  }
  EXPECT_EQ(guest.memory(), guest.untouched());
}

TEST_P(WrongDescriptors, FunctionsOfTwoDirectoriesAnswerForBoth) {
  for (const auto& [other, expected] :
       {std::pair{file, Errno::kNotdir}, {1U, Errno::kNotdir}, {99U, Errno::kBadf}}) {
    EXPECT_EQ(guest.link("f", "x", other, 3), expected);
    EXPECT_EQ(guest.link("f", "x", 3, other), expected);
    EXPECT_EQ(guest.rename("f", "x", other, 3), expected);
    EXPECT_EQ(guest.rename("f", "x", 3, other), expected);
    EXPECT_EQ(guest.symlink("f", "x", other), expected);
  }
  EXPECT_FALSE(guest.tree.exists("grant/x"));
}

/// Each right, alone missing, and the one function that it stands for.
TEST_P(WrongDescriptors, EachFunctionNeedsItsRight) {
  const std::vector<std::pair<std::string, std::uint64_t>> of_files = {
      {"fd_advise", kRightFdAdvise},
      {"fd_allocate", kRightFdAllocate},
      {"fd_datasync", kRightFdDatasync},
      {"fd_fdstat_set_flags", kRightFdFdstatSetFlags},
      {"fd_filestat_get", kRightFdFilestatGet},
      {"fd_filestat_set_size", kRightFdFilestatSetSize},
      {"fd_filestat_set_times", kRightFdFilestatSetTimes},
      {"fd_pread", kRightFdRead},
      {"fd_pwrite", kRightFdWrite},
      {"fd_read", kRightFdRead},
      {"fd_seek", kRightFdSeek},
      {"fd_sync", kRightFdSync},
      {"fd_tell", kRightFdTell | kRightFdSeek},
      {"fd_write", kRightFdWrite},
  };
  for (const auto& [name, right] : of_files) {
    const std::uint32_t fd = guest.must_open("f");
    guest.put(0, "none");
    EXPECT_EQ(guest.call("fd_fdstat_set_rights", {fd, kFileRights & ~right, 0}), kOk);
    for (const Case& what : cases()) {
      if (what.name == name) {
        EXPECT_EQ(call(what, fd), Errno::kNotcapable) << name;
      }
    }
    EXPECT_EQ(guest.close(fd), Errno::kSuccess);
  }
  const std::vector<std::pair<std::string, std::uint64_t>> of_directories = {
      {"fd_readdir", kRightFdReaddir},
      {"path_create_directory", kRightPathCreateDirectory},
      {"path_filestat_get", kRightPathFilestatGet},
      {"path_filestat_set_times", kRightPathFilestatSetTimes},
      {"path_open", kRightPathOpen},
      {"path_readlink", kRightPathReadlink},
      {"path_remove_directory", kRightPathRemoveDirectory},
      {"path_unlink_file", kRightPathUnlinkFile},
  };
  for (const auto& [name, right] : of_directories) {
    const std::uint32_t fd = guest.must_open("d", kAsDirectory);
    guest.put(0, "none");
    EXPECT_EQ(guest.call("fd_fdstat_set_rights", {fd, kDirectoryRights & ~right, 0}), kOk);
    for (const Case& what : cases()) {
      if (what.name == name) {
        EXPECT_EQ(call(what, fd), Errno::kNotcapable) << name;
      }
    }
    EXPECT_EQ(guest.close(fd), Errno::kSuccess);
  }
}

TEST_P(WrongDescriptors, FunctionsOfTwoDirectoriesNeedTheRightOfEach) {
  const auto without = [&](std::uint64_t right) {
    const std::uint32_t fd = guest.must_open(".", kAsDirectory);
    EXPECT_EQ(guest.call("fd_fdstat_set_rights", {fd, kDirectoryRights & ~right, 0}), kOk);
    return fd;
  };
  EXPECT_EQ(guest.link("f", "x", without(kRightPathLinkSource), 3), Errno::kNotcapable);
  EXPECT_EQ(guest.link("f", "x", 3, without(kRightPathLinkTarget)), Errno::kNotcapable);
  EXPECT_EQ(guest.rename("f", "x", without(kRightPathRenameSource), 3), Errno::kNotcapable);
  EXPECT_EQ(guest.rename("f", "x", 3, without(kRightPathRenameTarget)), Errno::kNotcapable);
  EXPECT_EQ(guest.symlink("f", "x", without(kRightPathSymlink)), Errno::kNotcapable);
  EXPECT_FALSE(guest.tree.exists("grant/x"));
}

}  // namespace
}  // namespace mimobox::wasi
