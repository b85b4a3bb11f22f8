#ifndef MIMOBOX_MOUNT_H_
#define MIMOBOX_MOUNT_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mimobox/error.h"

namespace mimobox {

/// Whether a guest may change what it was granted.
enum class Access : std::uint8_t { kReadOnly, kReadWrite };

/// A folder or a single file of the host that guests are granted. Nothing outside it can be reached
/// by any path, link or race: paths are resolved by the kernel beneath it. Only regular files and
/// directories can be opened; procfs, sysfs, /dev and such cannot be granted. Grants do not protect
/// from each other: a read-only folder inside a read-write one can be changed by way of the outer
/// one.
struct Mount {
  /// What is granted. Links in this path are followed; it is opened once, when the sandbox is made.
  std::string host_path;
  /// The guest's name for it, byte for byte. Empty: the text of `host_path`. Of a single file the
  /// guest gets the folder with that one entry. No two mounts and scratches of a sandbox may have
  /// the same one; "/a", "/a/", "//a", "/a/." and "a" are the same. Several single files may stand
  /// in one folder, but not in one that is another mount or scratch (`kMountFailed`): guests would
  /// find one of the two only. A file that another one takes the place of, as editors save, is not
  /// there any more for guests of this sandbox.
  std::string guest_path = {};
  Access access = Access::kReadOnly;
  /// Whether other file systems that are mounted below may be entered.
  bool cross_devices = true;

  friend bool operator==(const Mount&, const Mount&) = default;
};

/// A file system in memory, private to each run and gone with it: a writable folder without the
/// host's disk. POSIX semantics as a mount has them.
struct Scratch {
  std::string guest_path = "/tmp";
  /// Host memory that it may take, names and inodes counted. Default 64 MiB; 64 KiB to 64 GiB.
  std::uint64_t bytes = 64ULL << 20;
  /// Files, directories and links that it may hold. Default 10,000; 1 to 10,000,000.
  std::uint64_t files = 10'000;

  friend bool operator==(const Scratch&, const Scratch&) = default;
};

/// One file that the embedder puts into a scratch before a run; missing folders above it are made.
struct ScratchFile {
  std::string path;  ///< relative to the scratch's root
  std::string data;
};

/// What goes into one of the sandbox's scratches before a run.
struct ScratchInput {
  std::string guest_path;  ///< which: `Scratch::guest_path`
  std::vector<ScratchFile> files;
  std::vector<std::string> directories = {};
};

enum class EntryKind : std::uint8_t {
  kFile,
  kDirectory,
  kLink,      ///< symbolic
  kHardLink,  ///< another name for a file that stands before it
};

/// A stretch of a file's bytes; what lies between two is a hole of zeros.
struct Extent {
  std::uint64_t offset = 0;
  std::string data;

  friend bool operator==(const Extent&, const Extent&) = default;
};

/// One entry of a scratch after a run.
struct ScratchEntry {
  EntryKind kind = EntryKind::kFile;
  std::string path;  ///< relative to the scratch's root; bytes that the guest chose
  /// Of a file, its size with holes, which cost nothing: it may be far larger than its data.
  std::uint64_t size = 0;
  std::vector<Extent> extents = {};  ///< of a file
  /// Of a symbolic link, where it points, never absolute; of a hard link, the path of the file.
  std::string target = {};

  /// A file's bytes, holes as zeros. Empty when they would be more than `max_bytes`.
  [[nodiscard]] std::string data(std::uint64_t max_bytes = 1ULL << 30) const;

  friend bool operator==(const ScratchEntry&, const ScratchEntry&) = default;
};

/// What one scratch held when the run ended; a folder stands before what is in it.
struct ScratchOutput {
  std::string guest_path;
  std::vector<ScratchEntry> entries;
  /// Whether entries are missing at the end: a guest may nest folders and link files so that all
  /// paths together would be far larger than the scratch, and take far longer to write. Those of
  /// the entries and what hard links name have 64 MiB and 4 million levels at most.
  bool truncated = false;

  friend bool operator==(const ScratchOutput&, const ScratchOutput&) = default;
};

/// An empty folder of the host that takes what a scratch held. Opened before the run, it stays the
/// same folder whatever a guest does to the names that lead to it, which counts where the guest is
/// granted the folder above. Move-only; a moved-from one takes nothing.
class ScratchDestination {
 public:
  /// Makes the folder when it is not there yet. Errors: `kMountFailed` with the path and errno; a
  /// folder that is not empty is one.
  [[nodiscard]] static Result<ScratchDestination> open(const std::filesystem::path& folder);

  ScratchDestination(ScratchDestination&& other) noexcept;
  ScratchDestination& operator=(ScratchDestination&& other) noexcept;
  ScratchDestination(const ScratchDestination&) = delete;
  ScratchDestination& operator=(const ScratchDestination&) = delete;
  ~ScratchDestination();

  /// Writes all entries, and says how many symbolic links were left out because they lead out of
  /// the folder. No link is followed on the way; whoever follows those that were made should know
  /// that a guest chose where they point. Errors: `kMountFailed` with the path and errno, also when
  /// the folder is not empty any more; what was written by then stays.
  [[nodiscard]] Result<std::size_t> write(const ScratchOutput& scratch) const;

 private:
  ScratchDestination(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}

  int fd_ = -1;
  std::string name_;
};

/// The same at once, for guests that could not write where the folder lies.
[[nodiscard]] Result<std::size_t> write_scratch(const ScratchOutput& scratch,
                                                const std::filesystem::path& folder);

}  // namespace mimobox

#endif  // MIMOBOX_MOUNT_H_
