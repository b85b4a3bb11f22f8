#include "base/thread_stack.h"

#include <pthread.h>

#include <cstdint>

namespace mimobox::base {
namespace {

struct Bounds {
  std::uintptr_t low = 0;
  std::uintptr_t high = 0;
};

/// On the main thread this reads /proc/self/maps, hence once per thread.
Bounds find_bounds() noexcept {
  pthread_attr_t attributes;
  if (::pthread_getattr_np(::pthread_self(), &attributes) != 0) return {};
  void* low = nullptr;
  std::size_t size = 0;
  const bool known = ::pthread_attr_getstack(&attributes, &low, &size) == 0;
  ::pthread_attr_destroy(&attributes);
  if (!known) return {};
  const auto start = reinterpret_cast<std::uintptr_t>(low);
  return {start, start + size};
}

}  // namespace

std::size_t stack_left() noexcept {
  static thread_local const Bounds bounds = find_bounds();
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  if (here <= bounds.low || here > bounds.high) return 0;
  return here - bounds.low;
}

}  // namespace mimobox::base
