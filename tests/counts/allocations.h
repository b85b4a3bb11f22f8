#ifndef MIMOBOX_TESTS_COUNTS_ALLOCATIONS_H_
#define MIMOBOX_TESTS_COUNTS_ALLOCATIONS_H_

#include <cstdint>

namespace mimobox::testing {

/// How often this thread asked the heap for memory so far, from C++, C or the engine's Rust.
[[nodiscard]] std::uint64_t allocations_of_this_thread();

}  // namespace mimobox::testing

#endif  // MIMOBOX_TESTS_COUNTS_ALLOCATIONS_H_
