#include "wasi/trace.h"

#include <cctype>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/wasi/files.h"

namespace mimobox::wasi {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the fixture's names
using ::testing::ElementsAre;

struct Lines final : CallTrace {
  std::vector<std::string> lines;
  void call(std::string_view line) noexcept override { lines.emplace_back(line); }
};

struct TracedGuest : FilesGuest {
  TracedGuest() { trace = &told; }
  ~TracedGuest() { end_host(); }
  Lines told;
};

TEST(Trace, TellsArgumentsErrnoAndResults) {
  TracedGuest guest;
  guest.tree.file("grant/f", "12345");
  const std::uint32_t fd = guest.must_open("f", {.rights = kRightFdRead | kRightFdSeek});
  std::string data;
  EXPECT_EQ(guest.read(fd, data), Errno::kSuccess);
  EXPECT_EQ(guest.call("fd_seek", {fd, ~0ULL, 1, 8}), kOk);
  EXPECT_EQ(guest.stat("f"), Errno::kSuccess);
  EXPECT_EQ(guest.stat("none", true), Errno::kNoent);
  EXPECT_EQ(guest.rename("f", "g"), Errno::kSuccess);
  EXPECT_THAT(
      guest.told.lines,
      ElementsAre("path_open(fd=3, dirflags=0x0, path=\"f\", oflags=0x0, rights=0x6, "
                  "inheriting=0x0, fdflags=0x0) = SUCCESS opened=4",
                  "fd_read(fd=4, iovs=0x10, iovs_len=1) = SUCCESS nread=5",
                  "fd_seek(fd=4, offset=-1, whence=1) = SUCCESS new_offset=4",
                  "path_filestat_get(fd=3, flags=0x0, path=\"f\") = SUCCESS type=4 size=5",
                  "path_filestat_get(fd=3, flags=0x1, path=\"none\") = NOENT",
                  "path_rename(old_fd=3, old_path=\"f\", new_fd=3, new_path=\"g\") = SUCCESS"));
}

TEST(Trace, EscapesWhatAGuestCalls) {
  TracedGuest guest;
  EXPECT_EQ(guest.unlink("a\"\\\n\x1B[31m\x7F\xC3\xA4"), Errno::kNoent);
  EXPECT_THAT(guest.told.lines,
              ElementsAre("path_unlink_file(fd=3, path=\"a\\\"\\\\\\x0a\\x1b[31m\\x7f\\xc3\\xa4\") "
                          "= NOENT"));
}

TEST(Trace, CutsLongTextsAndTellsPlacesOutside) {
  TracedGuest guest;
  EXPECT_EQ(guest.unlink(std::string(5'000, 'x')), Errno::kNametoolong);
  EXPECT_EQ(guest.call("path_unlink_file", {3, 0xFFFF'FFF0, 32}), returns(Errno::kFault));
  EXPECT_THAT(guest.told.lines, ElementsAre("path_unlink_file(fd=3, path=\"" +
                                                std::string(256, 'x') + "\"...) = NAMETOOLONG",
                                            "path_unlink_file(fd=3, path=0xfffffff0+32) = FAULT"));
}

TEST(Trace, TellsTheExit) {
  TracedGuest guest;
  EXPECT_EQ(guest.call("proc_exit", {7}).outcome, HostCallOutcome::kExit);
  EXPECT_THAT(guest.told.lines, ElementsAre("proc_exit(code=7)"));
}

/// The path is told as it was, also where the call writes its result over it.
TEST(Trace, TellsArgumentsAsTheyWereBefore) {
  TracedGuest guest;
  guest.tree.file("grant/name");
  guest.put(8, "name");
  EXPECT_EQ(guest.call("path_open", {3, 0, 8, 4, 0, 0, 0, 0, 8}), kOk);
  EXPECT_THAT(guest.told.lines,
              ElementsAre("path_open(fd=3, dirflags=0x0, path=\"name\", oflags=0x0, rights=0x0, "
                          "inheriting=0x0, fdflags=0x0) = SUCCESS opened=4"));
}

TEST(Trace, KnowsEveryFunctionAndAllItsArguments) {
  for (const base::HostFunction& function : functions()) {
    std::size_t arguments = 0;
    std::string_view rest = trace_format(function.name);
    while (!rest.empty()) {
      const std::string_view token = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(rest.size(), token.size() + 1));
      arguments += token.ends_with(":s") ? 2 : 1;
    }
    EXPECT_EQ(arguments, function.signature.find(':')) << function.name;
  }
}

TEST(Trace, IsOneLineForEveryFunctionWithAnyArguments) {
  for (const std::uint64_t value : {0ULL, 3ULL, 65'535ULL, ~0ULL}) {
    TracedGuest guest;
    for (const base::HostFunction& function : functions()) {
      const std::vector<std::uint64_t> arguments(function.signature.find(':'), value);
      if (function.name == "proc_exit" || function.name == "poll_oneoff") continue;
      guest.told.lines.clear();
      static_cast<void>(guest.call(function.name, arguments));
      ASSERT_EQ(guest.told.lines.size(), 1U) << function.name;
      const std::string& line = guest.told.lines[0];
      EXPECT_TRUE(line.starts_with(std::string(function.name) + "("));
      EXPECT_TRUE(std::ranges::all_of(line, [](unsigned char c) { return std::isprint(c) != 0; }));
    }
  }
}

TEST(Trace, HasANameForEachErrno) {
  EXPECT_EQ(errno_name(Errno::kSuccess), "SUCCESS");
  EXPECT_EQ(errno_name(Errno::k2big), "2BIG");
  EXPECT_EQ(errno_name(Errno::kLoop), "LOOP");
  EXPECT_EQ(errno_name(Errno::kNotcapable), "NOTCAPABLE");
  EXPECT_EQ(errno_name(static_cast<Errno>(77)), "?");
}

}  // namespace
}  // namespace mimobox::wasi
