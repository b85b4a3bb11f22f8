#ifndef MIMOBOX_WASI_GRANT_H_
#define MIMOBOX_WASI_GRANT_H_

#include <string>
#include <string_view>
#include <variant>

#include "wasi/host_mount.h"
#include "wasi/scratch_tree.h"

namespace mimobox::wasi {

/// A scratch under the name that the guest knows it by.
struct ScratchGrant {
  std::string guest_path;
  ScratchTree* tree = nullptr;  ///< borrowed for the host's life, by one host at a time
  bool read_only = false;       ///< every call that would change anything is refused
};

/// A directory that a guest is granted: a mount of the host, borrowed for the host's life, or a
/// scratch.
using Grant = std::variant<const HostMount*, ScratchGrant>;

[[nodiscard]] inline std::string_view guest_path_of(const Grant& grant) {
  if (const auto* scratch = std::get_if<ScratchGrant>(&grant)) return scratch->guest_path;
  return std::get<const HostMount*>(grant)->guest_path();
}

}  // namespace mimobox::wasi

#endif  // MIMOBOX_WASI_GRANT_H_
