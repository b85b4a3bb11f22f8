#ifndef MIMOBOX_WASI_SCRATCH_WALK_H_
#define MIMOBOX_WASI_SCRATCH_WALK_H_

#include <cstdint>
#include <string_view>

#include "base/stop_signal.h"
#include "wasi/errno.h"
#include "wasi/file_types.h"
#include "wasi/scratch_inode.h"

namespace mimobox::wasi {

/// Where a path's last component is, before it is looked up.
struct ScratchPlace {
  static constexpr std::size_t kMaxName = 255;
  enum class Last : std::uint8_t { kName, kDot, kDotDot };

  ScratchInode* directory = nullptr;
  Last last = Last::kName;
  std::string_view
      name;  ///< the last component; lives as long as the path or symbolic link it is from
  bool slash = false;  ///< slashes follow it

  /// The inode under the name, or null. Only for kName. kNametoolong: more than 255 bytes.
  [[nodiscard]] Answer<ScratchInode*> find() const;
};

/// Resolves one path as Linux does with RESOLVE_BENEATH. For one path; it counts the links
/// followed.
///
/// Errors of both functions: kNoent (also an empty path), kNotdir, kLoop (more than 40 symbolic
/// links), kNametoolong (a name of more than 255 bytes, a path of more than 4095), kInval (a NUL in
/// it), kEscape, kIntr (the run is being stopped).
class ScratchWalk {
 public:
  static constexpr std::uint32_t kMaxLinks = 40;
  static constexpr std::size_t kMaxPath = 4095;

  /// Starts at a directory, above which no path leads. `stop` is looked at before each component,
  /// borrowed; null: nothing ends the walk early.
  explicit ScratchWalk(ScratchInode& top, const base::StopSignal* stop = nullptr)
      : top_(&top), stop_(stop) {}

  /// Resolves all but the last component, which is not looked at, but a `..` there that leads out
  /// is kEscape, too.
  [[nodiscard]] Answer<ScratchPlace> parent(std::string_view path);

  /// Resolves all of a path; a symbolic link in its end as `follow` says, or if a slash is behind
  /// it.
  [[nodiscard]] Answer<ScratchInode*> whole(std::string_view path, bool follow);

  /// Goes on through a symbolic link at `place`, up to the last component of its target.
  [[nodiscard]] Answer<ScratchPlace> through(const ScratchPlace& place,
                                             const ScratchTarget& target);

  /// The inode of a place whose last component is not followed. kNoent, kNametoolong.
  [[nodiscard]] static Answer<ScratchInode*> at(const ScratchPlace& place);

 private:
  Answer<ScratchPlace> walk(ScratchInode& start, std::string_view path);
  [[nodiscard]] Errno count_link();

  ScratchInode* top_;
  const base::StopSignal* stop_;
  std::uint32_t links_ = 0;
};

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_SCRATCH_WALK_H_
