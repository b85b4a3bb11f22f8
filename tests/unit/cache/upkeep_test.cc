#include "cache/upkeep.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "cache/temp_file.h"
#include "tests/unit/cache/temporary_folder.h"

namespace mimobox::cache {
namespace {

class Upkeep : public TemporaryFolder {
 protected:
  void SetUp() override {
    TemporaryFolder::SetUp();
    cache_ = open();
    store_ = store(*cache_);
  }
  void publish(std::string_view name) const {
    static_cast<void>(
        store_->publish({.module = module(name)}, bytes_of(std::string(8192, 'x'))).value());
  }
  [[nodiscard]] std::filesystem::path file_of(std::string_view name) const {
    return path() + "/" + folder_name(store_->key()) + "/" + base::to_hex(module(name)) + ".code";
  }
  /// Last used so many seconds ago.
  void age(std::string_view name, long seconds) const {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    const timespec times[2] = {now, {.tv_sec = now.tv_sec - seconds, .tv_nsec = 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, file_of(name).c_str(), times, 0), 0);
  }

  std::unique_ptr<DiskCache> cache_;
  std::shared_ptr<const CodeStore> store_;
};

TEST_F(Upkeep, PruneDeletesWhatWasNotUsedLongestUntilTheBoundHolds) {
  for (const auto& [name, age_seconds] :
       {std::pair("new", 10), std::pair("old", 300), std::pair("middle", 100)}) {
    publish(name);
    age(name, age_seconds);
  }
  EXPECT_EQ(list(cache_->folder()).size(), 3U);
  EXPECT_EQ(list(cache_->folder()).front().module, base::to_hex(module("new")));
  const std::uint64_t all = disk_bytes(cache_->folder());
  EXPECT_EQ(prune(cache_->folder(), all).entries, 0U);
  EXPECT_EQ(prune(cache_->folder(), all - 1).entries, 1U);
  EXPECT_FALSE(std::filesystem::exists(file_of("old")));
  EXPECT_EQ(prune(cache_->folder(), all / 2).entries, 1U);
  EXPECT_TRUE(std::filesystem::exists(file_of("new")));
  EXPECT_EQ(prune(cache_->folder(), 0).entries, 1U);
  EXPECT_EQ(disk_bytes(cache_->folder()), 0U);
}

TEST_F(Upkeep, PruneTakesTimesThatAreFarAheadForOld) {
  for (const auto& [name, age_seconds] :
       {std::pair("now", 0), std::pair("before", 100), std::pair("ahead", -1'000'000)}) {
    publish(name);
    age(name, age_seconds);
  }
  const std::uint64_t all = disk_bytes(cache_->folder());
  EXPECT_EQ(prune(cache_->folder(), all - 1).entries, 1U);
  EXPECT_FALSE(std::filesystem::exists(file_of("ahead")));
  EXPECT_EQ(prune(cache_->folder(), all / 3).entries, 1U);
  EXPECT_TRUE(std::filesystem::exists(file_of("now")));
}

TEST_F(Upkeep, PruningAtTheSameTimeDeletesNoMoreThanIsNeeded) {
  constexpr int kEntries = 60;
  for (int i = 0; i < kEntries; ++i) {
    publish(std::to_string(i));
    age(std::to_string(i), i);
  }
  const std::uint64_t bound = disk_bytes(cache_->folder()) / 2;
  std::vector<std::jthread> threads;
  std::atomic<int> ready{0};
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&] {
      for (++ready; ready < 8;) {
      }
      prune(cache_->folder(), bound);
    });
  }
  threads.clear();
  EXPECT_EQ(list(cache_->folder()).size(), kEntries / 2U);
}

TEST_F(Upkeep, PruneSparesWhatIsInUse) {
  publish("used");
  publish("unused");
  age("used", 1000);
  {
    const auto in_use = store_->find(module("used"));
    ASSERT_TRUE(in_use.has_value());
    EXPECT_EQ(prune(cache_->folder(), 0).entries, 1U);
    EXPECT_TRUE(std::filesystem::exists(file_of("used")));
    EXPECT_TRUE(list(cache_->folder()).at(0).in_use);
  }
  EXPECT_EQ(prune(cache_->folder(), 0).entries, 1U);
}

TEST_F(Upkeep, ADiskCacheKeepsItsBoundByItself) {
  cache_ = open("", 20'000);
  store_ = store(*cache_);
  for (const char* name : {"a", "b", "c", "d"}) {
    publish(name);
    cache_->keep_bound(8192);
  }
  EXPECT_LE(disk_bytes(cache_->folder()), 20'000U);
  EXPECT_GT(list(cache_->folder()).size(), 0U);
  EXPECT_FALSE(cache_->fits(20'001));
}

TEST_F(Upkeep, TheBoundHoldsWithoutCountingAllEachTime) {
  const auto dead = std::filesystem::path(file_of("x")).replace_extension(".tmp");
  const auto keep = [&](std::uint64_t max_bytes) {
    keep_bound(cache_->folder(), max_bytes, 20'000, Owner::kUser, Seal());
  };
  write(dead, "of a dead process");
  publish("a");
  keep(100'000);
  EXPECT_FALSE(std::filesystem::exists(dead)) << "it counts what nobody counted";
  write(dead, "of a dead process");
  keep(100'000);
  keep(100'000);
  EXPECT_TRUE(std::filesystem::exists(dead)) << "what was counted is known";
  keep(50'000);
  EXPECT_FALSE(std::filesystem::exists(dead)) << "another bound, which may be passed";
  write(dead, "of a dead process");
  write(path("cache/mimobox-usage"), std::string(56, 'x'));
  keep(100'000);
  EXPECT_FALSE(std::filesystem::exists(dead)) << "what is damaged tells nothing";
  write(dead, "of a dead process");
  for (int i = 0; i < 6; ++i)
    keep(100'000);
  EXPECT_FALSE(std::filesystem::exists(dead)) << "the bound may be passed";
  EXPECT_EQ(list(cache_->folder()).size(), 1U);
}

TEST_F(Upkeep, PruneRemovesWhatDeadProcessesLeftAndNothingElse) {
  const pid_t child = ::fork();
  if (child == 0) {
    // Ends without destructors, as a killed process does.
    auto temporary =
        TempFile::create(::open(file_of("x").parent_path().c_str(), O_RDONLY), Owner::kUser);
    auto lock = store_->try_lock(module("x"), 1);
    ::_exit(temporary.has_value() && std::holds_alternative<CompileLock>(lock) ? 0 : 1);
  }
  int status = 1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  ASSERT_EQ(files(".tmp").size(), 1U);
  ASSERT_EQ(files(".lock").size(), 1U);
  const base::UniqueFd folder(::open(file_of("x").parent_path().c_str(), O_RDONLY));
  const auto living = TempFile::create(folder.get(), Owner::kUser);
  const auto held = store_->try_lock(module("held"), 1);
  publish("code");
  prune(cache_->folder(), 1 << 20);
  EXPECT_EQ(files(".tmp").size(), 1U);
  EXPECT_EQ(files(".lock").size(), 1U);
  EXPECT_EQ(files(".code").size(), 1U);
}

TEST_F(Upkeep, PruneRemovesWhatDeadProcessesLeftInTheCachesOwnFolderToo) {
  const std::string dead = path() + "/0123456789abcdef.tmp";
  const std::string of_others = path() + "/notes.tmp";
  write(dead, "x");
  write(of_others, "x");
  const auto living = TempFile::create(cache_->folder(), Owner::kUser);
  ASSERT_TRUE(living.has_value());
  prune(cache_->folder(), 1 << 20);
  EXPECT_FALSE(std::filesystem::exists(dead));
  EXPECT_TRUE(std::filesystem::exists(of_others));
  std::size_t left = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path()))
    left += entry.path().extension() == ".tmp" ? 1U : 0U;
  EXPECT_EQ(left, 2U) << "and the one that is being written";
}

TEST_F(Upkeep, OldRecordsAboutMachinesGoUnlessSomebodyHoldsThem) {
  const auto record = [this](char digit) {
    return path() + "/" + std::string(kMachineRecordPrefix) + std::string(32, digit);
  };
  const auto make = [](const std::string& file, std::chrono::seconds used_ago) {
    write(file, "x");
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    const timespec times[2] = {now, {.tv_sec = now.tv_sec - used_ago.count(), .tv_nsec = 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
  };
  const std::string of_others = path() + "/" + std::string(kMachineRecordPrefix) + "notes";
  make(record('a'), kMachineRecordLife + std::chrono::hours{1});
  make(record('b'), kMachineRecordLife - std::chrono::hours{1});
  make(record('c'), kMachineRecordLife + std::chrono::hours{1});
  make(of_others, kMachineRecordLife + std::chrono::hours{1});
  {
    const base::UniqueFd held(::open(record('c').c_str(), O_RDONLY | O_CLOEXEC));
    ASSERT_EQ(::flock(held.get(), LOCK_EX), 0);
    prune(cache_->folder(), 1 << 20);
    EXPECT_FALSE(std::filesystem::exists(record('a')));
    EXPECT_TRUE(std::filesystem::exists(record('b')));
    EXPECT_TRUE(std::filesystem::exists(record('c')));
    clear(cache_->folder());
    EXPECT_TRUE(std::filesystem::exists(record('b')));
    EXPECT_TRUE(std::filesystem::exists(record('c')));
  }
  prune(cache_->folder(), 1 << 20);
  EXPECT_FALSE(std::filesystem::exists(record('c')));
  EXPECT_TRUE(std::filesystem::exists(of_others));
}

TEST_F(Upkeep, PruneSparesALockThatIsNoLongerTheOneWhoseHolderDied) {
  const std::filesystem::path folder = file_of("x").parent_path();
  const std::string name = base::to_hex(module("x")).append(kLockSuffix);
  write((folder / name).string(), "of a dead process");
  const base::UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_CLOEXEC));
  {
    const auto held = store_->try_lock(module("x"), 1);
    ASSERT_TRUE(std::holds_alternative<CompileLock>(held)) << "nobody held it";
    EXPECT_FALSE(remove_stale(fd.get(), name));
    EXPECT_TRUE(std::filesystem::exists(folder / name));
  }
  EXPECT_FALSE(std::filesystem::exists(folder / name));
  write((folder / name).string(), "of a dead process");
  EXPECT_TRUE(remove_stale(fd.get(), name));
  EXPECT_FALSE(std::filesystem::exists(folder / name));
}

TEST_F(Upkeep, NoTwoHoldALockWhileOthersRemoveStaleOnes) {
  const std::string name = base::to_hex(module("x")).append(kLockSuffix);
  const base::UniqueFd fd(::open(file_of("x").parent_path().c_str(), O_RDONLY | O_CLOEXEC));
  std::atomic<int> holders{0};
  std::atomic<int> taken{0};
  std::atomic<bool> shared{false};
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        const auto held = store_->try_lock(module("x"), 1);
        if (!std::holds_alternative<CompileLock>(held)) continue;
        if (holders.fetch_add(1) != 0) shared = true;
        ++taken;
        holders.fetch_sub(1);
      }
    });
  }
  while (taken < 2000)
    remove_stale(fd.get(), name);
  threads.clear();
  EXPECT_FALSE(shared);
}

TEST_F(Upkeep, AFifoOfAStrangerHoldsNobodyUp) {
  const std::filesystem::path folder = file_of("x").parent_path();
  for (const char* name : {"x.tmp", "x.lock", "x.code", "x.path"})
    ASSERT_EQ(::mkfifo((folder / name).c_str(), 0600), 0);
  prune(cache_->folder(), 0);
  EXPECT_TRUE(files(".tmp").empty());
  EXPECT_TRUE(files(".lock").empty());
  EXPECT_EQ(verify(cache_->folder(), Owner::kUser, Seal()).good, 0U);
}

TEST_F(Upkeep, ClearDeletesAllThatIsOursAndNothingElse) {
  publish("a");
  store_->remember_module({}, {});
  std::filesystem::create_directory(path("cache/engine"));
  write(path("cache/engine/file"), "not ours");
  write(path("cache/note.code"), "not ours");
  const Pruned cleared = clear(cache_->folder());
  EXPECT_EQ(cleared.entries, 1U);
  EXPECT_GT(cleared.bytes, 0U);
  EXPECT_TRUE(files(".path").empty());
  EXPECT_EQ(files(".code").size(), 1U);
  EXPECT_TRUE(std::filesystem::exists(path("cache/engine/file")));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path()), {}), 2);
}

TEST_F(Upkeep, TellsOfModulesOnlyAndDeletesWhatElseHasTheirSuffix) {
  publish("a");
  write(file_of("a").parent_path() / "\033[2J.code", "of a stranger in a fleet's folder");
  EXPECT_EQ(list(cache_->folder()).size(), 1U);
  EXPECT_TRUE(verify(cache_->folder(), Owner::kUser, Seal()).damaged.empty());
  EXPECT_EQ(clear(cache_->folder()).entries, 1U);
  EXPECT_TRUE(files(".code").empty());
}

TEST_F(Upkeep, VerifyReadsAllAndDeletesWhatIsDamaged) {
  publish("good");
  publish("flipped");
  publish("cut");
  {
    std::fstream stream(file_of("flipped"), std::ios::in | std::ios::out | std::ios::binary);
    stream.put('y');
  }
  std::filesystem::resize_file(file_of("cut"), 100);
  std::filesystem::create_directory(path("cache/v9-" + std::string(64, 'a')));
  write(path("cache/v9-" + std::string(64, 'a') + "/" + std::string(64, 'b') + ".code"),
        "of another version");
  const Verified verified = verify(cache_->folder(), Owner::kUser, Seal());
  EXPECT_EQ(verified.good, 1U);
  EXPECT_EQ(verified.skipped, 1U);
  EXPECT_EQ(verified.damaged.size(), 2U);
  EXPECT_TRUE(std::filesystem::exists(file_of("good")));
  EXPECT_FALSE(std::filesystem::exists(file_of("flipped")));
  EXPECT_FALSE(std::filesystem::exists(file_of("cut")));
}

}  // namespace
}  // namespace mimobox::cache
