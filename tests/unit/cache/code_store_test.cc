#include "cache/code_store.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <string>
#include <thread>
#include <variant>

#include <gtest/gtest.h>

#include "tests/unit/cache/temporary_folder.h"

namespace mimobox::cache {
namespace {

constexpr std::string_view kArtifact = "native code, many bytes of it";

class CodeStoreTest : public TemporaryFolder {
 protected:
  void SetUp() override {
    TemporaryFolder::SetUp();
    cache_ = open();
    store_ = store(*cache_);
  }
  void publish(const CodeStore& to, std::string_view name,
               std::string_view artifact = kArtifact) const {
    const auto published =
        to.publish({.module = module(name), .module_bytes = 3}, bytes_of(artifact));
    ASSERT_TRUE(published.has_value()) << published.error();
  }
  static std::string artifact_of(const StoredCode& code) {
    std::string text(code.record.artifact_bytes, '?');
    EXPECT_EQ(::pread(code.file.get(), text.data(), text.size(), 0),
              static_cast<ssize_t>(text.size()));
    return text;
  }
  static void flip(const std::filesystem::path& file, std::size_t at) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(at));
    const int byte = stream.get();
    stream.seekp(static_cast<std::streamoff>(at));
    stream.put(static_cast<char>(byte ^ 1));
  }

  std::unique_ptr<DiskCache> cache_;
  std::shared_ptr<const CodeStore> store_;
};

/// From here on this process finds what a file system without locks answers.
void refuse_locks() {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_flock, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOLCK),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{.len = std::size(filter), .filter = filter};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    ::_exit(77);
  }
}

TEST_F(CodeStoreTest, GivesBackWhatWasPublished) {
  EXPECT_FALSE(store_->find(module("a")).has_value());
  publish(*store_, "a");
  const auto found = store_->find(module("a"));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(artifact_of(*found), kArtifact);
  EXPECT_EQ(found->record.module, module("a"));
  EXPECT_EQ(found->record.module_bytes, 3U);
  EXPECT_FALSE(store_->find(module("b")).has_value());
  EXPECT_TRUE(files(".tmp").empty());
  struct stat status{};
  ASSERT_EQ(::stat(files(".code").at(0).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST_F(CodeStoreTest, KeepsCodeOfOtherSettingsApart) {
  publish(*store_, "a");
  EXPECT_FALSE(store(*cache_, "other settings")->find(module("a")).has_value());
}

TEST_F(CodeStoreTest, TakesNoEntryWithAnyByteChangedAndDeletesIt) {
  publish(*store_, "a");
  const auto file = files(".code").at(0);
  const std::size_t size = std::filesystem::file_size(file);
  for (std::size_t at = 0; at < size; ++at) {
    publish(*store_, "a");
    flip(file, at);
    EXPECT_FALSE(store_->find(module("a")).has_value()) << "byte " << at << " of " << size;
    EXPECT_FALSE(std::filesystem::exists(file)) << at;
  }
}

TEST_F(CodeStoreTest, TakesNoEntryThatWasCutOrGrew) {
  publish(*store_, "a");
  const auto file = files(".code").at(0);
  const std::size_t size = std::filesystem::file_size(file);
  for (std::size_t cut = 0; cut <= size + 1; ++cut) {
    if (cut == size) continue;
    publish(*store_, "a");
    std::filesystem::resize_file(file, cut);
    EXPECT_FALSE(store_->find(module("a")).has_value()) << "size " << cut;
  }
}

TEST_F(CodeStoreTest, TakesNoEntryOfAnotherModuleOrOfOtherSettings) {
  publish(*store_, "a", "the code of a");
  publish(*store_, "b", "the code of b");
  const auto both = files(".code");
  std::filesystem::rename(both.at(0), path("swap"));
  std::filesystem::rename(both.at(1), both.at(0));
  std::filesystem::rename(path("swap"), both.at(1));
  EXPECT_FALSE(store_->find(module("a")).has_value());
  EXPECT_FALSE(store_->find(module("b")).has_value());

  publish(*store(*cache_, "another engine"), "a");
  const auto foreign = files(".code").at(0);
  std::filesystem::copy_file(foreign, both.at(0));
  EXPECT_FALSE(store_->find(module("a")).has_value());
}

TEST_F(CodeStoreTest, TakesNoFileThatSomebodyElseCouldHaveWritten) {
  publish(*store_, "a");
  const auto file = files(".code").at(0);
  ASSERT_EQ(::chmod(file.c_str(), 0660), 0);
  EXPECT_FALSE(store_->find(module("a")).has_value());
  // Another name of the file may be in somebody else's hands.
  publish(*store_, "a");
  std::filesystem::create_hard_link(file, path("another name"));
  EXPECT_FALSE(store_->find(module("a")).has_value());
  // A link, a folder, a FIFO in its place.
  publish(*store_, "a");
  std::filesystem::rename(file, path("moved"));
  std::filesystem::create_symlink(path("moved"), file);
  EXPECT_FALSE(store_->find(module("a")).has_value());
  publish(*store_, "a");
  EXPECT_TRUE(store_->find(module("a")).has_value());
  std::filesystem::remove(file);
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  EXPECT_FALSE(store_->find(module("a")).has_value());
  publish(*store_, "a");
  EXPECT_TRUE(store_->find(module("a")).has_value());
}

TEST_F(CodeStoreTest, ReadsAllOfAFileOncePerState) {
  publish(*store_, "a");
  const auto file = files(".code").at(0);
  EXPECT_TRUE(store_->find(module("a")).has_value());
  EXPECT_TRUE(files(".seen").empty()) << "a change within two seconds may not show";
  std::this_thread::sleep_for(std::chrono::milliseconds{2100});
  EXPECT_TRUE(store_->find(module("a")).has_value());
  ASSERT_EQ(files(".seen").size(), 1U);
  // What changes the file, though its size and time are put back, shows in the inode's time.
  const auto before = std::filesystem::last_write_time(file);
  flip(file, 0);
  std::filesystem::last_write_time(file, before);
  EXPECT_FALSE(store_->find(module("a")).has_value());
}

TEST_F(CodeStoreTest, UnderAKeyTakesOnlyWhatWasMadeUnderIt) {
  const auto fleet = open("secret");
  const auto keyed = store(*fleet);
  publish(*keyed, "a");
  ASSERT_TRUE(keyed->find(module("a")).has_value());
  // A copy in memory that nobody can change any more.
  const auto found = keyed->find(module("a"));
  EXPECT_LT(::pwrite(found->file.get(), "x", 1, 0), 0);

  const auto other = open("another secret");
  EXPECT_FALSE(store(*other)->find(module("a")).has_value());
  // Somebody without the key who writes in the folder: the right names, digests that fit.
  publish(*store_, "a");
  const auto forged =
      path() + "/" + folder_name(store_->key()) + "/" + base::to_hex(module("a")) + ".code";
  const auto target =
      path() + "/" + folder_name(keyed->key()) + "/" + base::to_hex(module("a")) + ".code";
  std::filesystem::copy_file(forged, target, std::filesystem::copy_options::overwrite_existing);
  EXPECT_FALSE(keyed->find(module("a")).has_value());
  // One bit.
  publish(*keyed, "a");
  for (const std::size_t at : {std::size_t{0}, kArtifact.size() - 1, kArtifact.size() + 20}) {
    publish(*keyed, "a");
    flip(target, at);
    EXPECT_FALSE(keyed->find(module("a")).has_value()) << at;
  }
}

TEST_F(CodeStoreTest, KnowsAModuleByTheFingerprintOfItsFile) {
  const base::FileFingerprint file{
      .device = 1, .inode = 2, .size = 3, .modified_ns = 4, .changed_ns = -5};
  const KnownModule known{.digest = module("a"), .bytes = 9};
  EXPECT_EQ(store_->find_module(file), std::nullopt);
  store_->remember_module(file, known);
  EXPECT_EQ(store_->find_module(file), known);
  for (auto member : {&base::FileFingerprint::size}) {
    auto other = file;
    ++(other.*member);
    EXPECT_EQ(store_->find_module(other), std::nullopt);
  }
  for (auto member : {&base::FileFingerprint::modified_ns, &base::FileFingerprint::changed_ns}) {
    auto other = file;
    ++(other.*member);
    EXPECT_EQ(store_->find_module(other), std::nullopt);
  }
  const auto note = files(".path").at(0);
  for (std::size_t at = 0; at < std::filesystem::file_size(note); ++at) {
    store_->remember_module(file, known);
    flip(note, at);
    EXPECT_EQ(store_->find_module(file), std::nullopt) << "byte " << at;
  }
}

TEST_F(CodeStoreTest, OneCompilesAndTheOthersSeeSinceWhenAndHowMuch) {
  auto first = store_->try_lock(module("a"), 1234);
  ASSERT_TRUE(std::holds_alternative<CompileLock>(first));
  const auto second = store_->try_lock(module("a"), 1234);
  ASSERT_TRUE(std::holds_alternative<CompileLock::Busy>(second));
  EXPECT_EQ(std::get<CompileLock::Busy>(second).module_bytes, 1234U);
  EXPECT_TRUE(std::holds_alternative<CompileLock>(store_->try_lock(module("b"), 1)));
  first = CompileLock::NotOffered{};
  EXPECT_TRUE(std::holds_alternative<CompileLock>(store_->try_lock(module("a"), 1)));
  EXPECT_TRUE(files(".lock").empty());
}

TEST_F(CodeStoreTest, AHolderThatDoesNotComeToAnEndLosesItsLockToOneOther) {
  auto stopped = store_->try_lock(module("a"), 1);
  ASSERT_TRUE(std::holds_alternative<CompileLock>(stopped));
  const auto holder = std::get<CompileLock::Busy>(store_->try_lock(module("a"), 1)).holder;
  store_->take_lock_from(module("a"), holder);
  const auto next = store_->try_lock(module("a"), 1);
  ASSERT_TRUE(std::holds_alternative<CompileLock>(next));
  store_->take_lock_from(module("a"), holder);  // the others who waited as long
  const auto third = store_->try_lock(module("a"), 1);
  ASSERT_TRUE(std::holds_alternative<CompileLock::Busy>(third));
  EXPECT_NE(std::get<CompileLock::Busy>(third).holder, holder);
  stopped = CompileLock::NotOffered{};  // it goes on after all
  EXPECT_TRUE(std::holds_alternative<CompileLock::Busy>(store_->try_lock(module("a"), 1)));
}

TEST_F(CodeStoreTest, WithoutLocksOfTheFileSystemKeepsCodeAndLeavesNothingBehind) {
  const pid_t child = ::fork();
  if (child == 0) {
    refuse_locks();
    const auto lock = store_->try_lock(module("a"), 1);
    const bool kept = store_->publish({.module = module("a")}, bytes_of(kArtifact)).has_value();
    store_->remember_module({}, {});
    const bool found = store_->find(module("a")).has_value();
    ::_exit(std::holds_alternative<CompileLock::NotOffered>(lock) && kept && found ? 0 : 1);
  }
  int status = 1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(files(".code").size(), 1U);
  EXPECT_EQ(files(".path").size(), 1U);
  EXPECT_TRUE(files(".tmp").empty());
  EXPECT_TRUE(files(".lock").empty());
}

TEST_F(CodeStoreTest, PublishedAnewIsUsedNow) {
  publish(*store_, "a");
  const auto code = files(".code").at(0);
  const auto seen = std::filesystem::path(code).replace_extension(".seen");
  write(seen, "of the code that was here before");
  publish(*store_, "a");
  EXPECT_FALSE(std::filesystem::exists(seen));
}

TEST_F(CodeStoreTest, GoesOnAfterItsFolderWasDeleted) {
  publish(*store_, "a");
  std::filesystem::remove_all(path());
  EXPECT_FALSE(store_->in_place());
  EXPECT_FALSE(store_->find(module("a")).has_value());
  EXPECT_FALSE(store_->publish({.module = module("a")}, bytes_of(kArtifact)).has_value());
  store_->remember_module({}, {});
  EXPECT_TRUE(std::holds_alternative<CompileLock::NotOffered>(store_->try_lock(module("a"), 1)));
}

TEST_F(CodeStoreTest, IsMadeAgainWithTheWholeCache) {
  const int number = cache_->folder();
  std::filesystem::remove_all(path());
  EXPECT_TRUE(cache_->in_place());
  EXPECT_EQ(cache_->folder(), number);
  std::filesystem::remove_all(path());
  const auto again = store(*cache_);
  ASSERT_NE(again, nullptr);
  publish(*again, "a");
  EXPECT_TRUE(again->find(module("a")).has_value());
  EXPECT_EQ(files(".code").size(), 1U);
}

TEST_F(CodeStoreTest, IsNotUsedAgainWhereAnotherWasMadeInThePlaceOfItsCache) {
  std::filesystem::remove_all(path());
  ASSERT_EQ(::mkdir(path().c_str(), 0700), 0);
  ASSERT_EQ(::chmod(path().c_str(), 0777), 0);
  const auto refused = cache_->store(store_->key());
  ASSERT_FALSE(refused.has_value());
  EXPECT_TRUE(refused.error().unsafe);
  // A guest may have been granted what is there by now.
  ASSERT_EQ(::chmod(path().c_str(), 0700), 0);
  EXPECT_FALSE(cache_->in_place());
  EXPECT_EQ(store(*cache_), nullptr);
}

TEST_F(CodeStoreTest, ThatOthersMayReadIsMadePrivateAndThatTheyMayWriteIsRefused) {
  const std::string folder = path() + "/" + folder_name(store_->key());
  ASSERT_EQ(::chmod(folder.c_str(), 0755), 0);
  EXPECT_NE(store(*open()), nullptr);
  struct stat status{};
  ASSERT_EQ(::stat(folder.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0700U);
  ASSERT_EQ(::chmod(folder.c_str(), 0770), 0);
  const auto refused = open()->store(store_->key());
  ASSERT_FALSE(refused.has_value());
  EXPECT_TRUE(refused.error().unsafe);
  EXPECT_NE(refused.error().why.find(folder), std::string::npos) << refused.error().why;
}

TEST_F(CodeStoreTest, IsMadeAgainWhenOnlyItsOwnFolderWasDeleted) {
  std::filesystem::remove_all(path() + "/" + folder_name(store_->key()));
  const auto again = store(*cache_);
  ASSERT_NE(again, nullptr);
  publish(*again, "a");
  EXPECT_TRUE(again->find(module("a")).has_value());
}

}  // namespace
}  // namespace mimobox::cache
