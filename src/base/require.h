#ifndef MIMOBOX_BASE_REQUIRE_H_
#define MIMOBOX_BASE_REQUIRE_H_

#include <cstdio>
#include <cstdlib>

namespace mimobox::base {

/// Ends the process with a message when `condition` does not hold, in every build type: for bugs of
/// the host program or our own. Nothing that a guest controls may reach it.
inline void require(bool condition, const char* message) noexcept {
  if (condition) [[likely]] {
    return;
  }
  std::fprintf(stderr, "mimobox: %s\n", message);
  std::abort();
}

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_REQUIRE_H_
