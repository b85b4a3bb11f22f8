#ifndef MIMOBOX_FUZZ_SUPPORT_CANARY_TREE_H_
#define MIMOBOX_FUZZ_SUPPORT_CANARY_TREE_H_

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace mimobox::fuzz {

/// Ends the process with a message, so that a fuzzer keeps the input.
inline void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

/// A folder "grant" and, beside it and above it, files that nothing may ever touch. It lies in a
/// folder of its own, some levels deep, in memory where the host has that.
class CanaryTree {
 public:
  CanaryTree() {
    const char* const memory = "/dev/shm";
    std::string pattern = ::access(memory, W_OK) == 0
                              ? std::string(memory)
                              : std::filesystem::temp_directory_path().native();
    pattern += "/mimobox-fuzz-XXXXXX";
    require(::mkdtemp(pattern.data()) != nullptr, "no temporary folder");
    top_ = pattern;
    root_ = top_ + "/1/2/3";
    std::filesystem::create_directories(root_ + "/grant");
    std::filesystem::create_directories(root_ + "/other");
    for (const std::string& name : {root_ + "/canary", root_ + "/other/canary", top_ + "/canary"})
      std::ofstream(name) << kSong;
    note(root_ + "/canary", canary_);
    note(root_, folder_);
  }
  CanaryTree(const CanaryTree&) = delete;
  CanaryTree& operator=(const CanaryTree&) = delete;
  ~CanaryTree() {
    std::error_code ignored;
    std::filesystem::remove_all(top_, ignored);
  }

  [[nodiscard]] std::string grant() const { return root_ + "/grant"; }
  [[nodiscard]] std::string outside() const { return root_; }

  /// Empties the grant.
  void clear() const {
    for (const auto& entry : std::filesystem::directory_iterator(grant()))
      std::filesystem::remove_all(entry.path());
  }

  /// Whether an inode is one outside the grant.
  [[nodiscard]] bool is_outside(const struct stat& status) const {
    return (status.st_ino == canary_.st_ino && status.st_dev == canary_.st_dev) ||
           (status.st_ino == folder_.st_ino && status.st_dev == folder_.st_dev);
  }

  /// Ends the process when a canary or the folders around them are not as they were.
  void check() const {
    struct stat now{};
    note(root_ + "/canary", now);
    require(same(now, canary_), "the canary was changed");
    note(root_, now);
    require(same(now, folder_), "the folder of the canary was changed");
    for (const std::string& name : {root_ + "/canary", root_ + "/other/canary", top_ + "/canary"}) {
      std::ifstream file(name);
      const std::string text{std::istreambuf_iterator<char>(file), {}};
      require(text == kSong, "the canary's text was changed");
    }
  }

 private:
  static constexpr const char* kSong = "the canary sings";

  static void note(const std::string& name, struct stat& status) {
    require(::lstat(name.c_str(), &status) == 0, "the canary is gone");
  }
  static bool same(const struct stat& a, const struct stat& b) {
    return a.st_ino == b.st_ino && a.st_nlink == b.st_nlink && a.st_size == b.st_size &&
           a.st_mode == b.st_mode && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
           a.st_mtim.tv_nsec == b.st_mtim.tv_nsec && a.st_ctim.tv_sec == b.st_ctim.tv_sec &&
           a.st_ctim.tv_nsec == b.st_ctim.tv_nsec;
  }

  std::string top_;
  std::string root_;
  struct stat canary_{};
  struct stat folder_{};
};

}  // namespace mimobox::fuzz

#endif  // MIMOBOX_FUZZ_SUPPORT_CANARY_TREE_H_
