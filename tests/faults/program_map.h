#ifndef MIMOBOX_TESTS_FAULTS_PROGRAM_MAP_H_
#define MIMOBOX_TESTS_FAULTS_PROGRAM_MAP_H_

#include <cstdint>

namespace mimobox::faults {

/// Who a call in the program comes from.
enum class Caller : std::uint8_t { kOurs, kEngine, kElsewhere };

/// Reads the symbols of the running program; before it, and when the program has none, every
/// caller is elsewhere. Allocates by mmap only.
void read_program_map();

/// `address`: the return address of the call.
[[nodiscard]] Caller caller_of(const void* address);

/// How many functions are known as ours.
[[nodiscard]] long known_functions();

}  // namespace mimobox::faults

#endif  // MIMOBOX_TESTS_FAULTS_PROGRAM_MAP_H_
