// The cache as a program sees it: where code comes from, and that no fault costs more than a
// compile.
#include "mimobox/cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/code_store.h"
#include "cache/record.h"
#include "tests/integration/harness.h"

namespace mimobox::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

/// A module whose `main` returns this number.
std::string returns(int code) {
  return "(module (func (export \"main\") (result i32) i32.const " + std::to_string(code) + "))";
}

class Cache : public ::testing::Test {
 protected:
  [[nodiscard]] RuntimeConfig config() {
    RuntimeConfig config;
    config.cache_folder = folder_.path("code");
    config.log = [this](LogLevel, std::string_view line) { logged_.emplace_back(line); };
    return config;
  }
  [[nodiscard]] Runtime runtime() { return Runtime::create(config()).value(); }
  static RunResult run(const Runtime& runtime, const Module& module) {
    return WasmSandbox::create(runtime).value()->execute(module).value();
  }
  /// In a process that knows nothing yet, as far as a runtime of its own is one.
  RunResult run(const std::filesystem::path& path) {
    const Runtime fresh = runtime();
    return run(fresh, fresh.load(path).value());
  }
  /// Old enough that its fingerprint is trusted.
  static void settle() { std::this_thread::sleep_for(std::chrono::milliseconds{2100}); }
  [[nodiscard]] std::vector<std::filesystem::path> files(std::string_view suffix) const {
    std::vector<std::filesystem::path> found;
    std::error_code gone;
    for (auto item = std::filesystem::recursive_directory_iterator(folder_.path("code"), gone);
         item != std::filesystem::recursive_directory_iterator(); item.increment(gone)) {
      if (item->path().native().ends_with(suffix)) found.push_back(item->path());
    }
    return found;
  }

  TemporaryFolder folder_;
  std::vector<std::string> logged_;
};

TEST_F(Cache, CompilesOnceForAllRuntimes) {
  EXPECT_EQ(run(guest_path("hello.wasm")).metrics.code_source, CodeSource::kCompiled);
  const Runtime fresh = runtime();
  const Module module = fresh.load(guest_path("hello.wasm")).value();
  const RunResult second = run(fresh, module);
  EXPECT_EQ(second.verdict, Verdict::kExited);
  EXPECT_EQ(second.metrics.code_source, CodeSource::kDiskCache);
  EXPECT_GT(second.metrics.load_time.count(), 0);
  EXPECT_EQ(second.metrics.compile_time.count(), 0);
  EXPECT_EQ(module.compile_count(), 0U);
  EXPECT_EQ(run(fresh, fresh.load(guest_path("hello.wasm")).value()).metrics.code_source,
            CodeSource::kMemory);
}

TEST_F(Cache, KeepsTheRangesOfFunctionsAndTakesOnlyTheModulesOwn) {
  const Runtime first = runtime();
  run(first, first.load(guest_path("hello.wasm")).value());
  ASSERT_EQ(files(".code").size(), 1U);
  const auto path = files(".code").front();
  const auto size = std::filesystem::file_size(path);
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  auto record = cache::read_record(file, size, cache::Seal());
  ASSERT_TRUE(record.has_value()) << record.error();
  EXPECT_EQ(record->ranges.empty(), first.interrupt() == Interrupt::kEpoch);
  if (first.interrupt() == Interrupt::kSignal) {
    // Well-formed, and of a module with one function less.
    record->ranges.pop_back();
    const auto tail = cache::encode(*record, cache::Seal());
    const auto artifact = static_cast<off_t>(record->artifact_bytes);
    ASSERT_EQ(::pwrite(file, tail.data(), tail.size(), artifact),
              static_cast<ssize_t>(tail.size()));
    ASSERT_EQ(::ftruncate(file, artifact + static_cast<off_t>(tail.size())), 0);
    EXPECT_EQ(run(guest_path("hello.wasm")).metrics.code_source, CodeSource::kCompiled);
    EXPECT_EQ(run(guest_path("hello.wasm")).metrics.code_source, CodeSource::kDiskCache);
  }
  ::close(file);
}

TEST_F(Cache, OffKeepsNothing) {
  RuntimeConfig off = config();
  off.disk_cache = false;
  const Runtime runtime = Runtime::create(off).value();
  run(runtime, runtime.load(guest_path("hello.wasm")).value());
  EXPECT_FALSE(std::filesystem::exists(folder_.path("code")));
  off.cache_modules = 0;
  const Runtime nothing = Runtime::create(off).value();
  run(nothing, nothing.load(guest_path("hello.wasm")).value());
  EXPECT_EQ(run(nothing, nothing.load(guest_path("hello.wasm")).value()).metrics.code_source,
            CodeSource::kCompiled);
}

TEST_F(Cache, HoldsModulesInMemoryUpToItsBounds) {
  RuntimeConfig small = config();
  small.disk_cache = false;
  small.cache_modules = 1;
  const Runtime runtime = Runtime::create(small).value();
  const auto source = [&](int code) {
    const std::string text = returns(code);
    return run(runtime, runtime.load_bytes(bytes_of(text)).value()).metrics.code_source;
  };
  EXPECT_EQ(source(1), CodeSource::kCompiled);
  EXPECT_EQ(source(1), CodeSource::kMemory);
  EXPECT_EQ(source(2), CodeSource::kCompiled);
  EXPECT_EQ(source(1), CodeSource::kCompiled) << "2 has taken its place";

  small.cache_modules = 100;
  small.cache_memory_bytes = 1;
  const Runtime tiny = Runtime::create(small).value();
  const auto tiny_source = [&](int code) {
    const std::string text = returns(code);
    return run(tiny, tiny.load_bytes(bytes_of(text)).value()).metrics.code_source;
  };
  EXPECT_EQ(tiny_source(1), CodeSource::kCompiled);
  EXPECT_EQ(tiny_source(2), CodeSource::kCompiled);
  EXPECT_EQ(tiny_source(1), CodeSource::kCompiled);
}

TEST_F(Cache, OneArtifactServesAllFilesOfTheSameContent) {
  const auto one = folder_.write("one.wat", returns(5));
  const auto two = folder_.write("two.wat", returns(5));
  EXPECT_EQ(run(one).metrics.code_source, CodeSource::kCompiled);
  EXPECT_EQ(run(two).metrics.code_source, CodeSource::kDiskCache);
  EXPECT_EQ(files(".code").size(), 1U);
  const Runtime both = runtime();
  EXPECT_EQ(run(both, both.load(one).value()).metrics.code_source, CodeSource::kDiskCache);
  const Module other = both.load(two).value();
  EXPECT_EQ(other.name(), "two.wat");
  EXPECT_EQ(run(both, other).metrics.code_source, CodeSource::kMemory);
}

TEST_F(Cache, NoticesAModuleThatWasChangedInPlaceWithItsTimePutBack) {
  const auto path = folder_.write("module.wat", returns(1));
  settle();
  const Runtime runtime = this->runtime();
  EXPECT_EQ(run(runtime, runtime.load(path).value()).exit_code, 1U);
  EXPECT_EQ(run(path).exit_code, 1U);
  EXPECT_EQ(files(".path").size(), 1U) << "this test would prove nothing";
  struct stat before{};
  ASSERT_EQ(::stat(path.c_str(), &before), 0);
  {
    std::fstream file(path, std::ios::in | std::ios::out);
    file << returns(2);
  }
  const timespec times[2] = {before.st_atim, before.st_mtim};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  struct stat after{};
  ASSERT_EQ(::stat(path.c_str(), &after), 0);
  ASSERT_EQ(after.st_size, before.st_size);
  ASSERT_EQ(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
  EXPECT_EQ(run(runtime, runtime.load(path).value()).exit_code, 2U);
  EXPECT_EQ(run(path).exit_code, 2U);
}

TEST_F(Cache, TrustsNoFingerprintOfAYoungFile) {
  const auto path = folder_.write("module.wat", returns(1));
  const Runtime runtime = this->runtime();
  for (int code = 1; code < 20; ++code) {  // as fast as the file system's clock may not be
    std::fstream(path, std::ios::in | std::ios::out) << returns(code % 10);
    EXPECT_EQ(run(runtime, runtime.load(path).value()).exit_code,
              static_cast<std::uint32_t>(code % 10));
  }
  EXPECT_TRUE(files(".path").empty());
}

TEST_F(Cache, AModuleFromDiskTellsWhatIsInItUnlessItsFileWasChanged) {
  const auto path = folder_.write("module.wat", returns(1));
  settle();
  run(path);
  const Runtime fresh = runtime();
  const Module module = fresh.load(path).value();
  EXPECT_EQ(module.info().exports.at(0).name, "main");
  const Runtime again = runtime();
  const Module changed = again.load(path).value();
  std::fstream(path, std::ios::in | std::ios::out) << returns(2);
  EXPECT_TRUE(changed.info().exports.empty());
  // Its code is there; what would have to be compiled is not what it was.
  EXPECT_EQ(run(again, changed).exit_code, 1U);
  const Runtime third = runtime();
  const Module lost = third.load(path).value();
  EXPECT_EQ(run(third, lost).exit_code, 2U);
}

TEST_F(Cache, WithoutItsCodeAChangedFileIsAnErrorUntilItIsLoadedAgain) {
  const auto path = folder_.write("module.wat", returns(1));
  settle();
  run(path);
  const Runtime fresh = runtime();
  const Module module = fresh.load(path).value();
  static_cast<void>(clear_cache(config()).value());
  std::fstream(path, std::ios::in | std::ios::out) << returns(2);
  const auto result = WasmSandbox::create(fresh).value()->execute(module);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kModuleUnreadable);
  EXPECT_THAT(result.error().message, HasSubstr("load it again"));
  EXPECT_EQ(run(fresh, fresh.load(path).value()).exit_code, 2U);
}

// Attack 44. The canary's code stands under the name of another module: it must never run.
TEST_F(Cache, NeverRunsCodeThatStandsInTheWrongPlace) {
  const auto victim = folder_.write("victim.wat", returns(1));
  const auto canary =
      folder_.write("canary.wat", "(module (func (export \"main\") (result i32) i32.const 66))");
  run(victim);
  const auto place = files(".code").at(0);
  run(canary);
  std::filesystem::path poison;
  for (const auto& file : files(".code")) {
    if (file != place) poison = file;
  }
  const auto size = std::filesystem::file_size(poison);
  const auto put = [&] {
    std::filesystem::remove(place);
    std::filesystem::copy_file(poison, place);
  };
  const auto overwrite = [&](std::size_t at, std::string_view bytes) {
    std::fstream file(place, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(at));
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  };
  put();
  EXPECT_EQ(run(victim).exit_code, 1U) << "as it is";
  for (std::size_t at = size - 192; at < size; at += 8) {  // its record, altered field by field
    put();
    overwrite(at, "forgery!");
    EXPECT_EQ(run(victim).exit_code, 1U) << "at " << at;
  }
  put();
  std::filesystem::resize_file(place, size - 1);
  EXPECT_EQ(run(victim).exit_code, 1U) << "cut";
  put();
  std::filesystem::resize_file(place, 0);
  EXPECT_EQ(run(victim).exit_code, 1U) << "empty";
  EXPECT_EQ(run(victim).metrics.code_source, CodeSource::kDiskCache) << "healed";
}

TEST_F(Cache, UnderAKeyTakesNoCodeOfOthers) {
  const auto path = folder_.write("module.wat", returns(1));
  RuntimeConfig keyed = config();
  keyed.cache_key = "secret";
  const auto source = [&](const RuntimeConfig& with) {
    const Runtime fresh = Runtime::create(with).value();
    const RunResult result = run(fresh, fresh.load(path).value());
    EXPECT_EQ(result.exit_code, 1U);
    return result.metrics.code_source;
  };
  EXPECT_EQ(source(keyed), CodeSource::kCompiled);
  EXPECT_EQ(source(keyed), CodeSource::kDiskCache);
  EXPECT_EQ(source(config()), CodeSource::kCompiled);
  RuntimeConfig other = config();
  other.cache_key = "another";
  EXPECT_EQ(source(other), CodeSource::kCompiled);
  std::filesystem::permissions(folder_.path("code"), std::filesystem::perms::all);
  EXPECT_EQ(source(keyed), CodeSource::kDiskCache) << "who may write the folder does not matter";
}

TEST_F(Cache, ThatStrangersCouldWriteIsRefusedOnceAndRunsGoOn) {
  std::filesystem::create_directory(folder_.path("code"));
  std::filesystem::permissions(folder_.path("code"), std::filesystem::perms::all);
  const Runtime runtime = this->runtime();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(run(runtime, runtime.load(guest_path("hello.wasm")).value()).verdict,
              Verdict::kExited);
  }
  ASSERT_EQ(logged_.size(), 1U);
  EXPECT_THAT(logged_.front(), HasSubstr("its mode is 0777"));
  EXPECT_TRUE(files(".code").empty());
}

TEST_F(Cache, KeepsItsBoundOnDisk) {
  RuntimeConfig small = config();
  small.cache_disk_bytes = 1 * kMiB;
  for (int code = 0; code < 150; ++code) {
    const Runtime runtime = Runtime::create(small).value();
    const std::string text = returns(code);
    run(runtime, runtime.load_bytes(bytes_of(text)).value());
  }
  const CacheStats stats = cache_stats(small).value();
  EXPECT_LE(stats.bytes, 1 * kMiB);
  EXPECT_GT(stats.modules, 5U);
  EXPECT_LT(stats.modules, 150U);
}

TEST_F(Cache, ServesEngineOfAnotherStackFromTheSameArtifact) {
  run(guest_path("hello.wasm"));
  const Runtime fresh = runtime();
  const auto sandbox = WasmSandbox::create(fresh, {.limits = {.stack_bytes = 512 * kKiB}}).value();
  EXPECT_EQ(sandbox->execute(fresh.load(guest_path("hello.wasm")).value())->metrics.code_source,
            CodeSource::kDiskCache);
}

TEST_F(Cache, IsLookedAfter) {
  run(guest_path("hello.wasm"));
  run(guest_path("empty.wat"));
  EXPECT_EQ(list_cache(config()).value().size(), 2U);
  EXPECT_EQ(cache_stats(config()).value().modules, 2U);
  EXPECT_EQ(verify_cache(config()).value().good, 2U);
  const auto damaged = files(".code").at(0);
  std::fstream(damaged, std::ios::in | std::ios::out | std::ios::binary) << "x";
  const CacheVerification verified = verify_cache(config()).value();
  EXPECT_EQ(verified.good, 1U);
  ASSERT_EQ(verified.damaged.size(), 1U);
  EXPECT_THAT(verified.damaged[0].why, HasSubstr("artifact"));
  EXPECT_EQ(clear_cache(config()).value().modules, 1U);
  EXPECT_EQ(cache_stats(config()).value().bytes, 0U);
}

TEST_F(Cache, PrecompiledCodeRunsOnThisMachineAndForTheBaseline) {
  const Runtime runtime = this->runtime();
  const Module module = runtime.load(guest_path("hello.wasm")).value();
  for (const CpuFeatures cpu : {CpuFeatures::kNative, CpuFeatures::kBaseline}) {
    const auto code = runtime.precompile(module, {}, cpu).value();
    const auto path =
        folder_.write("hello.cwasm", {reinterpret_cast<const char*>(code.data()), code.size()});
    const Runtime fresh = this->runtime();
    const auto loaded = fresh.load_precompiled(path);
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    EXPECT_EQ(loaded->name(), "hello");
    EXPECT_EQ(loaded->digest(), module.digest());
    const RunResult result = run(fresh, *loaded);
    EXPECT_THAT(result.out.data, HasSubstr("hello"));
    EXPECT_GT(result.metrics.load_time.count(), 0);
    EXPECT_EQ(fresh.metrics_text()->find("{phase=\"load\"} 0.000000000"), std::string::npos);
  }
}

TEST_F(Cache, PrecompiledCodeThatIsDamagedOrUnderAnotherKeyIsRefused) {
  const Runtime runtime = this->runtime();
  const Module module = runtime.load(guest_path("empty.wat")).value();
  const auto code = runtime.precompile(module, {}, CpuFeatures::kNative).value();
  std::string bytes(reinterpret_cast<const char*>(code.data()), code.size());
  for (const std::size_t at : {std::size_t{0}, bytes.size() / 2, bytes.size() - 1}) {
    std::string damaged = bytes;
    damaged[at] ^= 1;
    const auto loaded = runtime.load_precompiled(folder_.write("damaged.cwasm", damaged));
    ASSERT_FALSE(loaded.has_value());
    EXPECT_EQ(loaded.error().code, ErrorCode::kModuleInvalid);
  }
  RuntimeConfig keyed = config();
  keyed.cache_key = "secret";
  EXPECT_FALSE(
      Runtime::create(keyed)->load_precompiled(folder_.write("m.cwasm", bytes)).has_value());
  EXPECT_FALSE(runtime.load_precompiled(guest_path("hello.wasm")).has_value());
  EXPECT_EQ(runtime.load_precompiled(folder_.path("none")).error().code,
            ErrorCode::kModuleNotFound);
}

// Attack 47.
TEST_F(Cache, CannotBeGrantedToBeWritten) {
  const Runtime runtime = this->runtime();
  std::filesystem::create_directories(folder_.path("code/below"));
  std::filesystem::create_directory(folder_.path("beside"));
  folder_.write("code/file", "");
  const auto granted = [&](const std::filesystem::path& path, Access access) {
    const auto sandbox = WasmSandbox::create(
        runtime, {.mounts = {{.host_path = path.string(), .guest_path = "/m", .access = access}}});
    if (sandbox) return true;
    EXPECT_EQ(sandbox.error().code, ErrorCode::kMountFailed);
    return false;
  };
  for (const char* name : {"", "code", "code/below", "code/file"}) {
    EXPECT_FALSE(granted(folder_.path(name), Access::kReadWrite)) << name;
    EXPECT_TRUE(granted(folder_.path(name), Access::kReadOnly)) << name;
  }
  EXPECT_TRUE(granted(folder_.path("beside"), Access::kReadWrite));
}

TEST_F(Cache, GrantsNothingOfTheDefaultFolderWhereThatIsInUseInstead) {
  const char* const set = std::getenv("XDG_CACHE_HOME");
  const std::optional<std::string> before = set == nullptr ? std::nullopt : std::optional(set);
  ::setenv("XDG_CACHE_HOME", folder_.path("xdg").c_str(), 1);
  // It holds what the self-test found, which is code, without a cache and with a fleet's.
  std::filesystem::create_directories(folder_.path("xdg/mimobox-wasm"));
  std::filesystem::permissions(folder_.path("xdg/mimobox-wasm"), std::filesystem::perms::owner_all);
  RuntimeConfig off = config();
  off.disk_cache = false;
  RuntimeConfig fleet = config();
  fleet.cache_key = "secret";
  for (const RuntimeConfig& config : {off, fleet}) {
    const Runtime runtime = Runtime::create(config).value();
    const auto granted = [&](const char* name) {
      const std::string path = folder_.path(name).string();
      return WasmSandbox::create(runtime, {.mounts = {{.host_path = path,
                                                       .guest_path = "/m",
                                                       .access = Access::kReadWrite}}})
          .has_value();
    };
    EXPECT_FALSE(granted("xdg"));
    EXPECT_FALSE(granted("xdg/mimobox-wasm"));
    std::filesystem::create_directory(folder_.path("beside"));
    EXPECT_TRUE(granted("beside"));
  }
  before ? ::setenv("XDG_CACHE_HOME", before->c_str(), 1) : ::unsetenv("XDG_CACHE_HOME");
}

TEST_F(Cache, ThatIsDeletedDuringUseIsMadeAgain) {
  const Runtime runtime = this->runtime();
  run(runtime, runtime.load(guest_path("hello.wasm")).value());
  std::filesystem::create_directory(folder_.path("beside"));
  const auto granted = [&](const std::filesystem::path& path) {
    return WasmSandbox::create(runtime, {.mounts = {{.host_path = path.string(),
                                                     .guest_path = "/m",
                                                     .access = Access::kReadWrite}}})
        .has_value();
  };
  std::filesystem::remove_all(folder_.path("code"));
  EXPECT_TRUE(granted(folder_.path("beside")));
  EXPECT_FALSE(granted(folder_.path(""))) << "the cache is there again";
  std::filesystem::remove_all(folder_.path("code"));
  run(runtime, runtime.load(guest_path("empty.wat")).value());
  EXPECT_EQ(files(".code").size(), 1U);
  EXPECT_EQ(run(guest_path("empty.wat")).metrics.code_source, CodeSource::kDiskCache);
}

// A process that was stopped (Ctrl-Z) or frozen holds its lock for as long as it is.
TEST_F(Cache, AProcessThatDoesNotComeToAnEndCostsNobodyMoreThanACompile) {
  const auto path = folder_.write("module.wat", returns(1));
  run(path);
  auto lock = files(".code").at(0);
  std::filesystem::remove(lock);
  lock.replace_extension(".lock");
  const int held = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(::flock(held, LOCK_EX), 0);
  RuntimeConfig patient = config();
  patient.compile_timeout = std::chrono::seconds{8};
  const Runtime runtime = Runtime::create(patient).value();
  const auto result = WasmSandbox::create(runtime).value()->execute(runtime.load(path).value());
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->metrics.code_source, CodeSource::kCompiled);
  EXPECT_TRUE(files(".lock").empty());
  ::close(held);
}

TEST_F(Cache, IsNotMadeByLookingAfterIt) {
  EXPECT_TRUE(list_cache(config()).value().empty());
  EXPECT_EQ(cache_stats(config()).value().modules, 0U);
  EXPECT_EQ(verify_cache(config()).value().good, 0U);
  EXPECT_EQ(clear_cache(config()).value().modules, 0U);
  EXPECT_EQ(prune_cache(config()).value().modules, 0U);
  EXPECT_FALSE(std::filesystem::exists(folder_.path("code")));
}

// Attack 46: entries are replaced by rename, deleted and pruned while others run from them.
TEST_F(Cache, ConcurrentRunsGoOnWhateverHappensToTheEntries) {
#ifdef MIMOBOX_TEST_SANITIZED
  constexpr int kRuns = 25;
#else
  constexpr int kRuns = 1250;
#endif
  RuntimeConfig disk_only = config();
  disk_only.cache_modules = 0;
  disk_only.log = {};
  const Runtime runtime = Runtime::create(disk_only).value();
  const auto path = folder_.write("module.wat", returns(7));
  settle();
  run(runtime, runtime.load(path).value());
  std::atomic<bool> done{false};
  std::jthread vandal([&] {
    for (int turn = 0; !done; ++turn) {
      for (const auto& file : files(".code")) {
        std::error_code gone;
        if (turn % 3 == 0) {
          std::filesystem::copy_file(file, folder_.path("again"),
                                     std::filesystem::copy_options::overwrite_existing, gone);
          std::filesystem::permissions(folder_.path("again"), std::filesystem::perms::owner_read,
                                       gone);
          std::filesystem::rename(folder_.path("again"), file, gone);
        } else if (turn % 3 == 1) {
          std::filesystem::remove(file, gone);
        } else {
          RuntimeConfig bound = disk_only;
          bound.cache_disk_bytes = 1 * kMiB;
          static_cast<void>(turn % 2 == 0 ? prune_cache(bound) : clear_cache(bound));
        }
      }
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
  });
  std::vector<std::jthread> threads;
  std::atomic<int> good{0};
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&] {
      const auto sandbox = WasmSandbox::create(runtime).value();
      for (int i = 0; i < kRuns; ++i) {
        const auto module = runtime.load(path);
        if (!module) continue;
        const auto result = sandbox->execute(*module);
        if (result && result->exit_code == 7U) ++good;
      }
    });
  }
  threads.clear();
  done = true;
  EXPECT_EQ(good, 8 * kRuns);
}

}  // namespace
}  // namespace mimobox::testing
