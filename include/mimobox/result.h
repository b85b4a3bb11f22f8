#ifndef MIMOBOX_RESULT_H_
#define MIMOBOX_RESULT_H_

#include <array>
#include <chrono>
#include <cstddef>
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
  kCpuTimeLimit,    ///< `Limits::cpu_time` was used up
  kOutOfFuel,       ///< `Limits::fuel` was used up
  kMemoryLimit,     ///< the guest trapped, and its last attempt to grow its memory had been denied;
                    ///< or a denied grow was to end the run (`SandboxConfig::on_memory_denied`)
  kStackOverflow,   ///< `Limits::stack_bytes` was used up
  kOutputLimit,     ///< the guest wrote more than its output limit, and that was to end the run
  kTrapped,         ///< the guest did what WebAssembly forbids (`RunResult::trap` says what)
  kCancelled,       ///< `RunRequest::stop` was requested, or the sandbox was destroyed
  kCallbackFailed,  ///< a callback of the embedder threw an exception
};

/// The verdict's name as programs see it ("time_limit"). A static string.
[[nodiscard]] std::string_view verdict_name(Verdict verdict);

/// A bound that a guest ran into: the fields of `Limits` and `Scratch` by their names.
enum class LimitHit : std::uint8_t {
  kNone,
  kMemoryBytes,
  kTableElements,
  kWallTime,
  kCpuTime,
  kFuel,
  kStdoutBytes,  ///< or the bound of a stream that goes elsewhere
  kStderrBytes,
  kStackBytes,
  kWrittenBytes,
  kFileBytes,  ///< on a scratch, 1 TiB for one file
  kCreatedFiles,
  kOpenDescriptors,
  kScratchBytes,
  kScratchFiles,
};

/// The bound's name as programs see it ("memory_bytes"). A static string.
[[nodiscard]] std::string_view limit_hit_name(LimitHit limit);

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
  /// The last bytes, where `OnOutputLimit::kKeepHeadAndTail` kept them. Of a captured stream empty
  /// when nothing was dropped in front of them: `data` holds all then. Of a stream with a bound
  /// that went elsewhere, what has not gone out of it: whoever took the rest wants to write this
  /// behind it.
  std::string tail = {};
  /// Bytes that the guest wrote in all, wherever they went.
  std::uint64_t total_bytes = 0;
  /// Whether bytes were dropped because of the stream's limit.
  bool truncated = false;

  friend bool operator==(const OutputStream&, const OutputStream&) = default;
};

/// Where the code of a run came from.
enum class CodeSource : std::uint8_t {
  kMemory,     ///< this process had it ready
  kDiskCache,  ///< it was mapped from the disk cache, if need be after waiting for whoever compiled
               ///< it
  kCompiled,   ///< it was compiled for this process, or the run was cancelled meanwhile
};

/// The source's name as programs see it ("disk_cache"). A static string.
[[nodiscard]] std::string_view code_source_name(CodeSource source);

/// What host calls are counted as.
enum class HostCallKind : std::uint8_t {
  kArguments,      ///< args_*, environ_*
  kClock,          ///< clock_*
  kRandom,         ///< random_get
  kStreamRead,     ///< fd_read of a stream, or of a descriptor that is none
  kStreamWrite,    ///< fd_write to a stream, or to a descriptor that is none
  kFileRead,       ///< fd_read and fd_pread of files
  kFileWrite,      ///< fd_write and fd_pwrite to files
  kDirectoryRead,  ///< fd_readdir
  kDescriptor,     ///< the other fd_*
  kPath,           ///< path_*
  kPoll,           ///< poll_oneoff, sched_yield
  kProcess,        ///< proc_*
  kSocket,         ///< sock_*
};
inline constexpr std::size_t kHostCallKinds = 13;

/// The kind's name as programs see it ("stream_write"). A static string.
[[nodiscard]] std::string_view host_call_kind_name(HostCallKind kind);

/// Host calls of one kind.
struct HostCallCount {
  std::uint64_t calls = 0;  ///< whether they succeeded or not
  /// What they moved to or from the guest: of streams, files, directory entries and random bytes; 0
  /// for the other kinds. What was dropped above an output's limit counts.
  std::uint64_t bytes = 0;

  friend bool operator==(const HostCallCount&, const HostCallCount&) = default;
};

/// What a run cost. Times other than `cpu_time` are wall-clock time.
struct Metrics {
  CodeSource code_source = CodeSource::kMemory;
  /// Reading, converting and checking the module when it was loaded, the same in each of its runs;
  /// and getting code ready for this run that was compiled before, mapping it from the disk cache,
  /// say.
  std::chrono::nanoseconds load_time{0};
  /// Waiting for the code to be compiled: 0 when it was compiled before.
  std::chrono::nanoseconds compile_time{0};
  /// From `execute()` to the guest's end without the time to get its code ready: what
  /// `Limits::wall_time` limits.
  std::chrono::nanoseconds wall_time{0};
  /// The part of `wall_time` that the run waited for its turn (`RuntimeConfig::on_busy`).
  std::chrono::nanoseconds queue_time{0};
  /// The part of `wall_time` that it took to make the instance and its host (files of a scratch
  /// included) and to run its start function.
  std::chrono::nanoseconds instantiate_time{0};
  /// The part of `wall_time` from then to the end of the entry point.
  std::chrono::nanoseconds run_time{0};
  /// The part of these two that callbacks of the embedder took.
  std::chrono::nanoseconds callback_time{0};
  /// The part of `wall_time` that it took to give the instance back.
  std::chrono::nanoseconds teardown_time{0};
  /// CPU time of the run's thread, as `Limits::cpu_time` counts it; set when that or
  /// `RuntimeConfig::measure_cpu_time` asked for it and the guest began.
  std::optional<std::chrono::nanoseconds> cpu_time = {};
  /// The largest size of the guest's linear memory, in bytes (its memory never shrinks).
  std::uint64_t peak_memory_bytes = 0;
  /// How often the guest was denied to grow its memory because of the limit or for want of memory
  /// (a module's own bound is none of ours and not counted).
  std::uint64_t denied_grows = 0;
  /// The most elements that all its tables had together, and how often it was denied more.
  std::uint64_t peak_table_elements = 0;
  std::uint64_t denied_table_grows = 0;
  /// Fuel used; set when the run had `Limits::fuel`. The same on every run of the same module,
  /// input and limits that ends by itself or by fuel; after a trap a lower bound, since the engine
  /// counts per function.
  std::optional<std::uint64_t> fuel_used = {};
  /// By `HostCallKind`.
  std::array<HostCallCount, kHostCallKinds> host_calls = {};
  /// Files and folders of mounts and scratches that the guest opened.
  std::uint64_t files_opened = 0;

  [[nodiscard]] const HostCallCount& calls(HostCallKind kind) const {
    return host_calls[static_cast<std::size_t>(kind)];
  }

  friend bool operator==(const Metrics&, const Metrics&) = default;
};

/// How a run ended and what it left.
struct RunResult {
  Verdict verdict = Verdict::kExited;
  /// The guest's own number; set only when the verdict is `kExited`.
  std::optional<std::uint32_t> exit_code = {};
  /// Set when the verdict is `kTrapped`, `kMemoryLimit` or `kStackOverflow`.
  std::optional<Trap> trap = {};
  /// Where the guest was when it was stopped from outside (`kTimeLimit`, `kCancelled`, ...), the
  /// innermost call first; at most 65 frames. Empty when that is unknown. The frame in which an
  /// `Interrupt::kSignal` met it has no `module_offset`, file or line.
  std::vector<Frame> stopped_in = {};
  /// What the callback threw, when the verdict is `kCallbackFailed`: the text of a std::exception.
  std::string callback_error = {};
  OutputStream out = {};
  OutputStream err = {};
  /// The bound that ended the run. Of a run that no bound ended: one that refused the guest
  /// something on the way (a grow, output, a file), the memory before tables and these before the
  /// first of the others.
  LimitHit limit_hit = LimitHit::kNone;
  /// What the scratches held at the end, in their order, if `RunRequest::keep_scratch` asked for
  /// it.
  std::vector<ScratchOutput> scratch = {};
  Metrics metrics = {};

  /// Whether a limit on time ended it, wall-clock or CPU.
  [[nodiscard]] bool timed_out() const {
    return verdict == Verdict::kTimeLimit || verdict == Verdict::kCpuTimeLimit;
  }

  friend bool operator==(const RunResult&, const RunResult&) = default;
};

}  // namespace mimobox

#endif  // MIMOBOX_RESULT_H_
