#include "tests/unit/wasi/failing_new.h"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace mimobox::wasi::file_testing {
namespace {

/// Negative: no allocation fails.
thread_local int allocations_left = -1;

bool may_allocate() {
  if (allocations_left > 0)
    --allocations_left;
  else if (allocations_left == 0)
    return false;
  return true;
}

}  // namespace

FailingNew::FailingNew(int allowed) {
  allocations_left = allowed;
}
FailingNew::~FailingNew() {
  allocations_left = -1;
}

}  // namespace mimobox::wasi::file_testing

void* operator new(std::size_t size) {
  void* memory = mimobox::wasi::file_testing::may_allocate() ? std::malloc(size) : nullptr;
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}
