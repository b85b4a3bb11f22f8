#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <expected>

#include "wasi/host_directory.h"
#include "wasi/path_resolver.h"
#include "wasi/path_text.h"
#include "wasi/virtual_files.h"

// Making, removing and moving names. None of these calls follows the last component: each works on
// a parent that the resolver gave and on one plain name in it. A trailing slash never reaches the
// kernel, which would follow a link for it (linkat); what it means is answered here.

namespace mimobox::wasi {
namespace {

/// Less the host's umask.
constexpr mode_t kDirectoryMode = 0777;

enum class NameKind : std::uint8_t { kNothing, kDirectory, kFileOrLink, kSpecial };

Errno done(int result) {
  return result == 0 ? Errno::kSuccess : from_host_errno(errno);
}

Answer<NameKind> kind_of(const ParentDirectory& parent) {
  struct stat status{};
  if (::fstatat(parent.fd, parent.name.data(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return NameKind::kNothing;
    return std::unexpected(from_host_errno(errno));
  }
  if (S_ISDIR(status.st_mode)) return NameKind::kDirectory;
  const bool usual = S_ISREG(status.st_mode) || S_ISLNK(status.st_mode);
  return usual ? NameKind::kFileOrLink : NameKind::kSpecial;
}

/// What a name that must not exist yet and is no directory's answers to a slash behind it.
Errno refuse_slash(const ParentDirectory& parent) {
  if (!parent.trailing_slash) return Errno::kSuccess;
  const Answer<NameKind> kind = kind_of(parent);
  if (!kind) return kind.error();
  switch (*kind) {
    case NameKind::kNothing:
      return Errno::kNoent;
    case NameKind::kDirectory:
      return Errno::kExist;
    case NameKind::kFileOrLink:
    case NameKind::kSpecial:
      return Errno::kNotdir;
  }
  return Errno::kInval;
}

/// Whether one more name may be made there. What is there already is no question of limits:
/// programs make folders to be sure that they exist.
Errno may_make(HostAccess& access, const ParentDirectory& parent) {
  if (access.has_room_for_files()) return Errno::kSuccess;
  const Answer<NameKind> kind = kind_of(parent);
  if (!kind) return kind.error();
  return *kind == NameKind::kNothing ? access.may_create() : Errno::kExist;
}

/// Whether there is something that guests may move or give another name. kNotsup: a FIFO, device or
/// socket (HostDirectory::open says why).
Answer<NameKind> movable_kind(const ParentDirectory& from) {
  const Answer<NameKind> kind = kind_of(from);
  if (!kind) return kind;
  if (*kind == NameKind::kNothing) return std::unexpected(Errno::kNoent);
  if (*kind == NameKind::kSpecial) return std::unexpected(Errno::kNotsup);
  return kind;
}

/// A slash behind the names of a rename says that it is about a directory.
Errno check_rename_slashes(const ParentDirectory& from, NameKind kind, const ParentDirectory& to) {
  if (!from.trailing_slash && !to.trailing_slash) return Errno::kSuccess;
  if (kind == NameKind::kDirectory) return Errno::kSuccess;
  struct stat status{};
  const bool removed = ::fstat(to.fd, &status) == 0 && status.st_nlink == 0;
  return removed ? Errno::kNoent : Errno::kNotdir;
}

void note_new_name(HostAccess& access, const ParentDirectory& parent) {
  access.count_created();
  VirtualFiles* const files = access.virtual_files();
  if (files != nullptr) files->note_made(parent.fd, parent.name.data());
}

Errno remove(HostAccess& access, const ParentDirectory& parent, int flags) {
  VirtualFiles* const files = access.virtual_files();
  std::optional<VirtualFiles::Identity> last;
  if (files != nullptr) last = VirtualFiles::last_name(parent.fd, parent.name.data());
  const Errno removed = done(::unlinkat(parent.fd, parent.name.data(), flags));
  if (removed == Errno::kSuccess && files != nullptr) files->note_removed(parent.fd, last);
  return removed;
}

/// "." and "..": a name that exists.
Errno refuse_dots(const ParentDirectory& parent, Errno refusal) {
  return parent.last == LastComponent::kName ? Errno::kSuccess : refusal;
}

}  // namespace

Errno HostDirectory::create_directory(std::string_view path) const {
  if (mount_->read_only()) return Errno::kPerm;
  const Answer<ParentDirectory> parent = parent_beneath(base(), path);
  if (!parent) return parent.error();
  if (const Errno no = refuse_dots(*parent, Errno::kExist); no != Errno::kSuccess) return no;
  if (const Errno no = may_make(*access_, *parent); no != Errno::kSuccess) return no;
  const Errno made = done(::mkdirat(parent->fd, parent->name.data(), kDirectoryMode));
  if (made == Errno::kSuccess) note_new_name(*access_, *parent);
  return made;
}

Errno HostDirectory::remove_directory(std::string_view path) const {
  if (mount_->read_only()) return Errno::kPerm;
  const Answer<ParentDirectory> parent = parent_beneath(base(), path);
  if (!parent) return parent.error();
  const Errno of_dots = parent->last == LastComponent::kDot ? Errno::kInval : Errno::kNotempty;
  if (const Errno no = refuse_dots(*parent, of_dots); no != Errno::kSuccess) return no;
  return remove(*access_, *parent, AT_REMOVEDIR);
}

Errno HostDirectory::unlink_file(std::string_view path) const {
  if (mount_->read_only()) return Errno::kPerm;
  const Answer<ParentDirectory> parent = parent_beneath(base(), path);
  if (!parent) return parent.error();
  if (const Errno no = refuse_dots(*parent, Errno::kIsdir); no != Errno::kSuccess) return no;
  if (parent->trailing_slash) {
    const Errno slash = refuse_slash(*parent);
    return slash == Errno::kExist ? Errno::kIsdir : slash;
  }
  return remove(*access_, *parent, 0);
}

Errno HostDirectory::symlink(std::string_view target, std::string_view path) const {
  if (mount_->read_only()) return Errno::kPerm;
  if (target.empty()) return Errno::kNoent;
  if (target.starts_with('/')) return kEscape;
  PathText target_text;
  if (const Errno bad = target_text.assign(target); bad != Errno::kSuccess) return bad;
  const Answer<ParentDirectory> parent = parent_beneath(base(), path);
  if (!parent) return parent.error();
  if (const Errno no = refuse_dots(*parent, Errno::kExist); no != Errno::kSuccess) return no;
  if (const Errno no = refuse_slash(*parent); no != Errno::kSuccess) return no;
  if (const Errno no = may_make(*access_, *parent); no != Errno::kSuccess) return no;
  const Errno made = done(::symlinkat(target_text.c_str(), parent->fd, parent->name.data()));
  if (made == Errno::kSuccess) note_new_name(*access_, *parent);
  return made;
}

Errno HostDirectory::link(HostDirectory& old_dir, std::string_view old_path, HostDirectory& new_dir,
                          std::string_view new_path) {
  // The old one too: a link into a writable mount would make the file writable there.
  if (old_dir.mount_->read_only() || new_dir.mount_->read_only()) return Errno::kPerm;
  const Answer<ParentDirectory> from = parent_beneath(old_dir.base_alone(), old_path);
  if (!from) return from.error();
  const bool from_name = from->last == LastComponent::kName;
  if (from_name) {
    const Answer<NameKind> kind = movable_kind(*from);
    if (!kind) return kind.error();
    if (from->trailing_slash && *kind != NameKind::kDirectory) return Errno::kNotdir;
  }
  const Answer<ParentDirectory> to = parent_beneath(new_dir.base(), new_path);
  if (!to) return to.error();
  if (const Errno no = refuse_dots(*to, Errno::kExist); no != Errno::kSuccess) return no;
  if (const Errno no = refuse_slash(*to); no != Errno::kSuccess) return no;
  if (!from_name) {
    const Answer<NameKind> there = kind_of(*to);
    if (!there) return there.error();
    return *there == NameKind::kNothing ? Errno::kPerm : Errno::kExist;
  }
  if (const Errno no = may_make(*new_dir.access_, *to); no != Errno::kSuccess) return no;
  const Errno made =
      done(::linkat(from->fd, from->name.data(), to->fd, to->name.data(), /*flags=*/0));
  if (made != Errno::kSuccess) return made;
  new_dir.access_->count_created();
  VirtualFiles* const files = new_dir.access_->virtual_files();
  if (files != nullptr) files->note_linked(to->fd, to->name.data());
  return made;
}

Errno HostDirectory::rename(HostDirectory& old_dir, std::string_view old_path,
                            HostDirectory& new_dir, std::string_view new_path) {
  if (old_dir.mount_->read_only() || new_dir.mount_->read_only()) return Errno::kPerm;
  const Answer<ParentDirectory> from = parent_beneath(old_dir.base_alone(), old_path);
  if (!from) return from.error();
  const Answer<ParentDirectory> to = parent_beneath(new_dir.base(), new_path);
  if (!to) return to.error();
  if (const Errno no = refuse_dots(*from, Errno::kBusy); no != Errno::kSuccess) return no;
  if (const Errno no = refuse_dots(*to, Errno::kBusy); no != Errno::kSuccess) return no;
  const Answer<NameKind> kind = movable_kind(*from);
  if (!kind) return kind.error();
  if (const Errno no = check_rename_slashes(*from, *kind, *to); no != Errno::kSuccess) return no;
  VirtualFiles* const files = new_dir.access_->virtual_files();
  std::optional<VirtualFiles::Identity> replaced;
  if (files != nullptr) {
    replaced = VirtualFiles::last_name(to->fd, to->name.data());
    // A file that is renamed to itself stays.
    if (replaced == VirtualFiles::last_name(from->fd, from->name.data())) replaced.reset();
  }
  const Errno moved = done(::renameat(from->fd, from->name.data(), to->fd, to->name.data()));
  if (moved != Errno::kSuccess || files == nullptr) return moved;
  files->note_removed(from->fd, std::nullopt);
  files->note_removed(to->fd, replaced);
  return moved;
}

}  // namespace mimobox::wasi
