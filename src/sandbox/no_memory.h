#ifndef MIMOBOX_SANDBOX_NO_MEMORY_H_
#define MIMOBOX_SANDBOX_NO_MEMORY_H_

#include <expected>
#include <new>
#include <type_traits>

#include "mimobox/error.h"

namespace mimobox::internal {

/// The error for a host without memory. Its text is short enough for a std::string to hold it
/// without asking for any.
[[nodiscard]] inline SandboxError no_memory() {
  return {ErrorCode::kResourceExhausted, "out of memory"};
}

/// The answer of `body`, or that error: where a public function begins, so that no exception leaves
/// the library.
template <class Body>
[[nodiscard]] std::invoke_result_t<Body> or_no_memory(Body body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return std::unexpected(no_memory());
  }
}

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_NO_MEMORY_H_
