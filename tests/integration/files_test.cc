// Mounts and scratches as an embedder uses them, and real programs on both.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mimobox/mount.h"

#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using ::testing::HasSubstr;

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

SandboxConfig with_mount(const std::filesystem::path& host, Access access = Access::kReadWrite) {
  return {.mounts = {{.host_path = host.string(), .guest_path = "/data", .access = access}}};
}

/// The same guest directory "/data" on a host folder, by both ways of resolving paths, and in
/// memory.
enum class Kind { kHost, kHostWalk, kScratch };

struct Place {
  explicit Place(Kind which)
      : kind(which),
        runtime(Runtime::create({.walk_paths = which == Kind::kHostWalk}).value()),
        config(which == Kind::kScratch ? SandboxConfig{.scratch = {{.guest_path = "/data"}}}
                                       : with_mount(folder.path(""))),
        sandbox(WasmSandbox::create(runtime, config).value()) {}

  Result<RunResult> run(const char* guest, std::vector<std::string> args, RunRequest request = {}) {
    request.args = std::move(args);
    return sandbox->execute(runtime.load(guest_path(guest)).value(), request);
  }

  Kind kind;
  TemporaryFolder folder;
  Runtime runtime;
  SandboxConfig config;
  std::unique_ptr<WasmSandbox> sandbox;
};

class RealPrograms : public ::testing::TestWithParam<Kind> {};

TEST_P(RealPrograms, GoWorksOnATree) {
  if (!std::filesystem::exists(guest_path("go_filetree.wasm"))) GTEST_SKIP() << "no Go here";
  Place place(GetParam());
  const auto result = place.run("go_filetree.wasm", {"/data"});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->err.data, "");
  EXPECT_EQ(result->exit_code, 0U);
  EXPECT_EQ(result->out.data,
            "through the link: 21\n d--------- -1\n/x d--------- -1\n/x/link L--------- -1\n"
            "/x/y d--------- -1\n/x/y/f1 ---------- 7\n/x/y/f2 ---------- 6\n/x/y/f3 ---------- 9\n"
            "/x/y/f4 ---------- 12\n/x/y/f5 ---------- 15\n/x/y/f6 ---------- 18\n"
            "/x/y/f7 ---------- 21\n/x/y/f8 ---------- 4\n/x/y/z d--------- -1\n"
            "/x/y/z/moved ---------- 27\n");
}

TEST_P(RealPrograms, RustWorksOnATree) {
  if (!std::filesystem::exists(guest_path("rust_filetree.wasm"))) {
    GTEST_SKIP() << "no Rust for WASI here (tools/setup.sh rust-guests)";
  }
  Place place(GetParam());
  const auto result = place.run("rust_filetree.wasm", {"/data"});
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->err.data, "");
  EXPECT_EQ(result->exit_code, 0U);
  EXPECT_EQ(result->out.data,
            "copied: 25\nthrough the link: 35\nthe end: \"rust\\n\"\n"
            "x folder -1\nx/link link -1\nx/y folder -1\nx/y/copy file 25\nx/y/f1 file 9\n"
            "x/y/f2 file 10\nx/y/f3 file 15\nx/y/f4 file 20\nx/y/f5 file 25\nx/y/f6 file 30\n"
            "x/y/f7 file 35\nx/y/f8 file 4\nx/y/hard file 30\nx/y/z folder -1\n"
            "x/y/z/moved file 45\n");
}

// A file of 3 MB in a guest that has 2 MiB of memory.
TEST_P(RealPrograms, CSortsAFileLargerThanItsMemory) {
  Place place(GetParam());
  std::string text;
  std::vector<std::string> lines;
  for (unsigned i = 0; i < 100'000; ++i) {
    lines.push_back(std::to_string(i * 2'654'435'761U) + " some more words of a line\n");
    text += lines.back();
  }
  RunRequest request;
  if (place.kind == Kind::kScratch) {
    request.scratch = {{.guest_path = "/data", .files = {{"in", text}}}};
  } else {
    place.folder.write("in", text);
  }
  request.keep_scratch = true;
  request.limits = place.config.limits;
  request.limits->memory_bytes = 2 * kMiB;
  const auto result =
      place.run("file_tools.wasm", {"sort", "/data/in", "/data/out", "/data"}, request);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  ASSERT_EQ(result->exit_code, 0U) << result->err.data;
  std::ranges::sort(lines);
  std::string expected;
  for (const std::string& line : lines)
    expected += line;
  std::string sorted;
  if (place.kind == Kind::kScratch) {
    for (const ScratchEntry& entry : result->scratch.at(0).entries) {
      if (entry.path == "out") sorted = entry.data();
    }
  } else {
    sorted = contents(place.folder.path("out"));
  }
  EXPECT_TRUE(sorted == expected);
  EXPECT_GE(result->metrics.calls(HostCallKind::kFileRead).bytes, 2 * text.size());
  EXPECT_GE(result->metrics.calls(HostCallKind::kFileWrite).bytes, 2 * text.size());
  EXPECT_GE(result->metrics.files_opened, 12U);
}

INSTANTIATE_TEST_SUITE_P(On, RealPrograms,
                         ::testing::Values(Kind::kHost, Kind::kHostWalk, Kind::kScratch),
                         [](const auto& parameter) {
                           switch (parameter.param) {
                             case Kind::kHost:
                               return "HostFolder";
                             case Kind::kHostWalk:
                               return "HostFolderByWalking";
                             case Kind::kScratch:
                               return "Scratch";
                           }
                           return "";
                         });

TEST(WasmSandboxMount, CProgramsMakeCopyWalkAndChangeATree) {
  const TemporaryFolder folder;
  const SandboxConfig config = with_mount(folder.path(""));
  const auto run = [&](std::vector<std::string> args) {
    const auto result = run_guest("file_tools.wasm", {.args = std::move(args)}, config);
    EXPECT_TRUE(result.has_value());
    EXPECT_EQ(result->exit_code, 0U) << result->err.data;
    return result->out.data;
  };
  std::filesystem::create_directory(folder.path("one"));
  run({"fill", "/data/one"});
  run({"copy", "/data/one", "/data/two"});
  std::string first = run({"walk", "/data/one"});
  const std::string second = run({"walk", "/data/two"});
  for (std::size_t at = first.find("/one/"); at != std::string::npos; at = first.find("/one/")) {
    first.replace(at, 5, "/two/");
  }
  EXPECT_EQ(first, second);
  run({"change", "/data/two"});
  EXPECT_EQ(contents(folder.path("two/a/b/renamed")), "line !");
  EXPECT_FALSE(std::filesystem::exists(folder.path("outside")));
}

TEST(WasmSandboxMount, ReadOnlyIsReadOnly) {
  const TemporaryFolder folder;
  folder.write("file", "text");
  const auto result = run_guest("file_tools.wasm", {.args = {"fill", "/data"}},
                                with_mount(folder.path(""), Access::kReadOnly));
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->exit_code, 1U);
  EXPECT_THAT(result->err.data, HasSubstr("Operation not permitted"));
  EXPECT_FALSE(std::filesystem::exists(folder.path("a")));
}

TEST(WasmSandboxMount, ThatCannotBeOpenedIsNamed) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo(folder.path("fifo").c_str(), 0600), 0);
  const std::pair<std::string, const char*> bad[] = {
      {folder.path("missing").string(), "No such file"},
      {folder.path("fifo").string(), "neither"},
      {"/proc", "pseudo file system"},
      {"/sys/kernel", "pseudo file system"},
      {"/dev/null", "neither"}};
  for (const auto& [path, why] : bad) {
    const auto sandbox = WasmSandbox::create(shared_runtime(), {.mounts = {{.host_path = path}}});
    ASSERT_FALSE(sandbox.has_value()) << path;
    EXPECT_EQ(sandbox.error().code, ErrorCode::kMountFailed) << path;
    EXPECT_THAT(sandbox.error().message, HasSubstr(path));
    EXPECT_THAT(sandbox.error().message, HasSubstr(why));
  }
}

TEST(WasmSandboxMount, GuestPathsAreChecked) {
  const SandboxConfig bad[] = {
      {.mounts = {{.host_path = ""}}},
      {.mounts = {{.host_path = "/tmp", .guest_path = std::string("a\0b", 3)}}},
      {.mounts = {{.host_path = "/tmp", .guest_path = "/x"},
                  {.host_path = "/", .guest_path = "/x"}}},
      {.mounts = {{.host_path = "/tmp", .guest_path = "/x"}}, .scratch = {{.guest_path = "/x"}}},
      {.mounts = {{.host_path = "/tmp", .guest_path = "/x"},
                  {.host_path = "/", .guest_path = "/x/"}}},
      {.mounts = {{.host_path = "/tmp", .guest_path = "/x/."}}, .scratch = {{.guest_path = "//x"}}},
      {.scratch = {{.guest_path = "/x"}, {.guest_path = "/./x"}}},
      {.scratch = {{.guest_path = ""}}},
      {.scratch = {{.bytes = (64U << 10) - 1}}},
      {.scratch = {{.bytes = (64ULL << 30) + 1}}},
      {.scratch = {{.files = 0}}},
      {.scratch = {{.files = 10'000'001}}}};
  for (const SandboxConfig& config : bad) {
    const auto valid = config.validate();
    ASSERT_FALSE(valid.has_value());
    EXPECT_EQ(valid.error().code, ErrorCode::kInvalidConfig);
  }
  EXPECT_TRUE(
      (SandboxConfig{.scratch = {{.bytes = 64U << 10, .files = 1}}}.validate().has_value()));
}

TEST(WasmSandboxMount, ASingleFileHasNoSiblings) {
  const TemporaryFolder folder;
  folder.write("granted", "one\ntwo\n");
  folder.write("secret", "none\n");
  const SandboxConfig config{
      .mounts = {{.host_path = folder.path("granted").string(), .guest_path = "/in/granted"}},
      .scratch = {{.guest_path = "/out"}}};
  const auto result =
      run_guest("index_files.wasm", {.args = {"/in", "/out/report"}, .keep_scratch = true}, config);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->exit_code, 0U) << result->err.data;
  EXPECT_EQ(result->scratch.at(0).entries.at(0).data(), "granted 2\n");
}

TEST(WasmSandboxMount, SingleFilesMayStandInOneFolder) {
  const TemporaryFolder folder;
  folder.write("one", "1\n");
  folder.write("two", "1\n2\n");
  folder.write("three", "1\n2\n3\n");
  const SandboxConfig config{
      .mounts = {{.host_path = folder.path("two").string(), .guest_path = "/in/two"},
                 {.host_path = folder.path("three").string(), .guest_path = "/in//three"},
                 {.host_path = folder.path("one").string(), .guest_path = "/in/one"}},
      .scratch = {{.guest_path = "/out"}}};
  const auto result =
      run_guest("index_files.wasm", {.args = {"/in", "/out/report"}, .keep_scratch = true}, config);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->exit_code, 0U) << result->err.data;
  EXPECT_EQ(result->scratch.at(0).entries.at(0).data(), "one 1\nthree 3\ntwo 2\n");
}

TEST(WasmSandboxMount, ASingleFileStandsInNoOtherGrant) {
  const TemporaryFolder folder;
  const std::string file = folder.write("file", "").string();
  const SandboxConfig bad[] = {
      {.mounts = {{.host_path = file, .guest_path = "/in/file"},
                  {.host_path = folder.path("").string(), .guest_path = "/in/"}}},
      {.mounts = {{.host_path = folder.path("").string(), .guest_path = "/in"},
                  {.host_path = file, .guest_path = "//in/file"}}},
      {.mounts = {{.host_path = file, .guest_path = "/in/file"}},
       .scratch = {{.guest_path = "/in"}}}};
  for (const SandboxConfig& config : bad) {
    const auto sandbox = WasmSandbox::create(shared_runtime(), config);
    ASSERT_FALSE(sandbox.has_value());
    EXPECT_EQ(sandbox.error().code, ErrorCode::kMountFailed);
    EXPECT_THAT(sandbox.error().message, HasSubstr("the guest's folder /in is another grant"));
  }
}

struct Quota {
  const char* name;
  Limits limits;
  LimitHit hit;
  const char* message;

  friend std::ostream& operator<<(std::ostream& out, const Quota& quota) {
    return out << quota.name;
  }
};

class WasmSandboxFileLimit : public ::testing::TestWithParam<Quota> {};

TEST_P(WasmSandboxFileLimit, IsHitAndNamed) {
  const TemporaryFolder folder;
  SandboxConfig config = with_mount(folder.path(""));
  config.limits = GetParam().limits;
  const auto result = run_guest("file_tools.wasm", {.args = {"fill", "/data"}}, config);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->limit_hit, GetParam().hit);
  EXPECT_EQ(result->exit_code, 1U);
  EXPECT_THAT(result->err.data, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Of, WasmSandboxFileLimit,
    ::testing::Values(
        Quota{"written", {.written_bytes = 10'000}, LimitHit::kWrittenBytes, "Quota exceeded"},
        Quota{"size", {.file_bytes = 10'000}, LimitHit::kFileBytes, "File too large"},
        Quota{"created", {.created_files = 22}, LimitHit::kCreatedFiles, "Quota exceeded"},
        Quota{"open", {.open_descriptors = 4}, LimitHit::kOpenDescriptors, "No file descriptors"}),
    [](const auto& parameter) { return parameter.param.name; });

TEST(WasmSandboxFileLimit, IsNotHitWhenAllJustFits) {
  const TemporaryFolder folder;
  SandboxConfig config = with_mount(folder.path(""));
  const auto all = run_guest("file_tools.wasm", {.args = {"fill", "/data"}}, config);
  std::filesystem::remove_all(folder.path("a"));
  config.limits.created_files = 23;  // 20 files, 2 folders, 1 link
  config.limits.written_bytes = all->metrics.calls(HostCallKind::kFileWrite).bytes;
  config.limits.file_bytes = 30'890;
  config.limits.open_descriptors = 5;
  const auto result = run_guest("file_tools.wasm", {.args = {"fill", "/data"}}, config);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->exit_code, 0U) << result->err.data;
  EXPECT_EQ(result->limit_hit, LimitHit::kNone);
}

TEST(WasmSandboxScratch, IsBoundedInBytesAndFiles) {
  SandboxConfig config{.scratch = {{.guest_path = "/data", .bytes = 100'000}}};
  auto result = run_guest("file_tools.wasm", {.args = {"fill", "/data"}}, config);
  EXPECT_EQ(result->exit_code, 1U);
  EXPECT_EQ(result->limit_hit, LimitHit::kScratchBytes);
  config.scratch[0] = {.guest_path = "/data", .files = 22};
  result = run_guest("file_tools.wasm", {.args = {"fill", "/data"}}, config);
  EXPECT_EQ(result->exit_code, 1U);
  EXPECT_EQ(result->limit_hit, LimitHit::kScratchFiles);
}

TEST(WasmSandboxScratch, IsFreshForEachRun) {
  const auto sandbox = make_sandbox({.scratch = {{.guest_path = "/data"}}});
  const Module tools = load_guest("file_tools.wasm");
  for (int i = 0; i < 2; ++i) {
    const auto result = sandbox->execute(tools, {.args = {"fill", "/data"}});
    ASSERT_TRUE(result.has_value()) << result.error().message;
    EXPECT_EQ(result->exit_code, 0U) << result->err.data;
  }
  EXPECT_EQ(sandbox->execute(tools, {.args = {"walk", "/data"}})->out.data, "");
}

TEST(WasmSandboxScratch, TakesOnlyWhatFitsAndBelongsThere) {
  const auto sandbox = make_sandbox({.scratch = {{.guest_path = "/tmp", .bytes = 100'000}}});
  const Module module = load_guest("empty.wat");
  const std::vector<ScratchInput> bad[] = {
      {{.guest_path = "/other", .files = {{"a", ""}}}},
      {{.guest_path = "/tmp", .files = {{"../a", ""}}}},
      {{.guest_path = "/tmp", .files = {{"/a", ""}}}},
      {{.guest_path = "/tmp", .files = {{"a", ""}, {"a", ""}}}},
      {{.guest_path = "/tmp", .files = {{"a", std::string(100'001, 'x')}}}}};
  for (const auto& scratch : bad) {
    const auto result = sandbox->execute(module, {.scratch = scratch});
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidConfig);
    EXPECT_THAT(result.error().message, HasSubstr("scratch"));
  }
}

TEST(WriteScratch, MakesTheTreeAnewAndFollowsNoLink) {
  const TemporaryFolder folder;
  const ScratchOutput scratch{
      .guest_path = "/tmp",
      .entries = {
          {.kind = EntryKind::kDirectory, .path = "d"},
          {.kind = EntryKind::kLink, .path = "up", .target = "../outside"},
          {.kind = EntryKind::kLink, .path = "d/tricky", .target = "../d/../../outside"},
          {.kind = EntryKind::kLink, .path = "d/good", .target = "../d/f"},
          {.kind = EntryKind::kFile, .path = "d/f", .size = 8, .extents = {{0, "ab"}, {5, "cd"}}},
          {.kind = EntryKind::kHardLink, .path = "same", .target = "d/f"}}};
  const auto left_out = write_scratch(scratch, folder.path("out"));
  ASSERT_TRUE(left_out.has_value()) << left_out.error().message;
  EXPECT_EQ(*left_out, 2U);
  EXPECT_EQ(contents(folder.path("out/d/f")), std::string("ab\0\0\0cd\0", 8));
  EXPECT_EQ(std::filesystem::hard_link_count(folder.path("out/same")), 2U);
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path("out/d/good")));
  EXPECT_FALSE(std::filesystem::is_symlink(folder.path("out/up")));
  EXPECT_FALSE(std::filesystem::is_symlink(folder.path("out/d/tricky")));
  EXPECT_FALSE(std::filesystem::exists(folder.path("outside")));
  const auto again = write_scratch(scratch, folder.path("out"));
  ASSERT_FALSE(again.has_value()) << "the folder is not empty";
  EXPECT_EQ(again.error().code, ErrorCode::kMountFailed);
}

TEST(WriteScratch, MakesPathsLongerThanTheKernelTakes) {
  const TemporaryFolder folder;
  ScratchOutput scratch;
  std::string path;
  for (int depth = 0; depth < 20; ++depth) {
    path += (path.empty() ? "" : "/") + std::string(250, 'd');
    scratch.entries.push_back({.kind = EntryKind::kDirectory, .path = path});
  }
  const auto written = write_scratch(scratch, folder.path("out"));
  EXPECT_TRUE(written.has_value()) << written.error().message;
}

TEST(WriteScratch, TakesNoFile) {
  const TemporaryFolder folder;
  folder.write("file", "");
  const auto written = write_scratch({}, folder.path("file"));
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().os_errno, ENOTDIR);
}

TEST(ScratchDestination, IsTheFolderThatWasOpenedWhereverItsNameLeadsLater) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("elsewhere"));
  const auto destination = ScratchDestination::open(folder.path("out"));
  ASSERT_TRUE(destination.has_value()) << destination.error().message;
  std::filesystem::rename(folder.path("out"), folder.path("moved"));
  std::filesystem::create_symlink("elsewhere", folder.path("out"));
  const ScratchOutput scratch{.guest_path = "/tmp",
                              .entries = {{.kind = EntryKind::kFile, .path = "f"}}};
  EXPECT_TRUE(destination->write(scratch).has_value());
  EXPECT_TRUE(std::filesystem::exists(folder.path("moved/f")));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path("elsewhere")));
  EXPECT_FALSE(destination->write(scratch).has_value()) << "it is not empty any more";
}

/// What a scratch held after a guest had nested and linked in it.
ScratchOutput nested(const std::vector<std::string>& args) {
  const SandboxConfig config{.scratch = {{.guest_path = "/s"}}};
  auto result = run_guest("nest_and_link.wasm", {.args = args, .keep_scratch = true}, config);
  EXPECT_EQ(result->exit_code, 0U);
  return std::move(result->scratch.front());
}

TEST(ScratchOutput, IsWholeWhenItsPathsAreWithinTheirBound) {
  const ScratchOutput output = nested({"200", "200", "1000"});  // 40 MB of names that links lead to
  EXPECT_FALSE(output.truncated);
  EXPECT_EQ(output.entries.size(), 1202U);
}

TEST(ScratchOutput, CountsWhatHardLinksNameAmongItsPaths) {
  const ScratchOutput output = nested({"400", "200", "1000"});
  EXPECT_TRUE(output.truncated);
  std::size_t bytes = 0;
  for (const ScratchEntry& entry : output.entries)
    bytes += entry.path.size() + entry.target.size();
  EXPECT_LE(bytes, 64U << 20);
}

TEST(ScratchOutput, EndsWhereItsPathsHaveTooManyLevels) {
  const ScratchOutput output = nested({"5000", "1", "0"});
  EXPECT_TRUE(output.truncated);
  EXPECT_LT(output.entries.size(), 3000U);
}

TEST(ScratchEntry, GivesItsBytesUpToABound) {
  const ScratchEntry entry{.path = "f", .size = 6, .extents = {{4, "xy"}}};
  EXPECT_EQ(entry.data(6), std::string("\0\0\0\0xy", 6));
  EXPECT_EQ(entry.data(5), "");
}

}  // namespace
}  // namespace mimobox::testing
