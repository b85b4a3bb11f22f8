#ifndef MIMOBOX_TESTS_UNIT_CACHE_TEMPORARY_FOLDER_H_
#define MIMOBOX_TESTS_UNIT_CACHE_TEMPORARY_FOLDER_H_

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/unique_fd.h"
#include "cache/disk_cache.h"
#include "cache/key.h"

namespace mimobox::cache {

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// A folder of this user's alone.
class TemporaryFolder : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "mimobox_cache_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  [[nodiscard]] std::string path(std::string_view name = "cache") const { return root_ / name; }

  static void write(const std::filesystem::path& file, std::string_view text) {
    std::ofstream(file, std::ios::binary) << text;
  }
  static std::string read(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  /// The files of a cache whose names end so.
  [[nodiscard]] std::vector<std::filesystem::path> files(std::string_view suffix) const {
    std::vector<std::filesystem::path> found;
    for (const auto& item : std::filesystem::recursive_directory_iterator(path())) {
      if (item.path().native().ends_with(suffix)) found.push_back(item.path());
    }
    std::ranges::sort(found);
    return found;
  }
  [[nodiscard]] std::unique_ptr<DiskCache> open(std::string fleet_key = "",
                                                std::uint64_t max_bytes = 1ULL << 30) const {
    DiskSettings settings;
    settings.folder = path();
    settings.max_bytes = max_bytes;
    settings.fleet_key = std::move(fleet_key);
    auto opened = DiskCache::open(settings);
    EXPECT_TRUE(opened.has_value()) << opened.error().why;
    return std::move(*opened);
  }
  [[nodiscard]] static std::shared_ptr<const CodeStore> store(DiskCache& cache,
                                                              std::string_view settings = "s") {
    return cache.store(code_key(bytes_of(settings), cache.rules().seal)).value_or(nullptr);
  }
  static Digest module(std::string_view name) { return base::sha256(bytes_of(name)); }

 private:
  std::filesystem::path root_;
};

}  // namespace mimobox::cache

#endif  // MIMOBOX_TESTS_UNIT_CACHE_TEMPORARY_FOLDER_H_
