// --dir, --ro-dir, --scratch and --scratch-out.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/command.h"
#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using ::testing::HasSubstr;

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(CommandFiles, GrantsFoldersUnderTheNamesGiven) {
  const TemporaryFolder folder;
  folder.write("in.txt", "a\nb\n");
  std::filesystem::create_directory(folder.path("out"));
  const CommandResult result = run_command({"run", "--ro-dir", folder.path("").string() + "::/in",
                                            "--dir", folder.path("out").string() + "::/out",
                                            guest("index_files.wasm"), "/in", "/out/report"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(contents(folder.path("out/report")), "in.txt 2\n");
}

TEST(CommandFiles, TheHostsPathIsTheGuestsNameByDefault) {
  const TemporaryFolder folder;
  const std::string path = folder.path("x").string();
  std::filesystem::create_directory(path);
  const CommandResult result =
      run_command({"run", "--dir", path, guest("file_tools.wasm"), "fill", path});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(std::filesystem::exists(folder.path("x/a/b/file19")));
}

TEST(CommandFiles, WritesAScratchIntoANewFolder) {
  const TemporaryFolder folder;
  folder.write("in.txt", "a\n");
  const CommandResult result =
      run_command({"run", "--ro-dir", folder.path("").string() + "::/in", "--scratch", "/out:1M",
                   "--scratch-out", folder.path("new").string(), guest("index_files.wasm"), "/in",
                   "/out/report"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(contents(folder.path("new/report")), "in.txt 1\n");
}

TEST(CommandFiles, WritesNoScratchToWhereAGuestHasMadeItsNameLead) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("grant"));
  std::filesystem::create_directory(folder.path("elsewhere"));
  const CommandResult result =
      run_command({"run", "--dir", folder.path("grant").string() + "::/g", "--scratch", "/s",
                   "--scratch-out", folder.path("grant/out").string(), guest("swap_for_link.wasm"),
                   "/g/out", "../elsewhere", "/s/file"});
  EXPECT_EQ(result.status, 125) << "the folder is gone";
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path("grant/out")));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path("elsewhere")));
}

TEST(CommandFiles, SaysBeforeTheRunThatAScratchCannotBeWritten) {
  const TemporaryFolder folder;
  folder.write("file", "");
  for (const auto& [out, why] : {std::pair{folder.path(""), "Directory not empty"},
                                 std::pair{folder.path("file"), "Not a directory"},
                                 std::pair{folder.path("no/such"), "No such file"}}) {
    const CommandResult result =
        run_command({"run", "--scratch", "/s", "--scratch-out", out.string(), guest("hello.wasm")});
    EXPECT_EQ(result.status, 125);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr(why));
  }
}

TEST(CommandFiles, SaysThatAScratchWasNotWrittenToItsEnd) {
  const TemporaryFolder folder;
  const CommandResult result =
      run_command({"run", "--scratch", "/s", "--scratch-out", folder.path("out").string(),
                   guest("nest_and_link.wasm"), "400", "200", "1000"});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.err, HasSubstr("--scratch-out: ends after "));
}

TEST(CommandFiles, NamesTheGrantThatFails) {
  const CommandResult missing =
      run_command({"run", "--dir", "/no/such/folder", guest("hello.wasm")});
  EXPECT_EQ(missing.status, 125);
  EXPECT_THAT(missing.err, HasSubstr("/no/such/folder: No such file"));
  const CommandResult pseudo = run_command({"run", "--ro-dir", "/proc", guest("hello.wasm")});
  EXPECT_EQ(pseudo.status, 125);
  EXPECT_THAT(pseudo.err, HasSubstr("/proc"));
  for (const char* const wrong : {"", "::/x", "/tmp::"}) {
    EXPECT_EQ(run_command({"run", "--dir", wrong, guest("hello.wasm")}).status, 125) << wrong;
  }
  EXPECT_EQ(run_command({"run", "--scratch", "/t:12Q", guest("hello.wasm")}).status, 125);
  EXPECT_EQ(run_command({"run", "--scratch-out", "/t", guest("hello.wasm")}).status, 125);
}

TEST(CommandFiles, TraceSaysEachCall) {
  const CommandResult result = run_command({"run", "--trace", guest("hello.wasm")});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.err, HasSubstr("trace: fd_write(fd=1"));
}

TEST(CommandFiles, LimitsAreOptions) {
  const TemporaryFolder folder;
  const std::string dir = folder.path("").string() + "::/d";
  const CommandResult result = run_command({"run", "--json", "--dir", dir, "--max-written", "1K",
                                            guest("file_tools.wasm"), "fill", "/d"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.out, HasSubstr("\"limit_hit\":\"written_bytes\""));
}

}  // namespace
}  // namespace mimobox::testing
