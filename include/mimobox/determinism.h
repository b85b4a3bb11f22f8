#ifndef MIMOBOX_DETERMINISM_H_
#define MIMOBOX_DETERMINISM_H_

#include <chrono>
#include <cstdint>

namespace mimobox {

/// Makes runs repeatable: the same module, arguments, environment, input, files, limits and seed
/// give the same output, exit code, fuel and verdict on every run of the same build of this library
/// and the same instruction set. docs/determinism.md says exactly how far that reaches.
///
/// - Clocks are virtual. A run begins at `start_time` on the wall clock and at 0 on the others.
/// Each
///   reading of a clock moves all of them on by a microsecond, a sleep moves the wall clock and the
///   monotonic one to its end at once, and nothing else moves them.
/// - Random bytes come from a generator (mt19937-64) that is seeded with `seed`: not for secrets.
/// - Standard streams are always ready, are no terminals, and a read of standard input gives all
///   that it has room for unless the input ends: guests that converse over pipes would wait.
/// - NaNs are canonical, relaxed SIMD has one answer.
/// - Directories are listed in the order of their names' bytes; files have numbers in the order in
///   which the guest meets them, and times of the virtual clock: `start_time`, until the guest
///   changes them. Of directories size and links are not told.
///
/// The wall-clock limit stays, as a safety net outside the promise.
struct Determinism {
  /// Default 0; any number.
  std::uint64_t seed = 0;

  /// Since 1970. Default 2000-01-01T00:00:00Z; 0 to the year 2200.
  std::chrono::nanoseconds start_time = std::chrono::seconds{946'684'800};

  friend bool operator==(const Determinism&, const Determinism&) = default;
};

}  // namespace mimobox

#endif  // MIMOBOX_DETERMINISM_H_
