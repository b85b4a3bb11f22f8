#ifndef MIMOBOX_WASI_PATH_WALK_H_
#define MIMOBOX_WASI_PATH_WALK_H_

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/path_resolver.h"

namespace mimobox::wasi {

/// Resolves a path component by component, without openat2. Each step opens one plain name with
/// O_NOFOLLOW, links are read and expanded here, and ".." goes back to a descriptor that is held or
/// is found again by plain names from the start: the kernel never sees "..", a link to follow or
/// more than one name, so a directory that is renamed or swapped for a link meanwhile leads nowhere
/// else.
///
/// A path may be as deep as it likes: the descriptors of its deepest directories alone are held.
class PathWalk {
 public:
  /// How many directories are held open at most.
  static constexpr std::size_t kMaxHeld = 16;

  /// `creating`: the last component will be made as a file, so that a slash behind it is kIsdir.
  explicit PathWalk(const ResolveBase& base, bool creating = false)
      : base_(base), creating_(creating) {}

  /// Goes to the directory of the path's last component, expanding a link there when `follow_last`.
  /// kLoop: more than 40 links, or ".." that goes back and forth for 100,000 steps. kIntr: the run
  /// is being stopped, which is looked at before each component: nested links can name some hundred
  /// thousand.
  [[nodiscard]] Errno run(std::string_view path, bool follow_last);

  [[nodiscard]] int directory() const { return names_.empty() ? base_.fd : held_.back().get(); }
  /// The directory itself, which ends the walk; empty when it is the start.
  [[nodiscard]] base::UniqueFd take_directory();
  /// The last component: one plain name, or "." when the path ends in the directory itself.
  [[nodiscard]] const std::string& last() const { return last_; }
  /// The path ended in a slash.
  [[nodiscard]] bool must_be_directory() const { return must_be_directory_; }

 private:
  enum class Step : bool { kGoOn, kDone };

  [[nodiscard]] Answer<Step> step(bool follow_last);
  [[nodiscard]] Answer<Step> step_last(const std::string& name, bool follow_last);
  [[nodiscard]] Errno enter(const std::string& name);
  [[nodiscard]] Errno hold(int from, const std::string& name);
  [[nodiscard]] Errno leave();
  /// Whether a component is pending.
  [[nodiscard]] bool ends() const { return pending_.find_first_not_of('/', at_) == pending_.npos; }
  /// Puts a link's target before what is pending; kInval: no link.
  [[nodiscard]] Errno expand(const std::string& name);

  const ResolveBase base_;
  const bool creating_;
  std::vector<std::string> names_;    ///< the way from the start to where the walk is
  std::vector<base::UniqueFd> held_;  ///< the directories of its last names, never fewer than one
  std::string pending_;               ///< from `at_` on: what is before was taken
  std::size_t at_ = 0;
  std::string last_;
  bool must_be_directory_ = false;
  int links_ = 0;
  int steps_ = 0;
};

/// open_beneath without openat2.
[[nodiscard]] Answer<base::UniqueFd> walk_and_open(const ResolveBase& base, std::string_view path,
                                                   int flags, mode_t mode);

/// set_times_beneath where the kernel cannot set times by an O_PATH descriptor (before Linux 5.8):
/// on the last name in its directory, never following. What swaps a link in meanwhile has the
/// link's times set.
[[nodiscard]] Errno walk_and_set_times(const ResolveBase& base, std::string_view path, bool follow,
                                       const TimesChange& change);

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_PATH_WALK_H_
