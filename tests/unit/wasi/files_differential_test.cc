#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/wasi/files.h"
#include "tests/unit/wasi/posix_model.h"

// One random sequence of calls of preview 1, through the table of functions, on a host directory
// (resolved in both ways), on a scratch and on a plain POSIX model: the same answers, the same
// tree. A failure prints the calls up to it; the seed is the parameter's number.

namespace mimobox::wasi {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the fixture's names
using file_testing::PosixDirectory;
using file_testing::TreeText;

/// What a call answers: the errno, and of its results what is the same on all file systems.
struct Outcome {
  Errno error = Errno::kSuccess;
  std::string result;

  friend bool operator==(const Outcome&, const Outcome&) = default;
  friend void PrintTo(const Outcome& outcome, std::ostream* out) {
    *out << "errno " << static_cast<int>(outcome.error) << " result "
         << outcome.result.substr(0, 60);
  }
};

Outcome fails(Errno error) {
  return {error, ""};
}

std::string describe_stat(Filetype type, std::uint64_t links, std::uint64_t size) {
  const std::string kind = std::to_string(static_cast<int>(type));
  if (type == Filetype::kDirectory)
    return kind;  // file systems count and measure these as they like
  return kind + " " + std::to_string(links) + " " + std::to_string(size);
}

TreeText tree_of(const ScratchTree& tree) {
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

PosixDirectory open_root(const TempTree& tree) {
  return PosixDirectory(
      base::UniqueFd(::open(tree.path("grant").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
}

/// A guest whose answers are compared.
class Party {
 public:
  explicit Party(GrantKind kind) : guest_(kind), kind_(kind) {}

  FilesGuest& guest() { return guest_; }
  [[nodiscard]] const char* name() const { return name_of(kind_); }
  [[nodiscard]] TreeText tree() const {
    return kind_ == GrantKind::kScratch ? tree_of(*guest_.scratch) : open_root(guest_.tree).tree();
  }

  Outcome open(std::uint32_t dir, const std::string& path, const How& how) {
    const Opened opened = guest_.open(path, how, dir);
    return {opened.error, opened.error == Errno::kSuccess ? std::to_string(opened.fd) : ""};
  }
  Outcome stat(std::uint32_t dir, const std::string& path, bool follow) {
    if (const Errno error = guest_.stat(path, follow, dir); error != Errno::kSuccess) {
      return fails(error);
    }
    return {Errno::kSuccess,
            describe_stat(guest_.stat_type(), guest_.stat_links(), guest_.stat_size())};
  }
  Outcome readlink(std::uint32_t dir, const std::string& path) {
    std::string target;
    const Errno error = guest_.readlink(path, target, dir);
    return {error, target};
  }
  Outcome read(std::uint32_t fd, std::uint32_t size, std::optional<std::uint64_t> offset) {
    guest_.put(FilesGuest::kIovecAt, iovec(FilesGuest::kDataAt, size));
    const Errno error =
        offset ? guest_.call("fd_pread", {fd, FilesGuest::kIovecAt, 1, *offset, 8}).error
               : guest_.call("fd_read", {fd, FilesGuest::kIovecAt, 1, 8}).error;
    if (error != Errno::kSuccess) return fails(error);
    return {error, guest_.memory().substr(FilesGuest::kDataAt, guest_.result())};
  }
  Outcome write(std::uint32_t fd, const std::string& data, std::optional<std::uint64_t> offset) {
    const Errno error = offset ? guest_.pwrite(fd, data, *offset) : guest_.write(fd, data);
    return {error, error == Errno::kSuccess ? std::to_string(guest_.result()) : ""};
  }
  Outcome seek(std::uint32_t fd, std::int64_t by, std::uint32_t whence) {
    const Errno error =
        guest_.call("fd_seek", {fd, static_cast<std::uint64_t>(by), whence, 8}).error;
    return {error, error == Errno::kSuccess ? std::to_string(guest_.result64()) : ""};
  }
  /// The names and types of all entries.
  Outcome list(std::uint32_t fd) {
    const Errno error = guest_.call("fd_readdir", {fd, FilesGuest::kDataAt, 32'768, 0, 8}).error;
    if (error != Errno::kSuccess) return fails(error);
    const std::string bytes = guest_.memory().substr(FilesGuest::kDataAt, guest_.result());
    const auto whole = std::as_bytes(std::span(bytes));
    std::set<std::string> names;
    for (std::size_t at = 0; at + 24 <= bytes.size();) {
      const auto length = GuestMemory::load<std::uint32_t>(whole.subspan(at, 24), 16);
      names.insert(bytes.substr(at + 24, length) + ":" +
                   std::to_string(GuestMemory::load<std::uint8_t>(whole.subspan(at, 24), 20)));
      at += 24 + length;
    }
    std::string all;
    for (const std::string& name : names)
      all += name + " ";
    return {error, all};
  }

 private:
  FilesGuest guest_;
  GrantKind kind_;
};

/// What the plain POSIX calls say, with the guest's numbers.
class Model {
 public:
  Model() {
    tree_.folder("grant");
    directories_.emplace(FilesGuest::kGrant, open_root(tree_));
  }

  [[nodiscard]] PosixDirectory& directory(std::uint32_t fd) { return directories_.at(fd); }
  [[nodiscard]] TreeText tree() const { return open_root(tree_).tree(); }

  Outcome open(std::uint32_t dir, const std::string& path, const How& how, std::uint32_t number) {
    const bool truncate = (how.oflags & kTrunc) != 0;
    const OpenOptions options{.follow = how.dirflags != 0,
                              .create = (how.oflags & kCreat) != 0,
                              .directory = (how.oflags & kDirectoryFlag) != 0,
                              .exclusive = (how.oflags & kExcl) != 0,
                              .truncate = truncate,
                              .read = true,
                              .write = (how.rights & kRightFdWrite) != 0,
                              .flags = {.append = how.fdflags != 0}};
    // Where POSIX leaves it open.
    if (options.directory && (options.create || options.exclusive || truncate)) {
      return fails(Errno::kInval);
    }
    auto opened = directory(dir).open(path, options);
    if (!opened) return fails(opened.error());
    struct stat about{};
    EXPECT_EQ(::fstat(opened->get(), &about), 0);
    if (S_ISDIR(about.st_mode)) {
      directories_.emplace(number, std::move(*opened));
    } else {
      files_.emplace(number, std::move(*opened));
    }
    return {Errno::kSuccess, std::to_string(number)};
  }
  void close(std::uint32_t number) {
    directories_.erase(number);
    files_.erase(number);
  }
  Outcome stat(std::uint32_t dir, const std::string& path, bool follow) {
    const auto found = directory(dir).stat(path, follow);
    if (!found) return fails(found.error());
    return {Errno::kSuccess, describe_stat(found->type, found->links, found->size)};
  }
  Outcome readlink(std::uint32_t dir, const std::string& path) {
    const auto target = directory(dir).readlink(path);
    return target ? Outcome{Errno::kSuccess, *target} : fails(target.error());
  }
  Outcome read(std::uint32_t fd, std::uint32_t size, std::optional<std::uint64_t> offset) {
    std::string data(size, '\0');
    const ssize_t got = offset ? ::pread(file(fd), data.data(), size, static_cast<off_t>(*offset))
                               : ::read(file(fd), data.data(), size);
    if (got < 0) return fails(file_testing::last_errno());
    return {Errno::kSuccess, data.substr(0, static_cast<std::size_t>(got))};
  }
  Outcome write(std::uint32_t fd, const std::string& data, std::optional<std::uint64_t> offset) {
    // Linux's pwrite appends in append mode; POSIX and ours do not.
    const int flags = ::fcntl(file(fd), F_GETFL);
    if (offset) ::fcntl(file(fd), F_SETFL, flags & ~O_APPEND);
    const ssize_t put =
        offset ? ::pwrite(file(fd), data.data(), data.size(), static_cast<off_t>(*offset))
               : ::write(file(fd), data.data(), data.size());
    ::fcntl(file(fd), F_SETFL, flags);
    return put < 0 ? fails(file_testing::last_errno())
                   : Outcome{Errno::kSuccess, std::to_string(put)};
  }
  Outcome seek(std::uint32_t fd, std::int64_t by, int whence) {
    const off_t at = ::lseek(file(fd), by, whence);
    return at < 0 ? fails(file_testing::last_errno())
                  : Outcome{Errno::kSuccess, std::to_string(at)};
  }
  Outcome set_size(std::uint32_t fd, std::uint64_t size) {
    return ::ftruncate(file(fd), static_cast<off_t>(size)) == 0 ? Outcome{}
                                                                : fails(file_testing::last_errno());
  }
  Outcome allocate(std::uint32_t fd, std::uint64_t offset, std::uint64_t length) {
    return ::fallocate(file(fd), 0, static_cast<off_t>(offset), static_cast<off_t>(length)) == 0
               ? Outcome{}
               : fails(file_testing::last_errno());
  }
  std::optional<std::set<std::string>> list(std::uint32_t fd) {
    const auto names = directory(fd).list();
    if (!names) return std::nullopt;
    return *names;
  }

 private:
  int file(std::uint32_t fd) { return files_.at(fd).get(); }

  TempTree tree_;
  std::map<std::uint32_t, PosixDirectory> directories_;
  std::map<std::uint32_t, base::UniqueFd> files_;
};

class Differential {
 public:
  explicit Differential(std::uint32_t seed) : random_(seed) {
    for (const GrantKind kind : {GrantKind::kOpenat2, GrantKind::kWalk, GrantKind::kScratch})
      parties_.push_back(std::make_unique<Party>(kind));
  }

  void step();
  void compare_trees() {
    const TreeText expected = model_.tree();
    for (const auto& party : parties_)
      EXPECT_EQ(party->tree(), expected) << party->name() << "\n" << log_;
  }
  [[nodiscard]] const std::string& log() const { return log_; }

 private:
  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }
  bool chance(std::uint32_t percent) { return below(100) < percent; }
  template <class T>
  T any(const std::vector<T>& all) {
    return all[below(static_cast<std::uint32_t>(all.size()))];
  }
  std::uint32_t any_directory() { return chance(60) ? FilesGuest::kGrant : any(directories_); }
  std::string path();

  /// One call on everybody: `of_party(party)` and `of_model()`, which may leave it open.
  template <class OfParty, class OfModel>
  Outcome compare(const std::string& call, OfParty of_party, OfModel of_model) {
    log_ += call + "\n";
    const std::optional<Outcome> expected = of_model();
    std::optional<Outcome> first = expected;
    for (const auto& party : parties_) {
      const Outcome outcome = of_party(*party);
      if (first) {
        EXPECT_EQ(outcome, *first) << party->name() << "\n" << log_;
      }
      first = outcome;
    }
    return *first;
  }

  void open();
  void close();
  void on_names(std::uint32_t which);
  void on_two_names(bool link);
  void on_file(std::uint32_t fd);
  void list();

  std::mt19937 random_;
  std::vector<std::unique_ptr<Party>> parties_;
  Model model_;
  std::vector<std::uint32_t> directories_ = {FilesGuest::kGrant};
  std::vector<std::uint32_t> files_;
  std::set<std::uint32_t> writable_;
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
  // Not longer: where a name is too long and something else is wrong, either may be said.
  if (chance(1)) path = std::string(254 + below(2), 'x');
  if (chance(10)) path += chance(20) ? "//" : "/";
  if (chance(1)) path.insert(0, "/");
  if (chance(1)) path.clear();
  return path;
}

void Differential::open() {
  const std::uint32_t dir = any_directory();
  const std::string name = path();
  How how{.rights = kReadOnly & ~(kRightFdAllocate | kRightFdFilestatSetSize),
          .inheriting = kInheritedRights};
  if (chance(50)) how.rights = kFileRights;
  how.rights |= kDirectoryRights;
  if (chance(50)) how.oflags |= kCreat;
  if (chance(15)) how.oflags |= kDirectoryFlag;
  if (chance(20)) how.oflags |= kExcl;
  if (chance(15)) how.oflags |= kTrunc;
  if (chance(20)) how.fdflags = kAppendFlag;
  if (chance(60)) how.dirflags = kFollowFlag;
  // POSIX leaves O_EXCL without O_CREAT open.
  if ((how.oflags & kCreat) == 0) how.oflags &= ~kExcl;
  const bool writes = (how.rights & kRightFdWrite) != 0;
  // The lowest free number: what the guests answer is compared, the model takes theirs.
  std::uint32_t number = FilesGuest::kGrant;
  const auto used = [&](std::uint32_t n) {
    return std::ranges::count(directories_, n) + std::ranges::count(files_, n) > 0;
  };
  while (used(number))
    ++number;
  const Outcome outcome = compare(
      "open " + std::to_string(dir) + " '" + name + "' oflags " + std::to_string(how.oflags) +
          (writes ? " write" : "") + (how.dirflags != 0 ? " follow" : ""),
      [&](Party& party) { return party.open(dir, name, how); },
      [&] { return std::optional(model_.open(dir, name, how, number)); });
  if (outcome.error != Errno::kSuccess) return;
  parties_[0]->guest().call("fd_fdstat_get", {number, 200});
  if (parties_[0]->guest().memory()[200] == 3) {
    directories_.push_back(number);
  } else {
    files_.push_back(number);
    if (writes) writable_.insert(number);
  }
  if (directories_.size() + files_.size() > 12) close();
}

void Differential::close() {
  auto& from = chance(40) && directories_.size() > 1 ? directories_ : files_;
  const std::uint32_t first = &from == &directories_ ? 1 : 0;
  if (from.size() <= first) return;
  const std::uint32_t at = first + below(static_cast<std::uint32_t>(from.size()) - first);
  const std::uint32_t fd = from[at];
  from.erase(from.begin() + at);
  writable_.erase(fd);
  model_.close(fd);
  static_cast<void>(compare(
      "close " + std::to_string(fd), [&](Party& party) { return fails(party.guest().close(fd)); },
      [] { return std::optional<Outcome>(Outcome{}); }));
}

void Differential::on_names(std::uint32_t which) {
  const std::uint32_t dir = any_directory();
  const std::string name = path();
  const std::string where = std::to_string(dir) + " '" + name + "'";
  PosixDirectory& model = model_.directory(dir);
  const auto errno_only = [&](const std::string& call, auto of_party, auto of_model) {
    static_cast<void>(compare(
        call + " " + where, [&](Party& party) { return fails(of_party(party.guest())); },
        [&] { return std::optional(fails(of_model())); }));
  };
  switch (which) {
    case 0:
      return errno_only(
          "mkdir", [&](FilesGuest& guest) { return guest.mkdir(name, dir); },
          [&] { return model.create_directory(name); });
    case 1:
      return errno_only(
          "rmdir", [&](FilesGuest& guest) { return guest.rmdir(name, dir); },
          [&] { return model.remove_directory(name); });
    case 2:
      return errno_only(
          "unlink", [&](FilesGuest& guest) { return guest.unlink(name, dir); },
          [&] { return model.unlink_file(name); });
    case 3: {
      const std::string target = path();
      return errno_only(
          "symlink '" + target + "' in",
          [&](FilesGuest& guest) { return guest.symlink(target, name, dir); },
          [&] { return model.symlink(target, name); });
    }
    case 4:
      static_cast<void>(compare(
          "readlink " + where, [&](Party& party) { return party.readlink(dir, name); },
          [&] { return std::optional(model_.readlink(dir, name)); }));
      return;
    case 5: {
      // Times are not part of the tree: they are looked at here.
      const bool follow = chance(50);
      const std::uint64_t seconds = below(1'000'000);
      static_cast<void>(compare(
          "set_times " + where,
          [&](Party& party) {
            FilesGuest& guest = party.guest();
            const Errno error = guest.set_times(name, seconds, follow, dir);
            if (error != Errno::kSuccess) return fails(error);
            EXPECT_EQ(guest.stat(name, follow, dir), Errno::kSuccess);
            return Outcome{error, std::to_string(guest.stat_mtim())};
          },
          [&]() -> std::optional<Outcome> {
            const Outcome found = model_.stat(dir, name, follow);
            if (found.error != Errno::kSuccess) return found;
            return Outcome{Errno::kSuccess, std::to_string(seconds * 1'000'000'000)};
          }));
      return;
    }
    default: {
      const bool follow = chance(50);
      static_cast<void>(compare(
          "stat " + where, [&](Party& party) { return party.stat(dir, name, follow); },
          [&] { return std::optional(model_.stat(dir, name, follow)); }));
    }
  }
}

void Differential::on_two_names(bool link) {
  const std::uint32_t from = any_directory();
  const std::uint32_t to = any_directory();
  const std::string old_path = path();
  const std::string new_path = path();
  static_cast<void>(
      compare((link ? "link " : "rename ") + std::to_string(from) + " '" + old_path + "' " +
                  std::to_string(to) + " '" + new_path + "'",
              [&](Party& party) {
                return fails(link ? party.guest().link(old_path, new_path, from, to)
                                  : party.guest().rename(old_path, new_path, from, to));
              },
              [&] {
                PosixDirectory& old_dir = model_.directory(from);
                PosixDirectory& new_dir = model_.directory(to);
                return std::optional(
                    fails(link ? PosixDirectory::link(old_dir, old_path, new_dir, new_path)
                               : PosixDirectory::rename(old_dir, old_path, new_dir, new_path)));
              }));
}

void Differential::on_file(std::uint32_t fd) {
  const std::string number = std::to_string(fd);
  const bool writable = writable_.contains(fd);
  const auto offset = chance(50) ? std::optional<std::uint64_t>(below(100'000)) : std::nullopt;
  const std::string data(chance(50) ? below(100) : below(20'000),
                         static_cast<char>('A' + below(26)));
  // What the guest has no right to is not asked of the model.
  const auto if_writable = [&](auto of_model) -> std::optional<Outcome> {
    if (!writable) return std::nullopt;
    return of_model();
  };
  switch (below(6)) {
    case 0: {
      const std::uint32_t size = below(20'000);
      static_cast<void>(compare(
          "read " + number, [&](Party& party) { return party.read(fd, size, offset); },
          [&] { return std::optional(model_.read(fd, size, offset)); }));
      return;
    }
    case 1:
    case 2:
      static_cast<void>(compare(
          "write " + number, [&](Party& party) { return party.write(fd, data, offset); },
          [&] { return if_writable([&] { return model_.write(fd, data, offset); }); }));
      return;
    case 3: {
      const std::uint32_t whence = below(3);
      const std::int64_t by = static_cast<std::int64_t>(below(50'000)) - 10'000;
      static_cast<void>(compare(
          "seek " + number, [&](Party& party) { return party.seek(fd, by, whence); },
          [&] {
            return std::optional(
                model_.seek(fd, by, std::array{SEEK_SET, SEEK_CUR, SEEK_END}[whence]));
          }));
      return;
    }
    case 4: {
      const std::uint64_t size = below(100'000);
      static_cast<void>(compare(
          "set_size " + number,
          [&](Party& party) {
            return fails(party.guest().call("fd_filestat_set_size", {fd, size}).error);
          },
          [&] { return if_writable([&] { return model_.set_size(fd, size); }); }));
      return;
    }
    default: {
      const std::uint64_t start = below(50'000);
      const std::uint64_t length = below(30'000);
      static_cast<void>(compare(
          "allocate " + number,
          [&](Party& party) {
            return fails(party.guest().call("fd_allocate", {fd, start, length}).error);
          },
          [&] { return if_writable([&] { return model_.allocate(fd, start, length); }); }));
    }
  }
}

void Differential::list() {
  const std::uint32_t fd = any_directory();
  std::optional<std::set<std::string>> names = model_.list(fd);
  const Outcome outcome = compare(
      "list " + std::to_string(fd), [&](Party& party) { return party.list(fd); },
      [] { return std::optional<Outcome>(); });
  std::set<std::string> listed;
  for (std::size_t at = 0; at < outcome.result.size();) {
    const std::size_t colon = outcome.result.find(':', at);
    listed.insert(outcome.result.substr(at, colon - at));
    at = outcome.result.find(' ', colon) + 1;
  }
  // A directory that was removed has no entries.
  EXPECT_EQ(listed, names.value_or(std::set<std::string>())) << log_;
}

void Differential::step() {
  switch (const std::uint32_t which = below(16)) {
    case 0:
    case 1:
    case 2:
      return open();
    case 3:
      return close();
    case 4:
    case 5:
      return on_two_names(which == 4);
    case 6:
    case 7:
    case 8:
      if (!files_.empty()) on_file(any(files_));
      return;
    case 9:
      return list();
    default:
      return on_names(below(7));
  }
}

class FilesDifferential : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(FilesDifferential, HostScratchAndPosixAnswerAlike) {
  if (!file_testing::has_openat2()) GTEST_SKIP() << "the model resolves paths with openat2";
  for (std::uint32_t round = 0; round < 5; ++round) {
    const std::uint32_t seed = GetParam() * 1'000 + round;
    SCOPED_TRACE("seed " + std::to_string(seed));
    Differential all(seed);
    for (int i = 0; i < 400 && !HasFailure(); ++i) {
      all.step();
      if (i % 50 == 0) all.compare_trees();
    }
    all.compare_trees();
    ASSERT_FALSE(HasFailure()) << "seed " << seed << "\n" << all.log();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, FilesDifferential, ::testing::Range(0U, 6U));

}  // namespace
}  // namespace mimobox::wasi
