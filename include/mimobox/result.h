#ifndef MIMOBOX_RESULT_H_
#define MIMOBOX_RESULT_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mimobox/mount.h"

namespace mimobox {

/// Why a run ended. The first cause wins: a guest that traps and is then overtaken by its deadline
/// has trapped. The numbers of the enumerators may change; `verdict_name()` does not.
enum class Verdict : std::uint8_t {
  kExited,          ///< the entry point returned, or the guest called proc_exit
  kTimeLimit,       ///< `Limits::wall_time` was over
  kMemoryLimit,     ///< the guest trapped, and its last attempt to grow its memory had been denied
  kStackOverflow,   ///< `Limits::stack_bytes` was used up
  kOutputLimit,     ///< the guest wrote more than its output limit, and that was to end the run
  kTrapped,         ///< the guest did what WebAssembly forbids (`RunResult::trap` says what)
  kCancelled,       ///< `RunRequest::stop` was requested, or the sandbox was destroyed
  kCallbackFailed,  ///< a callback of the embedder threw an exception
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

/// One call in a guest's backtrace. Its texts are what the module says, so text of the guest's
/// choice: escape them before they reach a terminal.
struct Frame {
  /// From the module's name section or DWARF; empty when there is neither.
  std::string function;
  /// The function's index in the module.
  std::uint32_t function_index = 0;
  /// Where in the module's bytes; nullopt when unknown.
  std::optional<std::uint64_t> module_offset = {};
  /// From DWARF; empty when the module has none.
  std::string file = {};
  /// From DWARF, counted from 1; 0 when unknown.
  std::uint32_t line = 0;

  friend bool operator==(const Frame&, const Frame&) = default;
};

/// A trap, in words of ours.
struct Trap {
  TrapCode code = TrapCode::kOther;
  /// One sentence.
  std::string message;
  /// Where it happened, the innermost call first; at most 64 frames. Functions that the compiler of
  /// the guest inlined are frames of their own where DWARF tells them.
  std::vector<Frame> frames = {};

  friend bool operator==(const Trap&, const Trap&) = default;
};

/// One of the guest's output streams.
struct OutputStream {
  /// The first bytes of a captured stream, up to the limit of the run. Empty when it went
  /// elsewhere.
  std::string data;
  /// Bytes that the guest wrote in all, wherever they went.
  std::uint64_t total_bytes = 0;
  /// Whether bytes were dropped because of the stream's limit.
  bool truncated = false;

  friend bool operator==(const OutputStream&, const OutputStream&) = default;
};

/// Where the code of a run came from.
enum class CodeSource : std::uint8_t {
  kMemory,     ///< this process had it ready
  kDiskCache,  ///< it was mapped from the disk cache, if need be after waiting for whoever compiled it
  kCompiled,   ///< it was compiled for this process
};

/// The source's name as programs see it ("disk_cache"). A static string.
[[nodiscard]] std::string_view code_source_name(CodeSource source);

/// What a run cost.
struct Metrics {
  CodeSource code_source = CodeSource::kMemory;
  /// Waiting for the code to be compiled: 0 when it was compiled before.
  std::chrono::nanoseconds compile_time{0};
  /// Getting code ready that others compiled: mapping it from the disk cache, say.
  std::chrono::nanoseconds load_time{0};
  /// From `execute()` to the guest's end without these two: what `Limits::wall_time` limits.
  std::chrono::nanoseconds wall_time{0};
  /// The part of `wall_time` that the run waited for its turn (`RuntimeConfig::on_busy`).
  std::chrono::nanoseconds queue_time{0};
  /// The part of `wall_time` that callbacks of the embedder took.
  std::chrono::nanoseconds callback_time{0};
  /// The largest size of the guest's linear memory, in bytes (its memory never shrinks).
  std::uint64_t peak_memory_bytes = 0;
  /// How often the guest was denied to grow its memory.
  std::uint64_t denied_grows = 0;
  /// Bytes and calls that read and wrote files of mounts and scratches, and how many were opened.
  std::uint64_t file_bytes_read = 0;
  std::uint64_t file_bytes_written = 0;
  std::uint64_t file_read_calls = 0;
  std::uint64_t file_write_calls = 0;
  std::uint64_t files_opened = 0;

  friend bool operator==(const Metrics&, const Metrics&) = default;
};

/// How a run ended and what it left.
struct RunResult {
  Verdict verdict = Verdict::kExited;
  /// The guest's own number; set only when the verdict is `kExited`.
  std::optional<std::uint32_t> exit_code = {};
  /// Set when the verdict is `kTrapped`, `kMemoryLimit` or `kStackOverflow`.
  std::optional<Trap> trap = {};
  /// What the callback threw, when the verdict is `kCallbackFailed`: the text of a std::exception.
  std::string callback_error = {};
  OutputStream out = {};
  OutputStream err = {};
  /// Which bound on files refused the guest something first; the guest saw an errno and went on.
  FileLimit file_limit_hit = FileLimit::kNone;
  /// What the scratches held at the end, in their order, if `RunRequest::keep_scratch` asked for
  /// it.
  std::vector<ScratchOutput> scratch = {};
  Metrics metrics = {};

  [[nodiscard]] bool timed_out() const { return verdict == Verdict::kTimeLimit; }

  friend bool operator==(const RunResult&, const RunResult&) = default;
};

}  // namespace mimobox

#endif  // MIMOBOX_RESULT_H_
