#ifndef MIMOBOX_TESTS_UNIT_ENGINE_ENDLESS_GUESTS_H_
#define MIMOBOX_TESTS_UNIT_ENGINE_ENDLESS_GUESTS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace mimobox::engine::testing {

/// A guest that never ends by itself, or only by the trap that its name says. It may import `note`
/// and `leave` from "test".
struct EndlessGuest {
  std::string_view name;
  std::string_view text;
  bool overflows_stack = false;
};

/// One for each thing that compiled code and the engine's own functions can be in the middle of.
[[nodiscard]] std::span<const EndlessGuest> endless_guests();

/// A module made at random: functions of many signatures that call each other directly, through a
/// table and by tail calls, compute, fill, copy and grow; its entry point never ends.
[[nodiscard]] std::string random_module(std::uint64_t seed);

/// A guest that ends by itself with code 42 if everything that it looks at is as it should be: a
/// fresh memory, its data, its arithmetic, its tables.
[[nodiscard]] std::string_view good_guest();

}  // namespace mimobox::engine::testing

#endif  // MIMOBOX_TESTS_UNIT_ENGINE_ENDLESS_GUESTS_H_
