#include "wasi/path_resolver.h"

#include <fcntl.h>

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/wasi/files.h"
#include "wasi/path_walk.h"

namespace mimobox::wasi {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the fixture's names

class PathResolver : public ::testing::TestWithParam<bool> {
 protected:
  PathResolver() {
    tree.folder("root/d/e");
    tree.file("root/f", "inside");
    tree.file("f", "outside");
    tree.link("root/to-e", "d/e");
    fd = base::UniqueFd(::open(tree.path("root").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    base.fd = fd.get();
    base.device = tree.status("root").st_dev;
    base.walk = GetParam();
  }

  /// The inode of what a descriptor holds.
  static ino_t inode_of(int descriptor) {
    struct stat status{};
    EXPECT_EQ(::fstat(descriptor, &status), 0);
    return status.st_ino;
  }
  Errno open(std::string_view path, int flags = O_PATH) const {
    const auto opened = open_beneath(base, path, flags, 0600);
    return opened ? Errno::kSuccess : opened.error();
  }

  TempTree tree;
  base::UniqueFd fd;
  ResolveBase base;
};
INSTANTIATE_TEST_SUITE_P(Ways, PathResolver, ::testing::Bool(), way_name);

TEST_P(PathResolver, OpensWhatIsBeneath) {
  for (const char* path : {"d/e", "d/../d/e", "./d/./e/.", "to-e", "d//e//", "to-e/../e"}) {
    const auto opened = open_beneath(base, path, O_PATH);
    ASSERT_TRUE(opened.has_value()) << path;
    EXPECT_EQ(inode_of(opened->get()), tree.status("root/d/e").st_ino) << path;
  }
  EXPECT_EQ(open("."), Errno::kSuccess);
  EXPECT_EQ(open("d/.."), Errno::kSuccess);
}

TEST_P(PathResolver, GivesDescriptorsThatNoProgramInherits) {
  for (const char* path : {"f", "d/e", "."}) {
    for (const int flags : {O_PATH, O_RDONLY, O_RDONLY | O_NOFOLLOW}) {
      const auto opened = open_beneath(base, path, flags);
      ASSERT_TRUE(opened.has_value()) << path;
      EXPECT_EQ(::fcntl(opened->get(), F_GETFD), FD_CLOEXEC) << path;
    }
  }
}

TEST_P(PathResolver, AnswersEachErrno) {
  tree.link("root/loop", "loop");
  EXPECT_EQ(open(""), Errno::kNoent);
  EXPECT_EQ(open("none"), Errno::kNoent);
  EXPECT_EQ(open("f/x"), Errno::kNotdir);
  EXPECT_EQ(open("/"), Errno::kPerm);
  EXPECT_EQ(open("../f"), Errno::kPerm);
  EXPECT_EQ(open("to-e/../../../f"), Errno::kPerm);
  EXPECT_EQ(open("loop"), Errno::kLoop);
  EXPECT_EQ(open("to-e", O_RDONLY | O_NOFOLLOW), Errno::kLoop);
  EXPECT_EQ(open(std::string(4'096, 'x')), Errno::kNametoolong);
  EXPECT_EQ(open(std::string_view("f\0", 2)), Errno::kInval);
  EXPECT_EQ(open("f", O_WRONLY | O_CREAT | O_EXCL), Errno::kExist);
  EXPECT_EQ(open("new/", O_WRONLY | O_CREAT), Errno::kIsdir);
  EXPECT_EQ(open("f/", O_RDONLY), Errno::kNotdir);
}

TEST_P(PathResolver, GivesTheParentOfAName) {
  const auto parent = parent_beneath(base, "d/../to-e///new//");
  ASSERT_TRUE(parent.has_value());
  EXPECT_EQ(inode_of(parent->fd), tree.status("root/d/e").st_ino);
  EXPECT_EQ(parent->last, LastComponent::kName);
  EXPECT_STREQ(parent->name.data(), "new");
  EXPECT_TRUE(parent->trailing_slash);
  const auto own = parent_beneath(base, "new");
  ASSERT_TRUE(own.has_value());
  EXPECT_EQ(own->fd, base.fd);
  EXPECT_FALSE(own->owned.valid());
  EXPECT_FALSE(own->trailing_slash);
}

TEST_P(PathResolver, NeverGivesANameThatIsEmptyOrDots) {
  for (const char* path : {".", "d/.", "d/./", "to-e/.", "././."}) {
    const auto parent = parent_beneath(base, path);
    ASSERT_TRUE(parent.has_value()) << path;
    EXPECT_EQ(parent->last, LastComponent::kDot) << path;
    EXPECT_STREQ(parent->name.data(), "") << path;
  }
  for (const char* path : {"d/..", "d/e/../", "to-e/.."}) {
    const auto parent = parent_beneath(base, path);
    ASSERT_TRUE(parent.has_value()) << path;
    EXPECT_EQ(parent->last, LastComponent::kDotDot) << path;
    EXPECT_STREQ(parent->name.data(), "") << path;
  }
  for (const char* path : {"..", "../", "../x", "d/../..", "/x"}) {
    EXPECT_EQ(parent_beneath(base, path).error(), Errno::kPerm) << path;
  }
  EXPECT_EQ(parent_beneath(base, "").error(), Errno::kNoent);
  EXPECT_EQ(parent_beneath(base, "none/.").error(), Errno::kNoent);
  EXPECT_EQ(parent_beneath(base, "f/..").error(), Errno::kNotdir);
}

TEST_P(PathResolver, HoldsNoDescriptorAfterwards) {
  const std::size_t before = open_descriptors();
  static_cast<void>(open("d/e/../../to-e/../../../x"));
  static_cast<void>(stat_beneath(base, "d/e/../e", true));
  static_cast<void>(parent_beneath(base, "d/e/x"));
  static_cast<void>(set_times_beneath(base, "d/../f", true, {}));
  EXPECT_EQ(open_descriptors(), before);
}

/// A chain of 600 directories "d".
class PathWalkDepth : public ::testing::Test {
 protected:
  static constexpr int kDepth = 600;
  PathWalkDepth() {
    path = "d";
    for (int i = 1; i < kDepth; ++i)
      path += "/d";
    tree.folder(path);
    tree.link("up", "d");
    fd = base::UniqueFd(::open(tree.path("").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    base = {.fd = fd.get(), .device = tree.status("d").st_dev, .walk = true};
  }
  static std::string ups(int count) {
    std::string text;
    for (int i = 0; i < count; ++i)
      text += "/..";
    return text;
  }

  TempTree tree;
  std::string path;
  base::UniqueFd fd;
  ResolveBase base;
};

TEST_F(PathWalkDepth, IsThatOfTheKernel) {
  for (const int up : {0, 1, 15, 16, 17, 40, kDepth - 1, kDepth}) {
    const std::string there_and_back = path + ups(up);
    const auto walked = open_beneath(base, there_and_back, O_PATH);
    ASSERT_TRUE(walked.has_value()) << up;
    struct stat seen{};
    struct stat expected{};
    EXPECT_EQ(::fstat(walked->get(), &seen), 0);
    EXPECT_EQ(::fstatat(base.fd, there_and_back.c_str(), &expected, 0), 0);
    EXPECT_EQ(seen.st_ino, expected.st_ino) << up;
  }
  EXPECT_EQ(open_beneath(base, path + ups(kDepth + 1), O_PATH).error(), Errno::kPerm);
}

TEST_F(PathWalkDepth, HoldsFewDescriptors) {
  const std::size_t before = open_descriptors();
  PathWalk walk(base);
  EXPECT_EQ(walk.run(path + ups(100) + "/x", true), Errno::kSuccess);
  EXPECT_LE(open_descriptors(), before + PathWalk::kMaxHeld);
}

TEST_F(PathWalkDepth, EndsAtTheStop) {
  base::StopSignal stop;
  base.stop = &stop;
  EXPECT_TRUE(open_beneath(base, path, O_PATH).has_value());
  ASSERT_TRUE(stop.raise(1));
  for (const std::string_view walked : {"d/d", "d/..", "./.", "up/d"}) {
    EXPECT_EQ(open_beneath(base, walked, O_PATH).error(), Errno::kIntr) << walked;
    EXPECT_EQ(target_beneath(base, walked, false).error(), Errno::kIntr) << walked;
  }
}

TEST_F(PathWalkDepth, EndsAtAStopOnItsWay) {
  // Forty links, each in the one before and with as many components as a target takes.
  std::string there_and_back = "d/..";
  while (there_and_back.size() + 20 < kMaxPathBytes)
    there_and_back += "/d/..";
  tree.link("l1", there_and_back);
  for (int i = 2; i <= 40; ++i)
    tree.link("l" + std::to_string(i), "l" + std::to_string(i - 1) + "/" + there_and_back);
  ASSERT_TRUE(target_beneath(base, "l40", false).has_value());

  // A stop that comes too late on a busy machine comes again.
  constexpr int kAttempts = 1'000;
  Errno ended = Errno::kSuccess;
  for (int attempt = 0; attempt < kAttempts && ended == Errno::kSuccess; ++attempt) {
    base::StopSignal stop;
    base.stop = &stop;
    std::atomic<bool> walking = false;
    std::thread stopper([&] {
      while (!walking) {
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      stop.raise(1);
    });
    walking = true;
    const auto walked = target_beneath(base, "l40", false);
    ended = walked ? Errno::kSuccess : walked.error();
    stopper.join();
  }
  EXPECT_EQ(ended, Errno::kIntr);
}

TEST_F(PathWalkDepth, HasAnEnd) {
  // Each turn goes up, out of what is held, and down again.
  std::string turns = ups(17).substr(1) + "/" + path.substr(0, 2 * 17 - 1);
  const std::string turn = "/" + turns;
  for (int i = 1; i < 40; ++i)
    turns += turn;
  tree.link(path + "/t", turns);
  EXPECT_TRUE(open_beneath(base, path + "/t/t", O_PATH).has_value());
  EXPECT_EQ(open_beneath(base, path + "/t/t/t/t/t/t/t/t", O_PATH).error(), Errno::kLoop);
}

}  // namespace
}  // namespace mimobox::wasi
