#include "tests/unit/wasi/posix_model.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <expected>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "base/unique_fd.h"
#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/scratch_tree.h"

namespace mimobox::wasi::file_testing {
namespace {

int call_openat2(int directory, const std::string& path, int flags, std::uint64_t mode = 0) {
  open_how how = {};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, directory, path.c_str(), &how, sizeof(how)));
}

Answer<base::UniqueFd> beneath(int directory, const std::string& path, int flags,
                               std::uint64_t mode = 0) {
  int fd = call_openat2(directory, path, flags, mode);
  while (fd < 0 && errno == EAGAIN)
    fd = call_openat2(directory, path, flags, mode);
  if (fd < 0 && errno == EXDEV) return std::unexpected(kEscape);
  if (fd < 0) return std::unexpected(last_errno());
  return base::UniqueFd(fd);
}

Filetype type_of(mode_t mode) {
  if (S_ISDIR(mode)) return Filetype::kDirectory;
  return S_ISLNK(mode) ? Filetype::kSymbolicLink : Filetype::kRegularFile;
}

Errno result(int answer) {
  return answer == 0 ? Errno::kSuccess : last_errno();
}

std::string content_of(int directory, const std::string& name, const struct stat& about) {
  std::string bytes(static_cast<std::size_t>(about.st_size), '\0');
  if (S_ISDIR(about.st_mode)) return "";
  if (S_ISLNK(about.st_mode)) {
    (void)!::readlinkat(directory, name.c_str(), bytes.data(), bytes.size());
    return bytes;
  }
  const base::UniqueFd file(::openat(directory, name.c_str(), O_RDONLY | O_CLOEXEC));
  (void)!::read(file.get(), bytes.data(), bytes.size());
  return bytes;
}

}  // namespace

Errno last_errno() {
  switch (errno) {
    case EBADF:
      return Errno::kBadf;
    case EBUSY:
      return Errno::kBusy;
    case EEXIST:
      return Errno::kExist;
    case EFBIG:
      return Errno::kFbig;
    case EINVAL:
      return Errno::kInval;
    case EISDIR:
      return Errno::kIsdir;
    case ELOOP:
      return Errno::kLoop;
    case ENAMETOOLONG:
      return Errno::kNametoolong;
    case ENOENT:
      return Errno::kNoent;
    case ENOTDIR:
      return Errno::kNotdir;
    case ENOTEMPTY:
      return Errno::kNotempty;
    case EPERM:
      return Errno::kPerm;
    default:
      return Errno::kIo;
  }
}

bool has_openat2() {
  return base::UniqueFd(call_openat2(AT_FDCWD, ".", O_PATH)).valid();
}

std::string describe(Filetype type, std::uint64_t links, const std::string& content) {
  if (type == Filetype::kDirectory) return "directory";
  const std::string kind = type == Filetype::kSymbolicLink ? "link " : "file ";
  return kind + std::to_string(links) + " " + std::to_string(content.size()) + " " + content;
}

Answer<base::UniqueFd> PosixDirectory::open(const std::string& path,
                                            const OpenOptions& options) const {
  int flags = options.read && options.write ? O_RDWR : options.write ? O_WRONLY : O_RDONLY;
  if (options.create) flags |= O_CREAT;
  if (options.directory) flags |= O_DIRECTORY;
  if (options.exclusive) flags |= O_EXCL;
  if (options.truncate) flags |= O_TRUNC;
  if (options.flags.append) flags |= O_APPEND;
  if (!options.follow) flags |= O_NOFOLLOW;
  return beneath(fd(), path, flags, options.create ? 0644 : 0);
}

Answer<Filestat> PosixDirectory::stat(const std::string& path, bool follow) const {
  const auto file = beneath(fd(), path, O_PATH | (follow ? 0 : O_NOFOLLOW));
  if (!file) return std::unexpected(file.error());
  struct stat about = {};
  if (::fstat(file->get(), &about) != 0) return std::unexpected(last_errno());
  return Filestat{.type = type_of(about.st_mode),
                  .links = about.st_nlink,
                  .size = static_cast<std::uint64_t>(about.st_size)};
}

Answer<std::string> PosixDirectory::readlink(const std::string& path) const {
  const auto file = beneath(fd(), path, O_PATH | O_NOFOLLOW);
  if (!file) return std::unexpected(file.error());
  struct stat about = {};
  (void)::fstat(file->get(), &about);
  if (!S_ISLNK(about.st_mode)) return std::unexpected(Errno::kInval);
  std::string target(5000, '\0');
  const ssize_t size = ::readlinkat(file->get(), "", target.data(), target.size());
  if (size < 0) return std::unexpected(last_errno());
  target.resize(static_cast<std::size_t>(size));
  return target;
}

/// The parent of a path's last component, which keeps its slashes.
Answer<PosixDirectory::Place> PosixDirectory::place(const std::string& path) const {
  if (path.empty()) return std::unexpected(Errno::kNoent);
  if (path.size() > 4095) return std::unexpected(Errno::kNametoolong);
  if (path.front() == '/') return std::unexpected(kEscape);
  const std::size_t name_end = path.find_last_not_of('/') + 1;
  const std::size_t slash = path.rfind('/', name_end - 1);
  const std::size_t name_start = slash == std::string::npos ? 0 : slash + 1;
  const std::string parent = name_start == 0 ? "." : path.substr(0, name_start);
  auto directory = beneath(fd(), parent, O_PATH | O_DIRECTORY);
  if (!directory) return std::unexpected(directory.error());
  // The calls that take one component do not look whether ".." leads out.
  if (path.substr(name_start, name_end - name_start) == "..") {
    const auto whole = beneath(fd(), path, O_PATH);
    if (!whole && whole.error() == kEscape) return std::unexpected(kEscape);
  }
  return Place{.parent = std::move(*directory), .last = path.substr(name_start)};
}

/// Our rule, not Linux's, which answers EEXIST or follows a link: a slash behind a name that exists
/// and is no directory's is kNotdir.
Errno PosixDirectory::refuse_slash(const Place& where) {
  if (!where.last.ends_with('/')) return Errno::kSuccess;
  const std::string name = where.last.substr(0, where.last.find_last_not_of('/') + 1);
  struct stat about = {};
  const bool there = ::fstatat(where.parent.get(), name.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0;
  return there && !S_ISDIR(about.st_mode) ? Errno::kNotdir : Errno::kSuccess;
}

Errno PosixDirectory::create_directory(const std::string& path) const {
  const auto where = place(path);
  if (!where) return where.error();
  return result(::mkdirat(where->parent.get(), where->last.c_str(), 0755));
}

Errno PosixDirectory::remove_directory(const std::string& path) const {
  const auto where = place(path);
  if (!where) return where.error();
  return result(::unlinkat(where->parent.get(), where->last.c_str(), AT_REMOVEDIR));
}

Errno PosixDirectory::unlink_file(const std::string& path) const {
  const auto where = place(path);
  if (!where) return where.error();
  return result(::unlinkat(where->parent.get(), where->last.c_str(), 0));
}

Errno PosixDirectory::symlink(const std::string& target, const std::string& path) const {
  // The kernel looks at the target's text before the path.
  if (target.empty()) return Errno::kNoent;
  if (target.size() > 4095) return Errno::kNametoolong;
  if (target.starts_with('/')) return kEscape;  // our rule, not the kernel's
  const auto where = place(path);
  if (!where) return where.error();
  if (const Errno no = refuse_slash(*where); no != Errno::kSuccess) return no;
  return result(::symlinkat(target.c_str(), where->parent.get(), where->last.c_str()));
}

Errno PosixDirectory::link(const PosixDirectory& old_directory, const std::string& old_path,
                           const PosixDirectory& new_directory, const std::string& new_path) {
  auto from = old_directory.place(old_path);
  if (!from) return from.error();
  if (const Errno no = refuse_slash(*from); no != Errno::kSuccess) return no;
  // Resolved as a whole where the kernel would follow the last component, or leave by it.
  const auto whole = beneath(old_directory.fd(), old_path, O_PATH | O_NOFOLLOW);
  if (!whole) return whole.error();
  const auto stat = old_directory.stat(old_path, false);
  if (!stat) return stat.error();
  const auto to = new_directory.place(new_path);
  if (!to) return to.error();
  if (const Errno no = refuse_slash(*to); no != Errno::kSuccess) return no;
  const bool is_directory = stat->type == Filetype::kDirectory;
  return result(::linkat(is_directory ? whole->get() : from->parent.get(),
                         is_directory ? "." : from->last.c_str(), to->parent.get(),
                         to->last.c_str(), 0));
}

Errno PosixDirectory::rename(const PosixDirectory& old_directory, const std::string& old_path,
                             const PosixDirectory& new_directory, const std::string& new_path) {
  const auto from = old_directory.place(old_path);
  if (!from) return from.error();
  const auto to = new_directory.place(new_path);
  if (!to) return to.error();
  return result(
      ::renameat(from->parent.get(), from->last.c_str(), to->parent.get(), to->last.c_str()));
}

Answer<std::set<std::string>> PosixDirectory::list() const {
  const int copy = ::openat(fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(copy), ::closedir);
  std::set<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(stream.get()))
    names.insert(entry->d_name);
  // What readdir() itself turns into an end: the directory was removed.
  if (names.empty()) return std::unexpected(Errno::kNoent);
  return names;
}

TreeText PosixDirectory::tree() const {
  TreeText text;
  std::vector<std::string> open = {"."};
  while (!open.empty()) {
    const std::string path = open.back();
    open.pop_back();
    const PosixDirectory directory(
        base::UniqueFd(::openat(fd(), path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
    const std::set<std::string> names = directory.list().value();
    for (const std::string& name : names) {
      if (name == "." || name == "..") continue;
      struct stat about = {};
      (void)::fstatat(directory.fd(), name.c_str(), &about, AT_SYMLINK_NOFOLLOW);
      const std::string full = path == "." ? name : path + "/" + name;
      if (S_ISDIR(about.st_mode)) open.push_back(full);
      text[full] =
          describe(type_of(about.st_mode), about.st_nlink, content_of(directory.fd(), name, about));
    }
  }
  return text;
}

}  // namespace mimobox::wasi::file_testing
