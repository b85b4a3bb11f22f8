#include "base/thread_stack.h"

#include <pthread.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>

namespace mimobox::base {
namespace {

struct Bounds {
  std::uintptr_t low = 0;
  std::uintptr_t high = 0;
};

/// Of the main thread, without reading /proc/self/maps as the C library does: its stack can grow up
/// to its limit, if nothing is mapped there. The kernel itself keeps mappings off the last mebibyte
/// below a stack (stack_guard_gap), and all that has no place of its own off the last 128: where
/// the limit is larger, another stack could lie in between, on which we may be.
Bounds find_main_bounds(std::uintptr_t here) noexcept {
  constexpr std::uintptr_t kGap = 1U << 20;
  constexpr rlim_t kKeptFree = 128U << 20;
  constexpr std::uintptr_t kPage = 64U << 10;  // of any machine
  rlimit limit{};
  // The last thing that the kernel put on that stack.
  const std::uintptr_t top = ::getauxval(AT_EXECFN);
  if (here > top || ::getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur > kKeptFree) return {};
  const std::uintptr_t low = (top - limit.rlim_cur + 2 * kPage) & ~(kPage - 1);
  const std::uintptr_t mapped = (here - kGap) & ~(kPage - 1);
  if (low >= mapped) return {};
  // Fails where something is in the way, of which the stack itself may be a part.
  void* const wanted = reinterpret_cast<void*>(low);
  void* const got =
      ::mmap(wanted, mapped - low, PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (got == MAP_FAILED) return {};
  ::munmap(got, mapped - low);
  return got == wanted ? Bounds{low, top} : Bounds{};
}

Bounds find_bounds() noexcept {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  // The main thread may also be on a fibre, and a child of fork() on the stack of another thread.
  if (::gettid() == ::getpid()) {
    const Bounds main = find_main_bounds(here);
    if (here > main.low && here <= main.high) return main;
  }
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
