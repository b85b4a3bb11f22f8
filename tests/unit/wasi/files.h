#ifndef MIMOBOX_TESTS_UNIT_WASI_FILES_H_
#define MIMOBOX_TESTS_UNIT_WASI_FILES_H_

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/wasi/fakes.h"
#include "wasi/host_mount.h"
#include "wasi/rights.h"
#include "wasi/scratch_directory.h"
#include "wasi/scratch_file.h"
#include "wasi/scratch_tree.h"

namespace mimobox::wasi::testing {

/// A folder of the host that is gone after the test. Paths are relative to it.
///
/// It lies some levels deep in a folder of its own, so that a `..` chain which escapes because of a
/// bug stays in that. Tests of attacks aim at files of this tree only, never at the machine's: the
/// day that containment breaks, the test fails and nothing else does.
class TempTree {
 public:
  TempTree() {
    std::string pattern = std::filesystem::temp_directory_path() / "mimobox-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    top_ = pattern;
    root_ = top_ + "/1/2/3/4";
    std::filesystem::create_directories(root_);
  }
  TempTree(const TempTree&) = delete;
  TempTree& operator=(const TempTree&) = delete;
  ~TempTree() {
    std::error_code ignored;
    std::filesystem::remove_all(top_, ignored);
  }

  [[nodiscard]] std::string path(std::string_view name) const {
    return root_ + "/" + std::string(name);
  }
  void folder(std::string_view name) const { std::filesystem::create_directories(path(name)); }
  void file(std::string_view name, std::string_view content = "") const {
    std::ofstream(path(name), std::ios::binary) << content;
  }
  void link(std::string_view name, std::string_view target) const {
    std::filesystem::create_symlink(target, path(name));
  }
  void fifo(std::string_view name) const { ASSERT_EQ(::mkfifo(path(name).c_str(), 0600), 0); }

  [[nodiscard]] std::string content(std::string_view name) const {
    std::ifstream in(path(name), std::ios::binary);
    if (!in) return "(cannot be read)";
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] bool exists(std::string_view name) const {
    struct stat status{};
    return ::lstat(path(name).c_str(), &status) == 0;
  }
  [[nodiscard]] struct stat status(std::string_view name) const {
    struct stat status{};
    EXPECT_EQ(::lstat(path(name).c_str(), &status), 0) << name;
    return status;
  }

 private:
  std::string top_;
  std::string root_;
};

/// What a guest is granted: a host's directory, resolved in one of the two ways, or a scratch.
enum class GrantKind : std::uint8_t { kOpenat2, kWalk, kScratch };

inline const char* name_of(GrantKind kind) {
  switch (kind) {
    case GrantKind::kOpenat2:
      return "Openat2";
    case GrantKind::kWalk:
      return "Walk";
    case GrantKind::kScratch:
      return "Scratch";
  }
  return "";
}

/// A folder of the host whose "grant/" is in a scratch if there is one: tests prepare and look at
/// what the guest sees by the same names, whatever the kind.
class GuestTree : public TempTree {
 public:
  ScratchTree* scratch = nullptr;

  void folder(std::string_view name) const {
    if (!inside(name)) return TempTree::folder(name);
    ASSERT_EQ(scratch->add_directory(below(name)), Errno::kSuccess);
  }
  void file(std::string_view name, std::string_view content = "") const {
    if (!inside(name)) return TempTree::file(name, content);
    auto root = ScratchDirectory::root(*scratch);
    auto opened = root.open(below(name), {.follow = true,
                                          .create = true,
                                          .truncate = true,
                                          .read = true,
                                          .write = true,
                                          .flags = {}});
    ASSERT_TRUE(opened.has_value()) << name;
    const ::iovec buffer{.iov_base = const_cast<char*>(content.data()), .iov_len = content.size()};
    ASSERT_EQ(std::get<ScratchFile>(*opened).write({&buffer, 1}), content.size());
  }
  void link(std::string_view name, std::string_view target) const {
    if (!inside(name)) return TempTree::link(name, target);
    auto root = ScratchDirectory::root(*scratch);
    ASSERT_EQ(root.symlink(target, below(name)), Errno::kSuccess);
  }
  void hard_link(std::string_view from, std::string_view to) const {
    if (!inside(from)) return std::filesystem::create_hard_link(path(from), path(to));
    auto root = ScratchDirectory::root(*scratch);
    ASSERT_EQ(ScratchDirectory::link(root, below(from), root, below(to)), Errno::kSuccess);
  }
  [[nodiscard]] std::string target(std::string_view name) const {
    if (!inside(name)) return std::filesystem::read_symlink(path(name));
    std::string text(4096, '?');
    const auto length = ScratchDirectory::root(*scratch).readlink(
        below(name), std::as_writable_bytes(std::span(text)));
    EXPECT_TRUE(length.has_value()) << name;
    return length ? text.substr(0, *length) : "";
  }
  [[nodiscard]] std::string content(std::string_view name) const {
    if (!inside(name)) return TempTree::content(name);
    auto root = ScratchDirectory::root(*scratch);
    auto opened = root.open(below(name), {.follow = true, .read = true, .flags = {}});
    if (!opened || !std::holds_alternative<ScratchFile>(*opened)) return "(cannot be read)";
    auto& file = std::get<ScratchFile>(*opened);
    std::string text(file.stat()->size, '?');
    const ::iovec buffer{.iov_base = text.data(), .iov_len = text.size()};
    EXPECT_EQ(file.read({&buffer, 1}), text.size());
    return text;
  }
  [[nodiscard]] bool exists(std::string_view name) const {
    if (!inside(name)) return TempTree::exists(name);
    return ScratchDirectory::root(*scratch).stat(below(name), false).has_value();
  }
  [[nodiscard]] struct stat status(std::string_view name) const {
    if (!inside(name)) return TempTree::status(name);
    struct stat status{};
    const auto found = ScratchDirectory::root(*scratch).stat(below(name), false);
    EXPECT_TRUE(found.has_value()) << name;
    if (!found) return status;
    const auto to_timespec = [](std::uint64_t ns) {
      return timespec{.tv_sec = static_cast<time_t>(ns / 1'000'000'000),
                      .tv_nsec = static_cast<long>(ns % 1'000'000'000)};
    };
    status.st_mode = found->type == Filetype::kDirectory      ? S_IFDIR
                     : found->type == Filetype::kSymbolicLink ? S_IFLNK
                                                              : S_IFREG;
    status.st_ino = found->inode;
    status.st_nlink = found->links;
    status.st_size = static_cast<off_t>(found->size);
    status.st_atim = to_timespec(found->atim);
    status.st_mtim = to_timespec(found->mtim);
    status.st_ctim = to_timespec(found->ctim);
    return status;
  }

 private:
  [[nodiscard]] bool inside(std::string_view name) const {
    return scratch != nullptr && (name == "grant" || name.starts_with("grant/"));
  }
  [[nodiscard]] static std::string_view below(std::string_view name) {
    return name == "grant" ? "." : name.substr(6);
  }
};

/// How many descriptors this process has open.
inline std::size_t open_descriptors() {
  const auto entries = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

inline constexpr std::uint32_t kCreat = 1;
inline constexpr std::uint32_t kDirectoryFlag = 2;
inline constexpr std::uint32_t kExcl = 4;
inline constexpr std::uint32_t kTrunc = 8;
inline constexpr std::uint32_t kFollowFlag = 1;
inline constexpr std::uint32_t kAppendFlag = 1;

inline constexpr std::uint64_t kReadOnly = kFileRights & ~kRightFdWrite;

/// What a path is opened with; by default all that a file can have.
struct How {
  std::uint32_t oflags = 0;
  std::uint64_t rights = kFileRights;
  std::uint64_t inheriting = 0;
  std::uint32_t fdflags = 0;
  std::uint32_t dirflags = 0;
};
/// As C libraries open a directory.
inline constexpr How kAsDirectory{
    .oflags = kDirectoryFlag, .rights = kDirectoryRights, .inheriting = kInheritedRights};

struct Opened {
  Errno error = Errno::kSuccess;
  std::uint32_t fd = 0;
};

/// A guest that is granted the folder "grant" of a tree as number 3, beside which lies the file
/// "canary". Paths and buffers stand at fixed places of its memory.
struct FilesGuest : Fixture {
  static constexpr std::uint32_t kGrant = 3;
  static constexpr std::uint32_t kResultAt = 8;
  static constexpr std::uint32_t kIovecAt = 16;
  static constexpr std::uint32_t kPathAt = 1'024;
  static constexpr std::uint32_t kOtherPathAt = 8'192;
  static constexpr std::uint32_t kDataAt = 16'384;

  explicit FilesGuest(const HostMountOptions& options = {}) : Fixture(65'536) {
    tree.folder("grant");
    tree.file("canary", "the canary sings");
    mount("grant", "/", options);
  }
  explicit FilesGuest(GrantKind kind, bool read_only = false, std::size_t memory_bytes = 65'536)
      : Fixture(memory_bytes) {
    clock.realtime = 1'700'000'000'000'000'000;
    tree.folder("grant");
    tree.file("canary", "the canary sings");
    if (kind == GrantKind::kScratch) {
      scratch = ScratchTree::create({.bytes = 256U << 20, .files = 100'000}, clock);
      tree.scratch = scratch.get();
      grants.push_back(ScratchGrant{"/", scratch.get(), read_only});
    } else {
      mount("grant", "/", {.read_only = read_only, .without_openat2 = kind == GrantKind::kWalk});
    }
  }
  ~FilesGuest() { end_host(); }  // before the scratch that it borrows

  GuestTree tree;
  std::unique_ptr<ScratchTree> scratch;

  void mount(std::string_view name, const std::string& guest_path,
             const HostMountOptions& options = {}) {
    auto opened = HostMount::open(tree.path(name), guest_path, options);
    ASSERT_TRUE(opened.has_value()) << name;
    mount(std::move(*opened));
  }
  void mount(HostMount opened) { mounts.push_back(std::move(opened)); }

  Opened open(std::string_view path, const How& how = {}, std::uint32_t dir = kGrant) {
    put(kPathAt, path);
    const Answer answer = call("path_open", {dir, how.dirflags, kPathAt, path.size(), how.oflags,
                                             how.rights, how.inheriting, how.fdflags, kResultAt});
    if (answer.error != Errno::kSuccess) return {answer.error, 0};
    return {Errno::kSuccess, result()};
  }
  /// The number of something that can be opened.
  std::uint32_t must_open(std::string_view path, const How& how = {}, std::uint32_t dir = kGrant) {
    const Opened opened = open(path, how, dir);
    EXPECT_EQ(opened.error, Errno::kSuccess) << path;
    return opened.fd;
  }
  Errno close(std::uint32_t fd) { return call("fd_close", {fd}).error; }

  /// A function of one path, as mkdir, rmdir and unlink are.
  Errno on_path(std::string_view name, std::string_view path, std::uint32_t dir = kGrant) {
    put(kPathAt, path);
    return call(name, {dir, kPathAt, path.size()}).error;
  }
  Errno mkdir(std::string_view path, std::uint32_t dir = kGrant) {
    return on_path("path_create_directory", path, dir);
  }
  Errno rmdir(std::string_view path, std::uint32_t dir = kGrant) {
    return on_path("path_remove_directory", path, dir);
  }
  Errno unlink(std::string_view path, std::uint32_t dir = kGrant) {
    return on_path("path_unlink_file", path, dir);
  }
  Errno symlink(std::string_view target, std::string_view path, std::uint32_t dir = kGrant) {
    put(kPathAt, target);
    put(kOtherPathAt, path);
    return call("path_symlink", {kPathAt, target.size(), dir, kOtherPathAt, path.size()}).error;
  }
  Errno link(std::string_view from, std::string_view to, std::uint32_t from_dir = kGrant,
             std::uint32_t to_dir = kGrant, std::uint32_t flags = 0) {
    put(kPathAt, from);
    put(kOtherPathAt, to);
    return call("path_link",
                {from_dir, flags, kPathAt, from.size(), to_dir, kOtherPathAt, to.size()})
        .error;
  }
  Errno rename(std::string_view from, std::string_view to, std::uint32_t from_dir = kGrant,
               std::uint32_t to_dir = kGrant) {
    put(kPathAt, from);
    put(kOtherPathAt, to);
    return call("path_rename", {from_dir, kPathAt, from.size(), to_dir, kOtherPathAt, to.size()})
        .error;
  }
  /// The 64 bytes of filestat are at kDataAt afterwards.
  Errno stat(std::string_view path, bool follow = false, std::uint32_t dir = kGrant) {
    put(kPathAt, path);
    return call("path_filestat_get", {dir, follow ? kFollowFlag : 0, kPathAt, path.size(), kDataAt})
        .error;
  }
  Errno set_times(std::string_view path, std::uint64_t seconds, bool follow = false,
                  std::uint32_t dir = kGrant) {
    put(kPathAt, path);
    const std::uint64_t ns = seconds * 1'000'000'000;
    return call("path_filestat_set_times",
                {dir, follow ? kFollowFlag : 0, kPathAt, path.size(), ns, ns, 1 | 4})
        .error;
  }
  Errno readlink(std::string_view path, std::string& target, std::uint32_t dir = kGrant) {
    put(kPathAt, path);
    const Errno answer =
        call("path_readlink", {dir, kPathAt, path.size(), kDataAt, 4096, kResultAt}).error;
    if (answer == Errno::kSuccess) target = memory().substr(kDataAt, result());
    return answer;
  }

  Errno write(std::uint32_t fd, std::string_view data) {
    put(kDataAt, data);
    put(kIovecAt, iovec(kDataAt, static_cast<std::uint32_t>(data.size())));
    return call("fd_write", {fd, kIovecAt, 1, kResultAt}).error;
  }
  Errno pwrite(std::uint32_t fd, std::string_view data, std::uint64_t offset) {
    put(kDataAt, data);
    put(kIovecAt, iovec(kDataAt, static_cast<std::uint32_t>(data.size())));
    return call("fd_pwrite", {fd, kIovecAt, 1, offset, kResultAt}).error;
  }
  Errno read(std::uint32_t fd, std::string& data, std::uint32_t size = 4096) {
    put(kIovecAt, iovec(kDataAt, size));
    const Errno answer = call("fd_read", {fd, kIovecAt, 1, kResultAt}).error;
    if (answer == Errno::kSuccess) data = memory().substr(kDataAt, result());
    return answer;
  }
  /// What a path's file holds, read by the guest.
  std::string read_file(std::string_view path) {
    const Opened opened = open(path, {.rights = kReadOnly});
    if (opened.error != Errno::kSuccess) {
      return "(errno " + std::to_string(static_cast<int>(opened.error)) + ")";
    }
    std::string data;
    EXPECT_EQ(read(opened.fd, data), Errno::kSuccess);
    EXPECT_EQ(close(opened.fd), Errno::kSuccess);
    return data;
  }

  /// The u32 or u64 that the last call wrote as its result.
  [[nodiscard]] std::uint32_t result() {
    return *GuestMemory(span()).read<std::uint32_t>(kResultAt);
  }
  [[nodiscard]] std::uint64_t result64() {
    return *GuestMemory(span()).read<std::uint64_t>(kResultAt);
  }
  /// A field of the filestat that the last call wrote.
  [[nodiscard]] std::uint64_t stat_field(std::uint32_t at) {
    return *GuestMemory(span()).read<std::uint64_t>(kDataAt + at);
  }
  [[nodiscard]] std::uint64_t stat_inode() { return stat_field(8); }
  [[nodiscard]] Filetype stat_type() { return static_cast<Filetype>(stat_field(16) & 0xFFU); }
  [[nodiscard]] std::uint64_t stat_links() { return stat_field(24); }
  [[nodiscard]] std::uint64_t stat_size() { return stat_field(32); }
  [[nodiscard]] std::uint64_t stat_mtim() { return stat_field(48); }
};

/// Both ways of resolving paths: `GetParam()` is without openat2.
class BothWays : public ::testing::TestWithParam<bool> {
 protected:
  FilesGuest guest{HostMountOptions{.without_openat2 = GetParam()}};
  TempTree& tree = guest.tree;
};

inline std::string way_name(const ::testing::TestParamInfo<bool>& info) {
  return info.param ? "Walk" : "Openat2";
}

/// All kinds of grants, where they answer alike.
class EveryKind : public ::testing::TestWithParam<GrantKind> {
 protected:
  FilesGuest guest{GetParam()};
  GuestTree& tree = guest.tree;

  [[nodiscard]] static bool is_scratch() { return GetParam() == GrantKind::kScratch; }
};

inline const auto kEveryKind =
    ::testing::Values(GrantKind::kOpenat2, GrantKind::kWalk, GrantKind::kScratch);

inline std::string kind_name(const ::testing::TestParamInfo<GrantKind>& info) {
  return name_of(info.param);
}

/// Two times 1970 + seconds as the host's stat has them.
inline void expect_canary_untouched(const TempTree& tree, const struct stat& before) {
  const struct stat now = tree.status("canary");
  EXPECT_EQ(tree.content("canary"), "the canary sings");
  EXPECT_EQ(now.st_ino, before.st_ino);
  EXPECT_EQ(now.st_nlink, before.st_nlink);
  EXPECT_EQ(now.st_size, before.st_size);
  EXPECT_EQ(now.st_mtim.tv_sec, before.st_mtim.tv_sec);
  EXPECT_EQ(now.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
  EXPECT_EQ(now.st_ctim.tv_sec, before.st_ctim.tv_sec);
  EXPECT_EQ(now.st_ctim.tv_nsec, before.st_ctim.tv_nsec);
}

}  // namespace mimobox::wasi::testing

#endif  // MIMOBOX_TESTS_UNIT_WASI_FILES_H_
