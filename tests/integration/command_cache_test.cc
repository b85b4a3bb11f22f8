// The cache through the command: compile, cache, the options of run; many processes at once.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/integration/command.h"
#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Json = nlohmann::json;

std::string returns(int code) {
  return "(module (func (export \"main\") (result i32) i32.const " + std::to_string(code) + "))";
}

class CommandCache : public ::testing::Test {
 protected:
  CommandResult run(std::vector<std::string> words) const {
    words.insert(words.begin() + 1, {"--cache-dir", folder_.path("code").string()});
    return run_command(words);
  }
  [[nodiscard]] Json run_json(const std::string& module) const {
    return Json::parse(run({"run", "--json", module}).out);
  }
  [[nodiscard]] std::size_t count(std::string_view suffix) const {
    std::size_t found = 0;
    for (const auto& item : std::filesystem::recursive_directory_iterator(folder_.path("code")))
      found += item.path().native().ends_with(suffix) ? 1 : 0;
    return found;
  }

  TemporaryFolder folder_;
};

TEST_F(CommandCache, RunSaysWhereItsCodeCameFrom) {
  EXPECT_EQ(run_json(guest("hello.wasm"))["metrics"]["code_source"], "compiled");
  EXPECT_EQ(run_json(guest("hello.wasm"))["metrics"]["code_source"], "disk_cache");
  const CommandResult without = run_command({"run", "--no-cache", "--json", guest("hello.wasm")});
  EXPECT_EQ(Json::parse(without.out)["metrics"]["code_source"], "compiled");
}

TEST_F(CommandCache, TheCommandCompilesWhereTheCLibraryIsToldToLeaveAFeatureAlone) {
  const std::vector<std::string> env = {"GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-LZCNT"};
  for (int run = 0; run < 2; ++run) {
    const auto result = run_command({"run", guest_path("hello.wasm").string()}, {.env = env});
    EXPECT_EQ(result.status, 0) << result.err;
  }
}

TEST_F(CommandCache, CompileMakesTheFirstRunAWarmOne) {
  const CommandResult compiled = run({"compile", guest("hello.wasm")});
  EXPECT_EQ(compiled.status, 0) << compiled.err;
  EXPECT_THAT(compiled.out + compiled.err, IsEmpty());
  EXPECT_EQ(run_json(guest("hello.wasm"))["metrics"]["code_source"], "disk_cache");
}

TEST_F(CommandCache, CompiledFilesRunOnlyWhereThatIsAllowed) {
  for (const char* cpu : {"native", "baseline"}) {
    const std::string code = folder_.path(std::string(cpu) + ".cwasm").string();
    const CommandResult compiled = run({"compile", "--cpu", cpu, "-o", code, guest("hello.wasm")});
    ASSERT_EQ(compiled.status, 0) << compiled.err;
    const CommandResult refused = run_command({"run", code});
    EXPECT_EQ(refused.status, 126);
    EXPECT_THAT(refused.err, HasSubstr("--allow-precompiled"));
    const CommandResult allowed = run_command({"run", "--allow-precompiled", code});
    EXPECT_EQ(allowed.status, 0) << allowed.err;
    EXPECT_THAT(allowed.out, HasSubstr("hello from the guest"));
  }
}

TEST_F(CommandCache, CompileRefusesWrongUsage) {
  EXPECT_EQ(run_command({"compile", "--cpu", "best", guest("hello.wasm")}).status, 125);
  EXPECT_EQ(run_command({"compile", "--cpu", "baseline", guest("hello.wasm")}).status, 125);
  EXPECT_EQ(run_command({"compile", "--compile-timeout", "soon", guest("hello.wasm")}).status, 125);
  EXPECT_EQ(run_command({"compile", "/none.wasm"}).status, 127);
  EXPECT_EQ(run_command({"compile", guest("no_start.wat")}).status, 126);
  EXPECT_EQ(run({"compile", "-o", "/none/x.cwasm", guest("hello.wasm")}).status, 125);
}

TEST_F(CommandCache, CompileWritesIntoAPipeAndReplacesNothingThatIsNoFile) {
  const std::string pipe = folder_.path("pipe").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::string code;
  std::jthread reader([&] {
    std::ifstream stream(pipe, std::ios::binary);
    code.assign(std::istreambuf_iterator<char>(stream), {});
  });
  EXPECT_EQ(run({"compile", "-o", pipe, guest("empty.wat")}).status, 0);
  reader.join();
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
  EXPECT_EQ(run({"compile", "-o", folder_.path("file").string(), guest("empty.wat")}).status, 0);
  EXPECT_EQ(code.size(), std::filesystem::file_size(folder_.path("file")));
  folder_.write("before", "");
  std::filesystem::create_symlink("before", folder_.path("link"));
  EXPECT_EQ(run({"compile", "-o", folder_.path("link").string(), guest("empty.wat")}).status, 0);
  EXPECT_TRUE(std::filesystem::is_symlink(folder_.path("link")));
  EXPECT_EQ(code.size(), std::filesystem::file_size(folder_.path("before")));

  std::filesystem::create_directory(folder_.path("folder"));
  const CommandResult folder =
      run({"compile", "-o", folder_.path("folder").string(), guest("empty.wat")});
  EXPECT_EQ(folder.status, 125);
  EXPECT_THAT(folder.err, HasSubstr("directory"));
}

TEST_F(CommandCache, CompileDoesNotReplaceItsModule) {
  const std::string module = folder_.write("module.wat", returns(1)).string();
  std::filesystem::create_symlink(module, folder_.path("link"));
  for (const std::string& output : {module, folder_.path("link").string()}) {
    const CommandResult result = run({"compile", "-o", output, module});
    EXPECT_EQ(result.status, 125);
    EXPECT_THAT(result.err, HasSubstr("is the module itself"));
  }
  EXPECT_EQ(run({"run", module}).status, 1);
}

TEST_F(CommandCache, IsListedCountedVerifiedPrunedAndCleared) {
  for (const char* name : {"hello.wasm", "empty.wat"})
    EXPECT_EQ(run({"compile", guest(name)}).status, 0);
  const auto cache = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = {"cache", more.front(), "--cache-dir",
                                      folder_.path("code").string()};
    words.insert(words.end(), more.begin() + 1, more.end());
    return run_command(words);
  };
  const Json listed = Json::parse(cache({"list", "--json"}).out);
  ASSERT_EQ(listed["modules"].size(), 2U);
  EXPECT_EQ(listed["modules"][0]["digest"].get<std::string>().size(), 64U);
  EXPECT_FALSE(listed["modules"][0]["in_use"]);
  EXPECT_EQ(Json::parse(cache({"stats", "--json"}).out)["modules"], 2);
  EXPECT_THAT(cache({"stats"}).out, HasSubstr("2 (0 in use)"));
  EXPECT_THAT(cache({"verify"}).out, HasSubstr("2 good, 0 damaged"));
  EXPECT_EQ(cache({"prune", "--cache-size", "1G"}).out, "deleted 0 modules, 0 bytes\n");
  EXPECT_EQ(cache({"prune", "--cache-size", "0"}).status, 125);
  EXPECT_THAT(cache({"clear"}).out, HasSubstr("deleted 2 modules"));
  EXPECT_EQ(Json::parse(cache({"stats", "--json"}).out)["bytes"], 0);
}

TEST_F(CommandCache, VerifyEndsWithOneWhenSomethingWasDamaged) {
  EXPECT_EQ(run({"compile", guest("hello.wasm")}).status, 0);
  for (const auto& item : std::filesystem::recursive_directory_iterator(folder_.path("code"))) {
    if (item.path().extension() == ".code") std::filesystem::resize_file(item.path(), 1000);
  }
  const CommandResult verified =
      run_command({"cache", "verify", "--cache-dir", folder_.path("code").string()});
  EXPECT_EQ(verified.status, 1);
  EXPECT_THAT(verified.out, HasSubstr("deleted "));
  EXPECT_EQ(run({"run", guest("hello.wasm")}).status, 0);
}

TEST_F(CommandCache, AFolderThatOthersCanWriteIsNamedAndNotUsed) {
  std::filesystem::create_directory(folder_.path("code"));
  std::filesystem::permissions(folder_.path("code"), std::filesystem::perms::all);
  const CommandResult result = run({"run", guest("empty.wat")});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.err, HasSubstr("is not used"));
  EXPECT_THAT(run({"run", "-q", guest("empty.wat")}).err, IsEmpty());
}

TEST_F(CommandCache, AFolderThatSomebodyAskedForAndThatCannotBeUsedIsNamed) {
  const std::string file = folder_.write("file", "").string();
  const CommandResult result = run_command({"run", "--cache-dir", file, guest("empty.wat")});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.err, HasSubstr("the cache folder " + file + " is not used: "));
  const CommandResult by_default = run_command(
      {"run", guest("empty.wat")}, {.env = {"MIMOBOX_CACHE_DIR=", "XDG_CACHE_HOME=" + file}});
  EXPECT_EQ(by_default.status, 0);
  EXPECT_THAT(by_default.err, IsEmpty());
}

TEST_F(CommandCache, ThirtyTwoProcessesCompileEachModuleOnce) {
  constexpr int kProcesses = 32;
  constexpr int kModules = 4;
  std::vector<std::string> modules;
  for (int module = 0; module < kModules; ++module)
    modules.push_back(
        folder_.write("m" + std::to_string(module) + ".wat", returns(module)).string());
  std::vector<std::unique_ptr<Command>> processes;
  for (int process = 0; process < kProcesses; ++process) {
    processes.push_back(std::make_unique<Command>(
        std::vector<std::string>{"run", "--cache-dir", folder_.path("code").string(), "--json",
                                 modules[static_cast<std::size_t>(process % kModules)]}));
  }
  int compiled = 0;
  for (int process = 0; process < kProcesses; ++process) {
    const CommandResult result = processes[static_cast<std::size_t>(process)]->wait();
    EXPECT_EQ(result.status, process % kModules) << result.err;
    if (Json::parse(result.out)["metrics"]["code_source"] == "compiled") ++compiled;
  }
  EXPECT_EQ(compiled, kModules);
  EXPECT_EQ(count(".code"), static_cast<std::size_t>(kModules));
  EXPECT_EQ(count(".lock") + count(".tmp"), 0U);
}

int kills() {
  const char* const wanted = std::getenv("MIMOBOX_TEST_KILLS");
  return wanted == nullptr ? 20 : std::atoi(wanted);
}

// Attack 46.
TEST_F(CommandCache, KilledAtAnyMomentLeavesACacheThatWorks) {
  const std::string module = guest("hello.wasm");
  const std::string code = folder_.path("code").string();
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(run({"compile", module}).status, 0);
  const auto takes = std::chrono::steady_clock::now() - begun;
  std::mt19937 random(1);
  for (int kill = 0; kill < kills(); ++kill) {
    EXPECT_EQ(run_command({"cache", "clear", "--cache-dir", code}).status, 0);
    Command victim({"compile", "--cache-dir", code, module});
    std::this_thread::sleep_for(
        std::chrono::nanoseconds(std::uniform_int_distribution<std::int64_t>(
            0, std::chrono::nanoseconds(takes).count() * 5 / 4)(random)));
    victim.signal(SIGKILL);
    static_cast<void>(victim.wait());
    const CommandResult after = run({"run", module});
    ASSERT_EQ(after.status, 0) << after.err;
    ASSERT_THAT(after.out, HasSubstr("hello"));
  }
  EXPECT_EQ(run_command({"cache", "prune", "--cache-dir", code}).status, 0);
  EXPECT_EQ(count(".tmp") + count(".lock"), 0U);
  EXPECT_EQ(run_command({"cache", "verify", "--cache-dir", code}).status, 0);
}

/// Runs `body` in a process of its own that sees a file system of its own on `mount_point`.
int with_file_system(const std::filesystem::path& mount_point, const char* options,
                     unsigned long remount_flags, const std::function<int()>& body) {
  constexpr int kNotPossible = 77;
  std::filesystem::create_directory(mount_point);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("none", mount_point.c_str(), "tmpfs", 0, options) != 0 ||
        ::chmod(mount_point.c_str(), 0700) != 0 ||
        (remount_flags != 0 &&
         ::mount("none", mount_point.c_str(), nullptr, MS_REMOUNT | remount_flags, options) != 0)) {
      ::_exit(kNotPossible);
    }
    ::_exit(body());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

int runs_well(const std::filesystem::path& cache) {
  int failures = 0;
  for (int i = 0; i < 2; ++i) {
    const CommandResult result =
        run_command({"run", "--cache-dir", cache.string(), guest("hello.wasm")});
    if (result.status != 0 || result.err != "and a word on stderr\n") ++failures;
  }
  return failures;
}

TEST_F(CommandCache, OnAFullDiskRunsGoOn) {
  const auto disk = folder_.path("disk");
  const int failures = with_file_system(disk, "size=16k", 0, [&] { return runs_well(disk); });
  if (failures == 77) GTEST_SKIP() << "mounting a file system takes more rights";
  EXPECT_EQ(failures, 0);
}

TEST_F(CommandCache, OnAReadOnlyDiskRunsGoOn) {
  const auto disk = folder_.path("disk");
  const int failures =
      with_file_system(disk, "size=1m", MS_RDONLY, [&] { return runs_well(disk); });
  if (failures == 77) GTEST_SKIP() << "mounting a file system takes more rights";
  EXPECT_EQ(failures, 0);
}

TEST_F(CommandCache, WhereNothingMayBeExecutedCodeIsCopiedIntoMemory) {
  const auto disk = folder_.path("disk");
  const int failures = with_file_system(disk, "size=8m", MS_NOEXEC, [&] {
    if (runs_well(disk) != 0) return 1;
    const CommandResult warm =
        run_command({"run", "--cache-dir", disk.string(), "--json", guest("hello.wasm")});
    return Json::parse(warm.out)["metrics"]["code_source"] == "disk_cache" ? 0 : 2;
  });
  if (failures == 77) GTEST_SKIP() << "mounting a file system takes more rights";
  EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace mimobox::testing
