#include "base/file_lock.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "base/unique_fd.h"

namespace mimobox::base {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class FileLock : public ::testing::Test {
 protected:
  FileLock() : first_(::mkstemp(path_.data())) {}
  ~FileLock() override { ::unlink(path_.c_str()); }
  UniqueFd opened(int flags) const { return UniqueFd(::open(path_.c_str(), flags | O_CLOEXEC)); }

  std::string path_ = "/tmp/mimobox_lock_XXXXXX";
  UniqueFd first_;
};

TEST_F(FileLock, IsWaitedForNoLongerThanThePatience) {
  ASSERT_TRUE(lock_file(first_.get(), milliseconds{0}));
  const UniqueFd second = opened(O_RDWR);
  EXPECT_FALSE(lock_file(second.get(), milliseconds{20}));
  first_.reset();
  EXPECT_TRUE(lock_file(second.get(), milliseconds{0}));
}

TEST_F(FileLock, IsTakenOnceItsHolderLetsGo) {
  ASSERT_TRUE(lock_file(first_.get(), milliseconds{0}));
  const UniqueFd second = opened(O_RDWR);
  std::thread holder([this] {
    std::this_thread::sleep_for(milliseconds{30});
    ::flock(first_.get(), LOCK_UN);
  });
  EXPECT_TRUE(lock_file(second.get(), seconds{20}));
  holder.join();
}

// As on a file system without locks: such a descriptor has none.
TEST_F(FileLock, IsNobodysWhereThereAreNone) {
  EXPECT_TRUE(lock_file(opened(O_PATH).get(), milliseconds{0}));
}

}  // namespace
}  // namespace mimobox::base
