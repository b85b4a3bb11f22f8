#ifndef MIMOBOX_RESULT_H_
#define MIMOBOX_RESULT_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mimobox {

/// Why a run ended. The first cause wins: a guest that traps and is then overtaken by its deadline has
/// trapped. The numbers of the enumerators may change; `verdict_name()` does not.
enum class Verdict : std::uint8_t {
  kExited,         ///< the entry point returned, or the guest called proc_exit
  kTimeLimit,      ///< `Limits::wall_time` was over
  kMemoryLimit,    ///< the guest trapped, and its last attempt to grow its memory had been denied
  kStackOverflow,  ///< `Limits::stack_bytes` was used up
  kTrapped,        ///< the guest did what WebAssembly forbids (`RunResult::trap` says what)
  kCancelled,      ///< `RunRequest::stop` was requested, or the sandbox was destroyed
};

/// The verdict's name as programs see it ("time_limit"). A static string.
[[nodiscard]] std::string_view verdict_name(Verdict verdict);

/// What WebAssembly forbids and a guest did.
enum class TrapCode : std::uint8_t {
  kStackOverflow,
  kMemoryOutOfBounds,
  kTableOutOfBounds,
  kIndirectCallToNull,
  kBadSignature,
  kIntegerOverflow,
  kIntegerDivisionByZero,
  kBadConversionToInteger,
  kUnreachable,
  kOther,
};

/// The code's name as programs see it ("integer_division_by_zero"). A static string.
[[nodiscard]] std::string_view trap_code_name(TrapCode code);

/// A trap, in words of ours. Names of functions are text that the guest chose: escape them before
/// they reach a terminal.
struct Trap {
  TrapCode code = TrapCode::kOther;
  /// One sentence.
  std::string message;

  friend bool operator==(const Trap&, const Trap&) = default;
};

/// One captured stream.
struct CapturedStream {
  /// The first bytes of the stream, up to the limit of the run. Empty when the stream went elsewhere.
  std::string data;
  /// Bytes that the guest wrote in all.
  std::uint64_t total_bytes = 0;
  /// Whether bytes were dropped: `total_bytes > data.size()`.
  bool truncated = false;

  friend bool operator==(const CapturedStream&, const CapturedStream&) = default;
};

/// What a run cost.
struct Metrics {
  /// Getting the module ready for this run: 0 when it was compiled before.
  std::chrono::nanoseconds compile_time{0};
  /// From `execute()` to the guest's end without `compile_time`: what `Limits::wall_time` limits.
  std::chrono::nanoseconds wall_time{0};
  /// The largest size of the guest's linear memory, in bytes (its memory never shrinks).
  std::uint64_t peak_memory_bytes = 0;
  /// How often the guest was denied to grow its memory.
  std::uint64_t denied_grows = 0;

  friend bool operator==(const Metrics&, const Metrics&) = default;
};

/// How a run ended and what it left.
struct RunResult {
  Verdict verdict = Verdict::kExited;
  /// The guest's own number; set only when the verdict is `kExited`.
  std::optional<std::uint32_t> exit_code = {};
  /// Set when the verdict is `kTrapped`, `kMemoryLimit` or `kStackOverflow`.
  std::optional<Trap> trap = {};
  CapturedStream out = {};
  CapturedStream err = {};
  Metrics metrics = {};

  [[nodiscard]] bool timed_out() const { return verdict == Verdict::kTimeLimit; }

  friend bool operator==(const RunResult&, const RunResult&) = default;
};

}  // namespace mimobox

#endif  // MIMOBOX_RESULT_H_
