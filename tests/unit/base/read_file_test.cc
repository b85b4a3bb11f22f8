#include "base/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <expected>
#include <filesystem>
#include <fstream>
#include <optional>
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
  [[nodiscard]] std::expected<FileContents, ReadFileError> read(const std::string& name,
                                                                std::uint64_t max_bytes) const {
    const auto opened = open_regular_file(path(name));
    if (!opened) return std::unexpected(opened.error());
    return read_contents(opened->fd.get(), max_bytes);
  }

 private:
  std::filesystem::path folder_;
};

TEST_F(ReadFile, GivesAllBytesUpToTheLimitAndNoneAbove) {
  write("four", "1234");
  EXPECT_EQ(read("four", 4)->bytes.size(), 4U);
  EXPECT_EQ(read("four", 3).error().step, Step::kTooLarge);
  write("empty", "");
  EXPECT_TRUE(read("empty", 4)->bytes.empty());
}

TEST_F(ReadFile, GivesAFingerprintOnceTheFileHasSettled) {
  write("young", "1234");
  EXPECT_EQ(read("young", 4)->fingerprint, std::nullopt);
  // A program can set the time of the modification, not that of the inode's change.
  const timespec long_ago[2] = {{.tv_sec = 1, .tv_nsec = 0}, {.tv_sec = 1, .tv_nsec = 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path("young").c_str(), long_ago, 0), 0);
  EXPECT_EQ(read("young", 4)->fingerprint, std::nullopt);

  const auto old = open_regular_file("/proc/self/exe");
  ASSERT_TRUE(old.has_value());
  const auto contents = read_contents(old->fd.get(), 1ULL << 30);
  if (old->fingerprint.settled(file_clock_ns())) {
    EXPECT_EQ(contents->fingerprint, old->fingerprint);
  }
}

TEST(FileFingerprint, IsSettledTwoSecondsAfterTheLastChange) {
  const FileFingerprint file{.modified_ns = 5'000'000'000, .changed_ns = 7'000'000'000};
  EXPECT_FALSE(file.settled(7'000'000'000));
  EXPECT_FALSE(file.settled(9'000'000'000));
  EXPECT_TRUE(file.settled(9'000'000'001));
  EXPECT_FALSE(FileFingerprint{.modified_ns = INT64_MAX}.settled(INT64_MAX));
}

TEST_F(ReadFile, NamesAMissingFile) {
  const auto opened = open_regular_file(path("none"));
  EXPECT_EQ(opened.error().step, Step::kOpen);
  EXPECT_EQ(opened.error().os_errno, ENOENT);
}

TEST_F(ReadFile, RefusesWhatIsNoRegularFileWithoutBlocking) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  EXPECT_EQ(open_regular_file(path("fifo")).error().step, Step::kNotRegular);
  EXPECT_EQ(open_regular_file("/dev/zero").error().step, Step::kNotRegular);
  EXPECT_EQ(open_regular_file(path("")).error().step, Step::kNotRegular);
}

}  // namespace
}  // namespace mimobox::base
