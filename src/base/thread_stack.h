#ifndef MIMOBOX_BASE_THREAD_STACK_H_
#define MIMOBOX_BASE_THREAD_STACK_H_

#include <cstddef>

namespace mimobox::base {

/// Bytes of stack that the calling thread has left; 0 when it runs on a stack that is not the
/// thread's own (a fibre) or its bounds cannot be had.
[[nodiscard]] std::size_t stack_left() noexcept;

}  // namespace mimobox::base

#endif  // MIMOBOX_BASE_THREAD_STACK_H_
