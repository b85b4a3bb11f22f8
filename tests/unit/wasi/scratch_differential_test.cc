#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "base/unique_fd.h"
#include "tests/unit/wasi/posix_model.h"
#include "tests/unit/wasi/scratch_fixture.h"
#include "wasi/scratch_directory.h"
#include "wasi/scratch_file.h"
#include "wasi/scratch_tree.h"

// The same random calls on a scratch and, as plain system calls, on a directory of the host: each
// must answer the same, and the trees must be the same all along.

namespace mimobox::wasi {
namespace {

using file_testing::PosixDirectory;
using file_testing::Scratch;
using file_testing::TreeText;

struct FilePair {
  ScratchFile ours;
  base::UniqueFd theirs;
};

struct DirectoryPair {
  ScratchDirectory ours;
  PosixDirectory theirs;
};

TreeText text_of(const ScratchTree& tree) {
  TreeText text;
  tree.for_each([&](const ScratchItem& item) {
    std::string content(item.target);
    if (item.content != nullptr) content.assign(item.stat.size, '\0');
    if (item.content != nullptr) item.content->read(0, std::as_writable_bytes(std::span(content)));
    text[std::string(item.path)] = file_testing::describe(item.stat.type, item.stat.links, content);
    return true;
  });
  return text;
}

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = std::filesystem::temp_directory_path() / "mimobox-scratch-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] PosixDirectory open() const {
    return PosixDirectory(
        base::UniqueFd(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
  }

 private:
  std::filesystem::path path_;
};

class Differential {
 public:
  explicit Differential(std::uint32_t seed) : random_(seed) {
    directories_.push_back({ScratchDirectory::root(*scratch_.tree), host_.open()});
  }

  /// One call on both; what it was, with both answers.
  void step();
  void compare_trees() { EXPECT_EQ(text_of(*scratch_.tree), directories_.front().theirs.tree()); }
  [[nodiscard]] const std::string& log() const { return log_; }

 private:
  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }
  bool chance(std::uint32_t percent) { return below(100) < percent; }
  DirectoryPair& any_directory() {
    return directories_[chance(60) ? 0 : below(size(directories_))];
  }
  template <class T>
  static std::uint32_t size(const std::vector<T>& all) {
    return static_cast<std::uint32_t>(all.size());
  }

  std::string path();
  void expect(const std::string& call, Errno ours, Errno theirs) {
    log_ += call + " " + std::to_string(static_cast<int>(ours)) + "\n";
    EXPECT_EQ(static_cast<int>(ours), static_cast<int>(theirs)) << log_;
  }
  template <class A, class B>
  bool expect(const std::string& call, const Answer<A>& ours, const Answer<B>& theirs) {
    expect(call, ours ? Errno::kSuccess : ours.error(), theirs ? Errno::kSuccess : theirs.error());
    return ours && theirs;
  }

  void open();
  void stat();
  void readlink();
  void link_or_rename(bool link);
  void use_file(FilePair& file);
  void list();

  std::mt19937 random_;
  Scratch scratch_;
  TemporaryDirectory host_;
  std::vector<DirectoryPair> directories_;
  std::vector<FilePair> files_;
  std::string log_;
};

std::string Differential::path() {
  static const std::array<std::string, 4> kNames = {"a", "b", "c", "d"};
  std::string path;
  const std::uint32_t count = 1 + std::min({below(4), below(4), below(4)});
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!path.empty()) path += chance(5) ? "//" : "/";
    const std::uint32_t kind = below(100);
    path += kind < 5 ? "." : kind < 10 ? ".." : kNames[below(4)];
  }
  if (chance(1)) path = std::string(254 + below(2), 'x');
  if (chance(10)) path += chance(20) ? "//" : "/";
  if (chance(1)) path.insert(0, "/");
  if (chance(1)) path.insert(0, std::string(4090, '/').replace(0, 1, "."));
  if (chance(1)) path.clear();
  return path;
}

void Differential::open() {
  DirectoryPair& in = any_directory();
  const std::string name = path();
  const bool read = chance(60);
  OpenOptions options{.follow = chance(60),
                      .create = chance(50),
                      .directory = chance(15),
                      .exclusive = chance(20),
                      .truncate = chance(20),
                      .read = read,
                      .write = !read || chance(40),
                      .flags = {.append = chance(20)}};
  auto ours = in.ours.open(name, options);
  auto theirs = in.theirs.open(name, options);
  std::string call =
      "open " + name + (options.follow ? " follow" : "") + (options.create ? " create" : "");
  call += options.directory ? " directory" : "";
  call += options.exclusive ? " exclusive" : "";
  call += options.truncate ? " truncate" : "";
  call += options.write ? " write" : "";
  if (!expect(call, ours, theirs)) return;
  if (auto* file = std::get_if<ScratchFile>(&*ours)) {
    FilePair pair{std::move(*file), std::move(*theirs)};
    if (files_.size() < 8)
      files_.push_back(std::move(pair));
    else
      files_[below(8)] = std::move(pair);
    return;
  }
  DirectoryPair pair{std::get<ScratchDirectory>(std::move(*ours)),
                     PosixDirectory(std::move(*theirs))};
  if (directories_.size() < 6)
    directories_.push_back(std::move(pair));
  else
    directories_[1 + below(5)] = std::move(pair);
}

void Differential::stat() {
  DirectoryPair& in = any_directory();
  const std::string name = path();
  const bool follow = chance(50);
  const auto ours = in.ours.stat(name, follow);
  const auto theirs = in.theirs.stat(name, follow);
  if (!expect("stat " + name, ours, theirs)) return;
  EXPECT_EQ(ours->type, theirs->type) << log_;
  if (ours->type == Filetype::kDirectory) return;
  EXPECT_EQ(ours->size, theirs->size) << log_;
  EXPECT_EQ(ours->links, theirs->links) << log_;
}

void Differential::readlink() {
  DirectoryPair& in = any_directory();
  const std::string name = path();
  std::string target(5000, '?');
  const auto ours = in.ours.readlink(name, std::as_writable_bytes(std::span(target)));
  const auto theirs = in.theirs.readlink(name);
  if (!expect("readlink " + name, ours, theirs)) return;
  EXPECT_EQ(target.substr(0, *ours), *theirs) << log_;
}

void Differential::link_or_rename(bool link) {
  DirectoryPair& from = any_directory();
  DirectoryPair& to = any_directory();
  const std::string old_path = path();
  const std::string new_path = path();
  if (link) {
    const Errno ours = ScratchDirectory::link(from.ours, old_path, to.ours, new_path);
    const Errno theirs = PosixDirectory::link(from.theirs, old_path, to.theirs, new_path);
    return expect("link " + old_path + " " + new_path, ours, theirs);
  }
  const Errno ours = ScratchDirectory::rename(from.ours, old_path, to.ours, new_path);
  const Errno theirs = PosixDirectory::rename(from.theirs, old_path, to.theirs, new_path);
  expect("rename " + old_path + " " + new_path, ours, theirs);
}

void Differential::list() {
  DirectoryPair& in = any_directory();
  std::set<std::string> names;
  const Errno ours = in.ours.list(0, [&](const DirectoryEntry& entry) {
    EXPECT_TRUE(names.insert(std::string(entry.name)).second);
    return true;
  });
  const auto theirs = in.theirs.list();
  expect("list", ours, theirs ? Errno::kSuccess : theirs.error());
  if (theirs) {
    EXPECT_EQ(names, *theirs) << log_;
  }
}

void Differential::use_file(FilePair& file) {
  const int fd = file.theirs.get();
  std::string bytes(chance(50) ? below(100) : below(40'000), static_cast<char>('A' + below(26)));
  std::string same = bytes;
  const std::uint64_t offset = chance(50) ? below(100) : below(200'000);
  const auto host_offset = static_cast<off_t>(offset);
  const auto host = [](ssize_t count) -> Answer<std::size_t> {
    if (count < 0) return std::unexpected(file_testing::last_errno());
    return static_cast<std::size_t>(count);
  };
  const auto compare = [&](const char* call, const Answer<std::size_t>& ours,
                           const Answer<std::size_t>& theirs) {
    if (expect(call, ours, theirs)) {
      EXPECT_EQ(*ours, *theirs) << log_;
    }
    EXPECT_EQ(bytes, same) << log_;
  };
  const iovec buffer = file_testing::buffer_of(bytes);
  switch (below(7)) {
    case 0:
      return compare("read", file.ours.read({&buffer, 1}),
                     host(::read(fd, same.data(), same.size())));
    case 1:
      return compare("pread", file.ours.pread({&buffer, 1}, offset),
                     host(::pread(fd, same.data(), same.size(), host_offset)));
    case 2:
      return compare("write", file.ours.write({&buffer, 1}),
                     host(::write(fd, same.data(), same.size())));
    case 3: {
      // Linux's pwrite appends in append mode; POSIX and ours do not.
      const int flags = ::fcntl(fd, F_GETFL);
      ::fcntl(fd, F_SETFL, flags & ~O_APPEND);
      const auto theirs = host(::pwrite(fd, same.data(), same.size(), host_offset));
      ::fcntl(fd, F_SETFL, flags);
      return compare("pwrite", file.ours.pwrite({&buffer, 1}, offset), theirs);
    }
    case 4: {
      const Whence whence = std::array{Whence::kSet, Whence::kCurrent, Whence::kEnd}[below(3)];
      const std::int64_t by = static_cast<std::int64_t>(offset) - 50;
      const int host_whence =
          std::array{SEEK_SET, SEEK_CUR, SEEK_END}[static_cast<std::size_t>(whence)];
      return compare("seek", file.ours.seek(by, whence), host(::lseek(fd, by, host_whence)));
    }
    case 5:
      return expect(
          "set_size", file.ours.set_size(offset),
          ::ftruncate(fd, host_offset) == 0 ? Errno::kSuccess : file_testing::last_errno());
    default: {
      const std::uint64_t length = below(30'000);
      const Errno theirs = ::fallocate(fd, 0, host_offset, static_cast<off_t>(length)) == 0
                               ? Errno::kSuccess
                               : file_testing::last_errno();
      return expect("allocate", file.ours.allocate(offset, length), theirs);
    }
  }
}

void Differential::step() {
  DirectoryPair& in = any_directory();
  const std::string name = path();
  switch (below(12)) {
    case 0:
    case 1:
      return open();
    case 2:
      return stat();
    case 3:
      return expect("mkdir " + name, in.ours.create_directory(name),
                    in.theirs.create_directory(name));
    case 4:
      if (chance(50)) return;
      return expect("rmdir " + name, in.ours.remove_directory(name),
                    in.theirs.remove_directory(name));
    case 5:
      return expect("unlink " + name, in.ours.unlink_file(name), in.theirs.unlink_file(name));
    case 6: {
      const std::string target = path();
      return expect("symlink " + target + " " + name, in.ours.symlink(target, name),
                    in.theirs.symlink(target, name));
    }
    case 7:
      return readlink();
    case 8:
      return link_or_rename(true);
    case 9:
      return link_or_rename(false);
    case 10:
      return list();
    default:
      if (!files_.empty()) use_file(files_[below(size(files_))]);
  }
}

class ScratchDifferential : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(ScratchDifferential, AnswersAsTheHost) {
  if (!file_testing::has_openat2()) GTEST_SKIP() << "the model resolves paths with openat2";
  for (std::uint32_t round = 0; round < 20; ++round) {
    Differential both(GetParam() * 1000 + round);
    for (int i = 0; i < 400 && !HasFailure(); ++i) {
      both.step();
      if (i % 20 == 0) both.compare_trees();
    }
    both.compare_trees();
    ASSERT_FALSE(HasFailure()) << both.log();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ScratchDifferential, ::testing::Range(0U, 4U));

}  // namespace
}  // namespace mimobox::wasi
