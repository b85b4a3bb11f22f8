#include "sandbox/guest_path.h"

#include <algorithm>
#include <cstddef>

namespace mimobox::internal {

std::string normal_guest_path(std::string_view path) {
  std::string normal;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view name = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (name.empty() || name == ".") continue;
    normal += '/';
    normal += name;
  }
  return normal.empty() ? "/" : normal;
}

}  // namespace mimobox::internal
