#ifndef MIMOBOX_TESTS_UNIT_WASI_POSIX_MODEL_H_
#define MIMOBOX_TESTS_UNIT_WASI_POSIX_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "wasi/errno.h"
#include "wasi/file_types.h"

namespace mimobox::wasi::file_testing {

/// A tree as text, for comparing: path -> type, links, size and content or target.
using TreeText = std::map<std::string, std::string>;

[[nodiscard]] std::string describe(Filetype type, std::uint64_t links, const std::string& content);

/// A directory of the host through plain system calls, which say what is right: paths are resolved
/// by openat2(RESOLVE_BENEATH), as far as that call reaches. Nothing of it is ours.
class PosixDirectory {
 public:
  explicit PosixDirectory(base::UniqueFd fd) : fd_(std::move(fd)) {}

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] Answer<base::UniqueFd> open(const std::string& path,
                                            const OpenOptions& options) const;
  [[nodiscard]] Answer<Filestat> stat(const std::string& path, bool follow) const;
  [[nodiscard]] Answer<std::string> readlink(const std::string& path) const;
  [[nodiscard]] Errno create_directory(const std::string& path) const;
  [[nodiscard]] Errno remove_directory(const std::string& path) const;
  [[nodiscard]] Errno unlink_file(const std::string& path) const;
  [[nodiscard]] Errno symlink(const std::string& target, const std::string& path) const;
  [[nodiscard]] static Errno link(const PosixDirectory& old_directory, const std::string& old_path,
                                  const PosixDirectory& new_directory, const std::string& new_path);
  [[nodiscard]] static Errno rename(const PosixDirectory& old_directory,
                                    const std::string& old_path,
                                    const PosixDirectory& new_directory,
                                    const std::string& new_path);
  [[nodiscard]] Answer<std::set<std::string>> list() const;
  [[nodiscard]] TreeText tree() const;

 private:
  struct Place {
    base::UniqueFd parent;
    std::string last;
  };
  [[nodiscard]] Answer<Place> place(const std::string& path) const;
  [[nodiscard]] static Errno refuse_slash(const Place& where);

  base::UniqueFd fd_;
};

/// Whether this kernel has openat2.
[[nodiscard]] bool has_openat2();

/// The errno of the last system call as a guest gets it.
[[nodiscard]] Errno last_errno();

}  // namespace mimobox::wasi::file_testing

#endif  // MIMOBOX_TESTS_UNIT_WASI_POSIX_MODEL_H_
