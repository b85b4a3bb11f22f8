#ifndef MIMOBOX_WASI_VIRTUAL_FILES_H_
#define MIMOBOX_WASI_VIRTUAL_FILES_H_

#include <sys/stat.h>
#include <sys/types.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "wasi/clock_source.h"
#include "wasi/errno.h"
#include "wasi/file_types.h"

namespace mimobox::wasi {

/// What a deterministic run sees of one file of the host beside its contents.
struct VirtualNode {
  std::uint64_t number = 0;
  std::uint64_t atim = 0;
  std::uint64_t mtim = 0;
  std::uint64_t ctim = 0;
};

/// The numbers and times of the host's files in one deterministic run. Numbers count in the order
/// in which the guest meets files. Times are where the virtual clock began, until the guest changes
/// the file: what it makes and writes, and the directories in which it changes names, have the
/// virtual time of that. Reading changes no time. Of directories neither size nor links are told,
/// which depend on the file system and its history.
///
/// A file is known by the host's device and inode, and forgotten with its last name, so that
/// another that gets the inode is another here too; who has it open keeps its node. There are 2^18
/// at most, some 30 MB.
class VirtualFiles {
 public:
  static constexpr std::size_t kMaxNodes = 1U << 18U;

  /// `clock` is borrowed; `max_nodes` is for tests.
  explicit VirtualFiles(Clock& clock, std::size_t max_nodes = kMaxNodes)
      : clock_(clock), start_(clock.now(ClockId::kRealtime)), max_nodes_(max_nodes) {}

  /// The node of a file; null: there are too many.
  [[nodiscard]] std::shared_ptr<VirtualNode> find(dev_t device, ino_t inode);
  /// What the guest is told; kNomem: too many files.
  [[nodiscard]] Answer<Filestat> filestat(const struct stat& status);
  [[nodiscard]] static Filestat filestat(const struct stat& status, const VirtualNode& node);

  /// Contents were changed.
  void note_change(VirtualNode& node);
  /// Times were set by the guest.
  void note_times(VirtualNode& node, const TimesChange& change);
  void note_times(const struct stat& status, const TimesChange& change);

  /// A file that was just made and is open, in the directory of the host that `parent` is.
  void note_made(int fd);
  /// A name that was just made in a directory, of something new, or of a file that had one before.
  void note_made(int parent, const char* name);
  void note_linked(int parent, const char* name);

  /// A file whose last name this is; to be asked before the name is taken away or replaced.
  struct Identity {
    dev_t device = 0;
    ino_t inode = 0;
    friend auto operator<=>(const Identity&, const Identity&) = default;
  };
  [[nodiscard]] static std::optional<Identity> last_name(int parent, const char* name);
  /// A name was taken away from a directory, and with it the file if it was the last.
  void note_removed(int parent, const std::optional<Identity>& file);

 private:
  [[nodiscard]] std::shared_ptr<VirtualNode> make(const Identity& identity, std::uint64_t time);
  void note_made(const struct stat& status);
  void note_names(int directory);

  Clock& clock_;
  const std::uint64_t start_;
  const std::size_t max_nodes_;
  std::uint64_t last_number_ = 0;
  std::map<Identity, std::shared_ptr<VirtualNode>> nodes_;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_VIRTUAL_FILES_H_
