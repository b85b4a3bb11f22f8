#include "base/read_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace mimobox::base {
namespace {

using Step = ReadFileError::Step;

class ReadFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "read_file_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }
  void write(const std::string& name, const std::string& data) const {
    std::ofstream(path(name), std::ios::binary) << data;
  }

 private:
  std::filesystem::path folder_;
};

TEST_F(ReadFile, GivesAllBytesUpToTheLimitAndNoneAbove) {
  write("four", "1234");
  EXPECT_EQ(read_file(path("four"), 4)->size(), 4U);
  EXPECT_EQ(read_file(path("four"), 3).error().step, Step::kTooLarge);
  write("empty", "");
  EXPECT_TRUE(read_file(path("empty"), 4)->empty());
}

TEST_F(ReadFile, NamesAMissingFile) {
  const auto read = read_file(path("none"), 4);
  EXPECT_EQ(read.error().step, Step::kOpen);
  EXPECT_EQ(read.error().os_errno, ENOENT);
}

TEST_F(ReadFile, RefusesWhatIsNoRegularFileWithoutBlocking) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  EXPECT_EQ(read_file(path("fifo"), 4).error().step, Step::kNotRegular);
  EXPECT_EQ(read_file("/dev/zero", 4).error().step, Step::kNotRegular);
  EXPECT_EQ(read_file(path(""), 4).error().step, Step::kNotRegular);
}

}  // namespace
}  // namespace mimobox::base
