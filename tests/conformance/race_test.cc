#include <fcntl.h>
#include <poll.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/wasi/files.h"

// Another process of the host, or another guest with the same grant, changes directories while a
// guest uses them. MIMOBOX_RACE_ROUNDS sets how many calls are made (the default is for every day).

namespace mimobox::wasi {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the fixture's names

constexpr int kDailyRounds = 50'000;

int rounds() {
  const char* asked = std::getenv("MIMOBOX_RACE_ROUNDS");
  return asked == nullptr ? kDailyRounds : std::atoi(asked);
}

/// Exchanges grant/swap, a directory with a file "canary" of the guest's, and grant/evil, a link to
/// the folder that holds the canary, as fast as it can.
class Swapper {
 public:
  explicit Swapper(const TempTree& tree)
      : one_(tree.path("grant/swap")),
        other_(tree.path("grant/evil")),
        thread_([this] { run(); }) {}
  Swapper(const Swapper&) = delete;
  Swapper& operator=(const Swapper&) = delete;
  ~Swapper() {
    ended_ = true;
    thread_.join();
  }

 private:
  void run() {
    while (!ended_) {
      ::renameat2(AT_FDCWD, one_.c_str(), AT_FDCWD, other_.c_str(), RENAME_EXCHANGE);
    }
  }

  const std::string one_;
  const std::string other_;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

class Attack27Concurrent : public BothWays {
 protected:
  Attack27Concurrent() {
    tree.folder("grant/swap/sub");
    tree.file("grant/swap/canary", "mine");
    tree.link("grant/evil", "..");
    tree.file("grant/mine", "mine");
    tree.folder("sub");
    before_ = tree.status("canary");
    outside_ = tree.status(".");
  }

  /// One call of each kind through the path that is swapped.
  void attack(int round) {
    const Opened opened = guest.open("swap/canary", {.dirflags = kFollowFlag});
    if (opened.error == Errno::kSuccess) {
      std::string data;
      EXPECT_EQ(guest.read(opened.fd, data), Errno::kSuccess);
      EXPECT_EQ(data, "mine");
      EXPECT_EQ(guest.close(opened.fd), Errno::kSuccess);
    }
    for (const bool follow : {false, true}) {
      if (guest.stat("swap/canary", follow) == Errno::kSuccess) {
        EXPECT_EQ(guest.stat_size(), 4U);
      }
      static_cast<void>(guest.set_times("swap/canary", 5, follow));
      static_cast<void>(guest.set_times("swap", 5, follow));
      static_cast<void>(guest.set_times("evil", 5, follow));
    }
    switch (round % 8) {
      case 0:
        static_cast<void>(guest.link("swap/canary", "stolen"));
        static_cast<void>(guest.unlink("stolen"));
        break;
      case 1:
        static_cast<void>(guest.rename("mine", "swap/planted"));
        static_cast<void>(guest.rename("swap/planted", "mine"));
        break;
      case 2:
        static_cast<void>(guest.mkdir("swap/made"));
        static_cast<void>(guest.rmdir("swap/made"));
        break;
      case 3:
        static_cast<void>(guest.symlink("x", "swap/linked"));
        static_cast<void>(guest.unlink("swap/linked"));
        break;
      case 4:
        make_and_remove();
        break;
      case 5:
        static_cast<void>(guest.stat("swap/sub/../canary", true));
        static_cast<void>(guest.rmdir("swap/none"));
        break;
      case 6:
        static_cast<void>(guest.link("mine", "swap/hard"));
        static_cast<void>(guest.unlink("swap/hard"));
        break;
      default:
        list();
        break;
    }
  }

  void make_and_remove() {
    const Opened made =
        guest.open("swap/born", {.oflags = kCreat | kTrunc, .dirflags = kFollowFlag});
    if (made.error == Errno::kSuccess) {
      EXPECT_EQ(guest.close(made.fd), Errno::kSuccess);
    }
    static_cast<void>(guest.unlink("swap/born"));
  }

  void list() {
    const Opened directory = guest.open("swap", kAsDirectory);
    if (directory.error != Errno::kSuccess) return;
    EXPECT_EQ(guest.stat("grant", false, directory.fd), Errno::kNoent);
    EXPECT_EQ(guest.close(directory.fd), Errno::kSuccess);
  }

  struct stat before_{};
  struct stat outside_{};
};
INSTANTIATE_TEST_SUITE_P(Ways, Attack27Concurrent, ::testing::Bool(), way_name);

TEST_P(Attack27Concurrent, ASwappedDirectoryNeverShowsTheCanary) {
  guest.host();
  const std::size_t descriptors = open_descriptors();
  {
    const Swapper swapper(tree);
    // Each attack is ten calls and more.
    for (int round = 0; round < rounds() / 10 && !HasFailure(); ++round)
      attack(round);
  }
  expect_canary_untouched(tree, before_);
  for (const char* name : {"stolen", "planted", "made", "linked", "born", "hard", "none"}) {
    EXPECT_FALSE(tree.exists(name)) << name;
  }
  EXPECT_EQ(tree.status(".").st_mtim.tv_sec, outside_.st_mtim.tv_sec);
  EXPECT_EQ(tree.status(".").st_mtim.tv_nsec, outside_.st_mtim.tv_nsec);
  guest.end_host();  // which keeps some directories open while it lives
  EXPECT_EQ(open_descriptors(), descriptors);
}

TEST_P(Attack27Concurrent, ADirectoryMovedOutWhileItIsResolvedLeadsNowhere) {
  // The kernel's `..` after a directory has left the grant would be outside.
  tree.folder("grant/deep/er");
  guest.host();
  std::atomic<bool> ended{false};
  std::thread mover([&] {
    const std::string inside = tree.path("grant/deep");
    const std::string outside = tree.path("deep");
    while (!ended) {
      std::rename(inside.c_str(), outside.c_str());
      std::rename(outside.c_str(), inside.c_str());
    }
  });
  for (int round = 0; round < rounds() / 4 && !HasFailure(); ++round) {
    for (const char* path : {"deep/er/../../canary", "deep/../canary", "deep/er/../../../canary"}) {
      const Opened opened = guest.open(path, {.dirflags = kFollowFlag});
      EXPECT_NE(opened.error, Errno::kSuccess) << path;
    }
    EXPECT_NE(guest.stat("deep/er/../../canary", true), Errno::kSuccess);
  }
  ended = true;
  mover.join();
  expect_canary_untouched(tree, before_);
}

/// A FIFO of the host in the grant, whose reader sees whether anybody ever opened it to write.
class Attack05Concurrent : public BothWays {
 protected:
  Attack05Concurrent() {
    tree.folder("grant/one");
    tree.folder("grant/two");
    tree.file("grant/one/x", "mine");
    tree.fifo("grant/two/x");
    reader_ =
        base::UniqueFd(::open(tree.path("grant/two/x").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    EXPECT_TRUE(reader_.valid());
  }
  /// Linux tells a reader of a hang-up only once there was a writer.
  [[nodiscard]] bool was_opened() const {
    pollfd item{.fd = reader_.get(), .events = POLLIN, .revents = 0};
    EXPECT_GE(::poll(&item, 1, 0), 0);
    return item.revents != 0;
  }

 private:
  base::UniqueFd reader_;
};
INSTANTIATE_TEST_SUITE_P(Ways, Attack05Concurrent, ::testing::Bool(), way_name);

TEST_P(Attack05Concurrent, ADirectoryWithAFifoThatTakesAnothersPlaceHasItNotOpened) {
  tree.folder("grant/deep/er");
  guest.host();
  std::atomic<bool> ended{false};
  // What a second guest with the same grant can do.
  std::thread swapper([&] {
    while (!ended) {
      for (const char* place : {"grant/d", "grant/deep/er/d"}) {
        for (const char* folder : {"grant/one", "grant/two"}) {
          std::rename(tree.path(folder).c_str(), tree.path(place).c_str());
          std::rename(tree.path(place).c_str(), tree.path(folder).c_str());
        }
      }
    }
  });
  for (int round = 0; round < rounds() / 2 && !was_opened(); ++round) {
    for (const char* path : {"d/x", "deep/er/d/x"}) {
      const Opened opened = guest.open(path, {.dirflags = kFollowFlag});
      if (opened.error == Errno::kSuccess) {
        EXPECT_EQ(guest.close(opened.fd), Errno::kSuccess);
      }
    }
  }
  ended = true;
  swapper.join();
  EXPECT_FALSE(was_opened());
}

TEST_P(Attack05Concurrent, AFifoIsNotMovedByAGuest) {
  // So no guest puts one where another has just looked.
  EXPECT_EQ(guest.rename("two/x", "one/y"), Errno::kNotsup);
  EXPECT_EQ(guest.rename("two/x", "one/x"), Errno::kNotsup);
  EXPECT_EQ(guest.link("two/x", "one/y"), Errno::kNotsup);
  EXPECT_TRUE(tree.exists("grant/two/x"));
  EXPECT_EQ(guest.rename("one/x", "two/x"), Errno::kSuccess);
  EXPECT_EQ(guest.read_file("two/x"), "mine");
}

}  // namespace
}  // namespace mimobox::wasi
