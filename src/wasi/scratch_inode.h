#ifndef MIMOBOX_WASI_SCRATCH_INODE_H_
#define MIMOBOX_WASI_SCRATCH_INODE_H_

#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "wasi/file_types.h"
#include "wasi/scratch_content.h"

namespace mimobox::wasi {

struct ScratchInode;

/// The names in one directory, found by name and walked by cookie. A cookie is given once: it stays
/// valid while names come and go, and what is added later gets a higher one. Owns no inodes, so
/// that no depth of directories is ever destroyed by recursion. Searching takes O(log n) whatever
/// the names are, which a hash table could not promise to names that a guest chose.
class ScratchNames {
 public:
  /// 0 and 1 are the cookies of "." and "..".
  static constexpr std::uint64_t kFirstCookie = 2;

  struct Entry {
    std::uint64_t cookie = 0;
    ScratchInode* inode = nullptr;
  };

  [[nodiscard]] bool empty() const { return by_name_.empty(); }
  /// The entry of a name, or null.
  [[nodiscard]] Entry* find(std::string_view name);
  /// Adds a name that is not there. When it throws bad_alloc nothing has changed.
  void add(std::string_view name, ScratchInode& inode);
  /// Removes a name that is there.
  void remove(std::string_view name) noexcept;

  /// Calls `visit(name, entry)` from a cookie on until it returns false.
  template <class Visit>
  void for_each(std::uint64_t cookie, Visit&& visit) const {
    for (auto it = by_cookie_.lower_bound(cookie); it != by_cookie_.end(); ++it) {
      if (!visit(std::string_view(it->second->first), it->second->second)) return;
    }
  }

 private:
  using ByName = std::map<std::string, Entry, std::less<>>;

  ByName by_name_;
  std::map<std::uint64_t, ByName::const_pointer> by_cookie_;
  std::uint64_t next_cookie_ = kFirstCookie;
};

/// A directory: its names, and the directory that it is in. The root is in itself; a removed one is
/// in none.
struct ScratchFolder {
  ScratchNames names;
  ScratchInode* parent = nullptr;
};

/// A symbolic link's target, never empty.
struct ScratchTarget {
  std::string text;
};

/// A file, directory or symbolic link. The tree owns it; it lives while a name or an open
/// descriptor is left.
struct ScratchInode {
  std::uint64_t number = 0;
  std::uint64_t links = 0;  ///< as Linux counts: a directory has 2 and one for each directory in it
  std::uint64_t pins = 0;   ///< open descriptors
  std::uint64_t atim = 0;
  std::uint64_t mtim = 0;
  std::uint64_t ctim = 0;
  std::list<ScratchInode>::iterator self;
  std::variant<std::monostate, ScratchContent, ScratchFolder, ScratchTarget> body;

  [[nodiscard]] Filetype type() const;
  /// The body when it is of that kind, or null.
  [[nodiscard]] ScratchContent* content() { return std::get_if<ScratchContent>(&body); }
  [[nodiscard]] ScratchFolder* folder() { return std::get_if<ScratchFolder>(&body); }
  [[nodiscard]] const ScratchTarget* target() const { return std::get_if<ScratchTarget>(&body); }
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_SCRATCH_INODE_H_
