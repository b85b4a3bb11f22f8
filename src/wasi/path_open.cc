#include <expected>
#include <optional>
#include <utility>
#include <variant>

#include "wasi/dispatch.h"
#include "wasi/guest_values.h"
#include "wasi/host.h"
#include "wasi/path_text.h"

namespace mimobox::wasi {
namespace {

// oflags
constexpr std::uint32_t kCreate = 1U << 0;
constexpr std::uint32_t kDirectory = 1U << 1;
constexpr std::uint32_t kExclusive = 1U << 2;
constexpr std::uint32_t kTruncate = 1U << 3;
constexpr std::uint32_t kAllOflags = kCreate | kDirectory | kExclusive | kTruncate;

/// What a guest asks of path_open beside the path.
struct OpenRequest {
  std::uint32_t dirflags = 0;
  std::uint32_t oflags = 0;
  std::uint64_t rights = 0;
  std::uint64_t inheriting = 0;
  std::uint32_t fdflags = 0;
};

/// Whether the host has to open the file for writing. The rights to allocate and resize count alone
/// only: Go asks for them also where it only reads.
bool will_write(std::uint64_t rights) {
  if ((rights & kRightFdWrite) != 0) return true;
  const bool will_read = (rights & kRightFdRead) != 0;
  return !will_read && (rights & (kRightFdAllocate | kRightFdFilestatSetSize)) != 0;
}

Answer<OpenOptions> to_options(const OpenRequest& request) {
  const std::optional<bool> follow = follow_from_guest(request.dirflags);
  const std::optional<FileFlags> flags = file_flags_from_guest(request.fdflags);
  if (!follow || !flags || (request.oflags & ~kAllOflags) != 0) {
    return std::unexpected(Errno::kInval);
  }
  const bool truncate = (request.oflags & kTruncate) != 0;
  const bool write = truncate || will_write(request.rights);
  return OpenOptions{.follow = *follow,
                     .create = (request.oflags & kCreate) != 0,
                     .directory = (request.oflags & kDirectory) != 0,
                     .exclusive = (request.oflags & kExclusive) != 0,
                     .truncate = truncate,
                     .read = (request.rights & kRightFdRead) != 0 || !write,
                     .write = write,
                     .flags = *flags};
}

/// Whether a directory with these rights may open with these options and pass those rights on.
bool may_open(const Descriptor& directory, const OpenRequest& request, const OpenOptions& options) {
  std::uint64_t own = 0;
  if (options.create) own |= kRightPathCreateFile;
  if (options.truncate) own |= kRightPathFilestatSetSize;
  std::uint64_t passed_on = request.rights | request.inheriting;
  if (options.flags.dsync) passed_on |= kRightFdDatasync;
  if (options.flags.rsync || options.flags.sync) passed_on |= kRightFdSync;
  return has_right(directory, own) && (passed_on & ~directory.inheriting) == 0;
}

/// The new descriptor: what was asked for, as far as it applies to its kind.
template <class Node>
Descriptor to_descriptor(Node&& node, const OpenRequest& request) {
  const std::uint64_t applicable = FileResource<Node> ? kFileRights : kDirectoryRights;
  return {.resource = std::forward<Node>(node),
          .rights = request.rights & applicable,
          .inheriting = request.inheriting};
}

}  // namespace

/// Opens the file or directory that `path` leads to from a directory, and writes its number, the
/// lowest free one (u32 at `opened`).
///
/// The rights asked for, base and inheriting, are at most what the directory has to pass on; the
/// new descriptor has those that apply to its kind.
///
/// - kBadf: the descriptor is not open. kNotdir: it is no directory, or what is opened as one is
/// none.
/// - kNotcapable: without the right path_open (path_create_file to create, path_filestat_set_size
/// to
///   truncate), or a right is asked for that the directory does not pass on.
/// - kInval: an unknown flag; a directory that is to be created, made exclusively or truncated; a
/// NUL.
/// - kFault: the path or `opened` is not in the memory; nothing was opened.
/// - kIlseq: the path is not UTF-8. kNametoolong: more than 4095 bytes, or a name of more than 255.
/// - kNoent: an empty path, or nothing is there.
/// - kPerm: an absolute path, a path that leads out of the directory by ".." or a link, onto a
/// pseudo file
///   system, or a change on a read-only mount.
/// - kLoop: a link at the end that is not followed, or too many links.
/// - kExist: it is there and was to be made. kIsdir: a directory is to be written, created or
/// truncated.
/// - kNotsup: a FIFO, a device or a socket.
/// - kMfile: as many descriptors as the limit allows are open. kDquot: as many files were made.
/// - kAgain: the host's directories are being renamed all the time.
/// - others: what the host's openat2() answered.
///
/// https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#path_open
Errno Host::path_open(GuestMemory memory, std::uint32_t fd, std::uint32_t dirflags,
                      std::uint32_t path, std::uint32_t path_len, std::uint32_t oflags,
                      std::uint64_t rights_base, std::uint64_t rights_inheriting,
                      std::uint32_t fdflags, std::uint32_t opened) {
  const OpenRequest request{dirflags, oflags, rights_base, rights_inheriting, fdflags};
  Descriptor* descriptor = find(fd);
  return on_directory(descriptor, kRightPathOpen, [&](auto& directory) -> Errno {
    const Answer<OpenOptions> options = to_options(request);
    if (!options) return options.error();
    if (!may_open(*descriptor, request, *options)) return Errno::kNotcapable;
    if (!memory.range(opened, sizeof(std::uint32_t))) return Errno::kFault;
    PathText text;
    if (const Errno bad = text.read(memory, path, path_len); bad != Errno::kSuccess) return bad;
    if (!descriptors_.has_room()) {
      limit_record_.note(LimitHit::kOpenDescriptors);
      return Errno::kMfile;
    }
    if (options->directory && (options->create || options->exclusive || options->truncate)) {
      return Errno::kInval;
    }
    auto node = directory.open(text.view(), *options);
    if (!node) return node.error();
    // The table may grow: `descriptor` and `directory` are not used any more.
    const std::uint32_t number = descriptors_.insert(
        std::visit([&](auto& open) { return to_descriptor(std::move(open), request); }, *node));
    ++metrics_.files_opened;
    return memory.write(opened, number) ? Errno::kSuccess : Errno::kFault;
  });
}

}  // namespace mimobox::wasi
