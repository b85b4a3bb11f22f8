#include <gtest/gtest.h>

#include "tests/unit/wasi/fakes.h"

// What a guest without grants gets from every function on descriptors: stdin and stdout are open
// streams, and no other number is anything. Memory stays as it was.

namespace mimobox::wasi {
namespace {

using testing::Answer;
using testing::Fixture;
using testing::returns;

/// The answer of a fresh host.
Answer ask(std::string_view name, std::initializer_list<std::uint64_t> arguments) {
  Fixture guest;
  const Answer answer = guest.call(name, arguments);
  EXPECT_EQ(guest.memory(), guest.untouched()) << name;
  return answer;
}

TEST(NoGrants, FdAdviseAnswersForItsDescriptor) {
  EXPECT_EQ(ask("fd_advise", {0, 0, 0, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_advise", {1, 0, 0, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_advise", {3, 0, 0, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_advise", {0x8000'0000, 0, 0, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_advise", {0xFFFF'FFFF, 0, 0, 0}), returns(Errno::kBadf));
}

TEST(NoGrants, FdAllocateAnswersForItsDescriptor) {
  EXPECT_EQ(ask("fd_allocate", {0, 0, 1}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_allocate", {1, 0, 1}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_allocate", {3, 0, 1}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_allocate", {0x8000'0000, 0, 1}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_allocate", {0xFFFF'FFFF, 0, 1}), returns(Errno::kBadf));
}

TEST(NoGrants, FdCloseAnswersForItsDescriptor) {
  EXPECT_EQ(ask("fd_close", {0}), returns(Errno::kSuccess));
  EXPECT_EQ(ask("fd_close", {1}), returns(Errno::kSuccess));
  EXPECT_EQ(ask("fd_close", {3}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_close", {0x8000'0000}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_close", {0xFFFF'FFFF}), returns(Errno::kBadf));
}

TEST(NoGrants, FdDatasyncAnswersForItsDescriptor) {
  EXPECT_EQ(ask("fd_datasync", {0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_datasync", {1}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_datasync", {3}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_datasync", {0x8000'0000}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_datasync", {0xFFFF'FFFF}), returns(Errno::kBadf));
}

TEST(NoGrants, FdFdstatSetFlagsAnswersForItsDescriptor) {
  EXPECT_EQ(ask("fd_fdstat_set_flags", {0, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_fdstat_set_flags", {1, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_fdstat_set_flags", {3, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_fdstat_set_flags", {0x8000'0000, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_fdstat_set_flags", {0xFFFF'FFFF, 0}), returns(Errno::kBadf));
}

TEST(NoGrants, FdFdstatSetRightsAnswersForItsDescriptor) {
  EXPECT_EQ(ask("fd_fdstat_set_rights", {0, ~0ULL, 0}), returns(Errno::kNotcapable));
  EXPECT_EQ(ask("fd_fdstat_set_rights", {1, ~0ULL, 0}), returns(Errno::kNotcapable));
  EXPECT_EQ(ask("fd_fdstat_set_rights", {3, ~0ULL, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_fdstat_set_rights", {0x8000'0000, ~0ULL, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_fdstat_set_rights", {0xFFFF'FFFF, ~0ULL, 0}), returns(Errno::kBadf));
}

TEST(NoGrants, FdFilestatSetSizeAnswersForItsDescriptor) {
  EXPECT_EQ(ask("fd_filestat_set_size", {0, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_filestat_set_size", {1, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_filestat_set_size", {3, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_filestat_set_size", {0x8000'0000, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_filestat_set_size", {0xFFFF'FFFF, 0}), returns(Errno::kBadf));
}

TEST(NoGrants, FdFilestatSetTimesAnswersForItsDescriptor) {
  EXPECT_EQ(ask("fd_filestat_set_times", {0, 0, 0, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_filestat_set_times", {1, 0, 0, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_filestat_set_times", {3, 0, 0, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_filestat_set_times", {0x8000'0000, 0, 0, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_filestat_set_times", {0xFFFF'FFFF, 0, 0, 0}), returns(Errno::kBadf));
}

TEST(NoGrants, FdPreadAnswersForItsDescriptor) {
  EXPECT_EQ(ask("fd_pread", {0, 0, 1, 0, 64}), returns(Errno::kSpipe));
  EXPECT_EQ(ask("fd_pread", {1, 0, 1, 0, 64}), returns(Errno::kSpipe));
  EXPECT_EQ(ask("fd_pread", {3, 0, 1, 0, 64}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_pread", {0x8000'0000, 0, 1, 0, 64}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_pread", {0xFFFF'FFFF, 0, 1, 0, 64}), returns(Errno::kBadf));
}

TEST(NoGrants, FdPrestatGetAnswersForItsDescriptor) {
  EXPECT_EQ(ask("fd_prestat_get", {0, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_prestat_get", {1, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_prestat_get", {3, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_prestat_get", {0x8000'0000, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_prestat_get", {0xFFFF'FFFF, 0}), returns(Errno::kBadf));
}

TEST(NoGrants, FdPrestatDirNameAnswersForItsDescriptor) {
  EXPECT_EQ(ask("fd_prestat_dir_name", {0, 0, 8}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_prestat_dir_name", {1, 0, 8}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_prestat_dir_name", {3, 0, 8}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_prestat_dir_name", {0x8000'0000, 0, 8}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_prestat_dir_name", {0xFFFF'FFFF, 0, 8}), returns(Errno::kBadf));
}

TEST(NoGrants, FdPwriteAnswersForItsDescriptor) {
  EXPECT_EQ(ask("fd_pwrite", {0, 0, 1, 0, 64}), returns(Errno::kSpipe));
  EXPECT_EQ(ask("fd_pwrite", {1, 0, 1, 0, 64}), returns(Errno::kSpipe));
  EXPECT_EQ(ask("fd_pwrite", {3, 0, 1, 0, 64}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_pwrite", {0x8000'0000, 0, 1, 0, 64}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_pwrite", {0xFFFF'FFFF, 0, 1, 0, 64}), returns(Errno::kBadf));
}

TEST(NoGrants, FdReadAnswersForItsDescriptor) {
  EXPECT_EQ(ask("fd_read", {0, 0, 1025, 64}), returns(Errno::kInval));
  EXPECT_EQ(ask("fd_read", {1, 0, 1025, 64}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_read", {3, 0, 1025, 64}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_read", {0x8000'0000, 0, 1025, 64}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_read", {0xFFFF'FFFF, 0, 1025, 64}), returns(Errno::kBadf));
}

TEST(NoGrants, FdReaddirAnswersForItsDescriptor) {
  EXPECT_EQ(ask("fd_readdir", {0, 0, 64, 0, 128}), returns(Errno::kNotdir));
  EXPECT_EQ(ask("fd_readdir", {1, 0, 64, 0, 128}), returns(Errno::kNotdir));
  EXPECT_EQ(ask("fd_readdir", {3, 0, 64, 0, 128}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_readdir", {0x8000'0000, 0, 64, 0, 128}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_readdir", {0xFFFF'FFFF, 0, 64, 0, 128}), returns(Errno::kBadf));
}

TEST(NoGrants, FdRenumberAnswersForItsDescriptor) {
  EXPECT_EQ(ask("fd_renumber", {0, 0}), returns(Errno::kSuccess));
  EXPECT_EQ(ask("fd_renumber", {1, 1}), returns(Errno::kSuccess));
  EXPECT_EQ(ask("fd_renumber", {3, 3}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_renumber", {0x8000'0000, 0x8000'0000}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_renumber", {0xFFFF'FFFF, 0xFFFF'FFFF}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_renumber", {0, 3}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_renumber", {1, 3}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_renumber", {3, 3}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_renumber", {0x8000'0000, 3}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_renumber", {0xFFFF'FFFF, 3}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_renumber", {3, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_renumber", {3, 1}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_renumber", {3, 3}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_renumber", {3, 0x8000'0000}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_renumber", {3, 0xFFFF'FFFF}), returns(Errno::kBadf));
}

TEST(NoGrants, FdSeekAnswersForItsDescriptor) {
  EXPECT_EQ(ask("fd_seek", {0, 0, 0, 64}), returns(Errno::kSpipe));
  EXPECT_EQ(ask("fd_seek", {1, 0, 0, 64}), returns(Errno::kSpipe));
  EXPECT_EQ(ask("fd_seek", {3, 0, 0, 64}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_seek", {0x8000'0000, 0, 0, 64}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_seek", {0xFFFF'FFFF, 0, 0, 64}), returns(Errno::kBadf));
}

TEST(NoGrants, FdSyncAnswersForItsDescriptor) {
  EXPECT_EQ(ask("fd_sync", {0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_sync", {1}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_sync", {3}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_sync", {0x8000'0000}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_sync", {0xFFFF'FFFF}), returns(Errno::kBadf));
}

TEST(NoGrants, FdTellAnswersForItsDescriptor) {
  EXPECT_EQ(ask("fd_tell", {0, 64}), returns(Errno::kSpipe));
  EXPECT_EQ(ask("fd_tell", {1, 64}), returns(Errno::kSpipe));
  EXPECT_EQ(ask("fd_tell", {3, 64}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_tell", {0x8000'0000, 64}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_tell", {0xFFFF'FFFF, 64}), returns(Errno::kBadf));
}

TEST(NoGrants, FdWriteAnswersForItsDescriptor) {
  EXPECT_EQ(ask("fd_write", {0, 0, 1025, 64}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_write", {1, 0, 1025, 64}), returns(Errno::kInval));
  EXPECT_EQ(ask("fd_write", {3, 0, 1025, 64}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_write", {0x8000'0000, 0, 1025, 64}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_write", {0xFFFF'FFFF, 0, 1025, 64}), returns(Errno::kBadf));
}

TEST(NoGrants, PathCreateDirectoryAnswersForItsDescriptor) {
  EXPECT_EQ(ask("path_create_directory", {0, 0, 8}), returns(Errno::kNotdir));
  EXPECT_EQ(ask("path_create_directory", {1, 0, 8}), returns(Errno::kNotdir));
  EXPECT_EQ(ask("path_create_directory", {3, 0, 8}), returns(Errno::kBadf));
  EXPECT_EQ(ask("path_create_directory", {0x8000'0000, 0, 8}), returns(Errno::kBadf));
  EXPECT_EQ(ask("path_create_directory", {0xFFFF'FFFF, 0, 8}), returns(Errno::kBadf));
}

TEST(NoGrants, PathFilestatGetAnswersForItsDescriptor) {
  EXPECT_EQ(ask("path_filestat_get", {0, 0, 0, 8, 64}), returns(Errno::kNotdir));
  EXPECT_EQ(ask("path_filestat_get", {1, 0, 0, 8, 64}), returns(Errno::kNotdir));
  EXPECT_EQ(ask("path_filestat_get", {3, 0, 0, 8, 64}), returns(Errno::kBadf));
  EXPECT_EQ(ask("path_filestat_get", {0x8000'0000, 0, 0, 8, 64}), returns(Errno::kBadf));
  EXPECT_EQ(ask("path_filestat_get", {0xFFFF'FFFF, 0, 0, 8, 64}), returns(Errno::kBadf));
}

TEST(NoGrants, PathFilestatSetTimesAnswersForItsDescriptor) {
  EXPECT_EQ(ask("path_filestat_set_times", {0, 0, 0, 8, 0, 0, 0}), returns(Errno::kNotdir));
  EXPECT_EQ(ask("path_filestat_set_times", {1, 0, 0, 8, 0, 0, 0}), returns(Errno::kNotdir));
  EXPECT_EQ(ask("path_filestat_set_times", {3, 0, 0, 8, 0, 0, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("path_filestat_set_times", {0x8000'0000, 0, 0, 8, 0, 0, 0}), returns(Errno::kBadf));
  EXPECT_EQ(ask("path_filestat_set_times", {0xFFFF'FFFF, 0, 0, 8, 0, 0, 0}), returns(Errno::kBadf));
}

TEST(NoGrants, PathLinkAnswersForItsDescriptor) {
  EXPECT_EQ(ask("path_link", {0, 0, 0, 8, 0, 16, 8}), returns(Errno::kNotdir));
  EXPECT_EQ(ask("path_link", {1, 0, 0, 8, 1, 16, 8}), returns(Errno::kNotdir));
  EXPECT_EQ(ask("path_link", {3, 0, 0, 8, 3, 16, 8}), returns(Errno::kBadf));
  EXPECT_EQ(ask("path_link", {0x8000'0000, 0, 0, 8, 0x8000'0000, 16, 8}), returns(Errno::kBadf));
  EXPECT_EQ(ask("path_link", {0xFFFF'FFFF, 0, 0, 8, 0xFFFF'FFFF, 16, 8}), returns(Errno::kBadf));
}

TEST(NoGrants, PathOpenAnswersForItsDescriptor) {
  EXPECT_EQ(ask("path_open", {0, 0, 0, 8, 1, ~0ULL, ~0ULL, 0, 64}), returns(Errno::kNotdir));
  EXPECT_EQ(ask("path_open", {1, 0, 0, 8, 1, ~0ULL, ~0ULL, 0, 64}), returns(Errno::kNotdir));
  EXPECT_EQ(ask("path_open", {3, 0, 0, 8, 1, ~0ULL, ~0ULL, 0, 64}), returns(Errno::kBadf));
  EXPECT_EQ(ask("path_open", {0x8000'0000, 0, 0, 8, 1, ~0ULL, ~0ULL, 0, 64}),
            returns(Errno::kBadf));
  EXPECT_EQ(ask("path_open", {0xFFFF'FFFF, 0, 0, 8, 1, ~0ULL, ~0ULL, 0, 64}),
            returns(Errno::kBadf));
}

TEST(NoGrants, PathReadlinkAnswersForItsDescriptor) {
  EXPECT_EQ(ask("path_readlink", {0, 0, 8, 64, 8, 128}), returns(Errno::kNotdir));
  EXPECT_EQ(ask("path_readlink", {1, 0, 8, 64, 8, 128}), returns(Errno::kNotdir));
  EXPECT_EQ(ask("path_readlink", {3, 0, 8, 64, 8, 128}), returns(Errno::kBadf));
  EXPECT_EQ(ask("path_readlink", {0x8000'0000, 0, 8, 64, 8, 128}), returns(Errno::kBadf));
  EXPECT_EQ(ask("path_readlink", {0xFFFF'FFFF, 0, 8, 64, 8, 128}), returns(Errno::kBadf));
}

TEST(NoGrants, PathRemoveDirectoryAnswersForItsDescriptor) {
  EXPECT_EQ(ask("path_remove_directory", {0, 0, 8}), returns(Errno::kNotdir));
  EXPECT_EQ(ask("path_remove_directory", {1, 0, 8}), returns(Errno::kNotdir));
  EXPECT_EQ(ask("path_remove_directory", {3, 0, 8}), returns(Errno::kBadf));
  EXPECT_EQ(ask("path_remove_directory", {0x8000'0000, 0, 8}), returns(Errno::kBadf));
  EXPECT_EQ(ask("path_remove_directory", {0xFFFF'FFFF, 0, 8}), returns(Errno::kBadf));
}

TEST(NoGrants, PathRenameAnswersForItsDescriptor) {
  EXPECT_EQ(ask("path_rename", {0, 0, 8, 0, 16, 8}), returns(Errno::kNotdir));
  EXPECT_EQ(ask("path_rename", {1, 0, 8, 1, 16, 8}), returns(Errno::kNotdir));
  EXPECT_EQ(ask("path_rename", {3, 0, 8, 3, 16, 8}), returns(Errno::kBadf));
  EXPECT_EQ(ask("path_rename", {0x8000'0000, 0, 8, 0x8000'0000, 16, 8}), returns(Errno::kBadf));
  EXPECT_EQ(ask("path_rename", {0xFFFF'FFFF, 0, 8, 0xFFFF'FFFF, 16, 8}), returns(Errno::kBadf));
}

TEST(NoGrants, PathSymlinkAnswersForItsDescriptor) {
  EXPECT_EQ(ask("path_symlink", {0, 8, 0, 16, 8}), returns(Errno::kNotdir));
  EXPECT_EQ(ask("path_symlink", {0, 8, 1, 16, 8}), returns(Errno::kNotdir));
  EXPECT_EQ(ask("path_symlink", {0, 8, 3, 16, 8}), returns(Errno::kBadf));
  EXPECT_EQ(ask("path_symlink", {0, 8, 0x8000'0000, 16, 8}), returns(Errno::kBadf));
  EXPECT_EQ(ask("path_symlink", {0, 8, 0xFFFF'FFFF, 16, 8}), returns(Errno::kBadf));
}

TEST(NoGrants, PathUnlinkFileAnswersForItsDescriptor) {
  EXPECT_EQ(ask("path_unlink_file", {0, 0, 8}), returns(Errno::kNotdir));
  EXPECT_EQ(ask("path_unlink_file", {1, 0, 8}), returns(Errno::kNotdir));
  EXPECT_EQ(ask("path_unlink_file", {3, 0, 8}), returns(Errno::kBadf));
  EXPECT_EQ(ask("path_unlink_file", {0x8000'0000, 0, 8}), returns(Errno::kBadf));
  EXPECT_EQ(ask("path_unlink_file", {0xFFFF'FFFF, 0, 8}), returns(Errno::kBadf));
}

TEST(NoGrants, SockAcceptAnswersForItsDescriptor) {
  EXPECT_EQ(ask("sock_accept", {0, 0, 64}), returns(Errno::kNotsock));
  EXPECT_EQ(ask("sock_accept", {1, 0, 64}), returns(Errno::kNotsock));
  EXPECT_EQ(ask("sock_accept", {3, 0, 64}), returns(Errno::kBadf));
  EXPECT_EQ(ask("sock_accept", {0x8000'0000, 0, 64}), returns(Errno::kBadf));
  EXPECT_EQ(ask("sock_accept", {0xFFFF'FFFF, 0, 64}), returns(Errno::kBadf));
}

TEST(NoGrants, SockRecvAnswersForItsDescriptor) {
  EXPECT_EQ(ask("sock_recv", {0, 0, 1, 0, 64, 128}), returns(Errno::kNotsock));
  EXPECT_EQ(ask("sock_recv", {1, 0, 1, 0, 64, 128}), returns(Errno::kNotsock));
  EXPECT_EQ(ask("sock_recv", {3, 0, 1, 0, 64, 128}), returns(Errno::kBadf));
  EXPECT_EQ(ask("sock_recv", {0x8000'0000, 0, 1, 0, 64, 128}), returns(Errno::kBadf));
  EXPECT_EQ(ask("sock_recv", {0xFFFF'FFFF, 0, 1, 0, 64, 128}), returns(Errno::kBadf));
}

TEST(NoGrants, SockSendAnswersForItsDescriptor) {
  EXPECT_EQ(ask("sock_send", {0, 0, 1, 0, 64}), returns(Errno::kNotsock));
  EXPECT_EQ(ask("sock_send", {1, 0, 1, 0, 64}), returns(Errno::kNotsock));
  EXPECT_EQ(ask("sock_send", {3, 0, 1, 0, 64}), returns(Errno::kBadf));
  EXPECT_EQ(ask("sock_send", {0x8000'0000, 0, 1, 0, 64}), returns(Errno::kBadf));
  EXPECT_EQ(ask("sock_send", {0xFFFF'FFFF, 0, 1, 0, 64}), returns(Errno::kBadf));
}

TEST(NoGrants, SockShutdownAnswersForItsDescriptor) {
  EXPECT_EQ(ask("sock_shutdown", {0, 3}), returns(Errno::kNotsock));
  EXPECT_EQ(ask("sock_shutdown", {1, 3}), returns(Errno::kNotsock));
  EXPECT_EQ(ask("sock_shutdown", {3, 3}), returns(Errno::kBadf));
  EXPECT_EQ(ask("sock_shutdown", {0x8000'0000, 3}), returns(Errno::kBadf));
  EXPECT_EQ(ask("sock_shutdown", {0xFFFF'FFFF, 3}), returns(Errno::kBadf));
}

TEST(NoGrants, FdFdstatGetAnswersForItsDescriptor) {
  EXPECT_EQ(ask("fd_fdstat_get", {0, 233}), returns(Errno::kFault));
  EXPECT_EQ(ask("fd_fdstat_get", {1, 233}), returns(Errno::kFault));
  EXPECT_EQ(ask("fd_fdstat_get", {3, 233}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_fdstat_get", {0x8000'0000, 233}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_fdstat_get", {0xFFFF'FFFF, 233}), returns(Errno::kBadf));
}

TEST(NoGrants, FdFilestatGetAnswersForItsDescriptor) {
  EXPECT_EQ(ask("fd_filestat_get", {0, 193}), returns(Errno::kFault));
  EXPECT_EQ(ask("fd_filestat_get", {1, 193}), returns(Errno::kFault));
  EXPECT_EQ(ask("fd_filestat_get", {3, 193}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_filestat_get", {0x8000'0000, 193}), returns(Errno::kBadf));
  EXPECT_EQ(ask("fd_filestat_get", {0xFFFF'FFFF, 193}), returns(Errno::kBadf));
}

}  // namespace
}  // namespace mimobox::wasi
