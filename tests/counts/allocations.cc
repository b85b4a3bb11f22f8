#include "tests/counts/allocations.h"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {
thread_local std::uint64_t count = 0;
}  // namespace

// The linker sends the calls of everything that is linked statically here (CMakeLists.txt).
extern "C" {
void* __real_malloc(std::size_t size);
void* __real_calloc(std::size_t items, std::size_t size);
void* __real_realloc(void* old, std::size_t size);
int __real_posix_memalign(void** out, std::size_t alignment, std::size_t size);
void* __real_aligned_alloc(std::size_t alignment, std::size_t size);

void* __wrap_malloc(std::size_t size) {
  ++count;
  return __real_malloc(size);
}
void* __wrap_calloc(std::size_t items, std::size_t size) {
  ++count;
  return __real_calloc(items, size);
}
void* __wrap_realloc(void* old, std::size_t size) {
  ++count;
  return __real_realloc(old, size);
}
int __wrap_posix_memalign(void** out, std::size_t alignment, std::size_t size) {
  ++count;
  return __real_posix_memalign(out, alignment, size);
}
void* __wrap_aligned_alloc(std::size_t alignment, std::size_t size) {
  ++count;
  return __real_aligned_alloc(alignment, size);
}
}

// libstdc++ may be a shared library, whose calls of malloc the linker does not redirect.
void* operator new(std::size_t size) {
  void* const got = std::malloc(size);
  if (got == nullptr) throw std::bad_alloc();
  return got;
}
void operator delete(void* what) noexcept {
  std::free(what);
}
void operator delete(void* what, std::size_t) noexcept {
  std::free(what);
}

namespace mimobox::testing {

std::uint64_t allocations_of_this_thread() {
  return count;
}

}  // namespace mimobox::testing
