#ifndef MIMOBOX_SANDBOX_GUEST_PATH_H_
#define MIMOBOX_SANDBOX_GUEST_PATH_H_

#include <string>
#include <string_view>

namespace mimobox::internal {

/// The form that all texts of one guest path share: "/a" for "/a/", "//a", "/a/." and also for "a",
/// since the folder where guests begin is "/" in their C libraries. ".." stays: they take it in
/// different ways.
[[nodiscard]] std::string normal_guest_path(std::string_view path);

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_GUEST_PATH_H_
