#ifndef MIMOBOX_CONFIG_H_
#define MIMOBOX_CONFIG_H_

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mimobox/determinism.h"
#include "mimobox/error.h"
#include "mimobox/mount.h"

namespace mimobox {

/// The largest module that is loaded, in bytes.
inline constexpr std::uint64_t kMaxModuleBytes = 100'000'000;

/// The largest module in the text format, in bytes: converting takes up to a hundred times as much
/// memory and, unlike compiling, has no time limit of its own. The format is for people's own small
/// modules.
inline constexpr std::uint64_t kMaxTextModuleBytes = 8ULL << 20;

/// What one run may use. Values copy and compare; nothing is clamped: a value out of its bounds is
/// `ErrorCode::kInvalidConfig` when a sandbox is created or a run is started. The bounds, the
/// options and the policy keys of all fields stand in one table (mimobox/settings.h).
struct Limits {
  /// Bytes of linear memory that the guest may have. Default 512 MiB; one page (64 KiB) to 4 GiB.
  /// What happens to a grow beyond it is `SandboxConfig::on_memory_denied`; a module whose memory
  /// starts above it is `ErrorCode::kMemoryAboveLimit`.
  std::uint64_t memory_bytes = 512ULL << 20;

  /// Tables that a module may have. Default and most 100; 0 to 100. A module with more is
  /// `ErrorCode::kModuleTooLarge`.
  std::uint64_t tables = 100;

  /// Elements that all tables of a guest may have together, each 16 bytes of host memory. Default
  /// 2^20; 0 to 10,000,000. A grow beyond it is treated as one of the memory; a module whose tables
  /// start above it is `ErrorCode::kModuleTooLarge`.
  std::uint64_t table_elements = 1ULL << 20;

  /// Wall-clock time from `execute()` to the guest's end: queueing, instantiation, the start
  /// function and the run; loading and compiling are not in it. Default 30 s; above 0, at most 24
  /// h; nullopt means no limit.
  std::optional<std::chrono::nanoseconds> wall_time = std::chrono::seconds{30};

  /// CPU time of the thread that runs the guest, from the making of its instance to its end: what
  /// the guest and its host calls use, in user space and in the kernel. Sleeping and waiting cost
  /// none, so a wall time limit belongs beside it. Default none; above 0, at most 24 h. Callbacks
  /// count where they run on that thread, which is always so unless the caller's stack was too
  /// small.
  std::optional<std::chrono::nanoseconds> cpu_time = std::nullopt;

  /// Fuel: a budget of instructions (about one unit each; calls of the host cost none) that gives
  /// out at the same place in every run of the same module on the same input, whatever the machine
  /// does meanwhile. It is looked at on function entries and loop heads, so a run may use a little
  /// more. Then it ends with `Verdict::kOutOfFuel`. Default none: nothing is counted and nothing is
  /// paid; 1 to 2^62. With fuel a module is compiled apart and runs slower.
  std::optional<std::uint64_t> fuel = std::nullopt;

  /// Bytes kept of captured standard output. Default 4 MiB; 0 to 1 GiB. What happens above is
  /// `SandboxConfig::on_stdout_limit`. Streams that go elsewhere have a bound of their own
  /// (`OutputDescriptor::limit_bytes`, `OutputCallback::limit_bytes`).
  std::uint64_t stdout_bytes = 4ULL << 20;

  /// The same for captured standard error and `SandboxConfig::on_stderr_limit`.
  std::uint64_t stderr_bytes = 4ULL << 20;

  /// Bytes of stack for the guest's calls; recursion beyond it ends the run with
  /// `Verdict::kStackOverflow`. Default 1 MiB; one of 256 KiB, 512 KiB, 1, 2, 4 or 8 MiB (each size
  /// in use costs an engine, so they are few).
  std::uint64_t stack_bytes = 1ULL << 20;

  /// Bytes that a guest may write to host mounts in all; growth by allocation counts, overwriting
  /// too. Beyond it writes fail with EDQUOT. Default: no bound; 0 to 2^60.
  std::optional<std::uint64_t> written_bytes = std::nullopt;

  /// The size to which a guest may bring a file on a host mount; beyond it EFBIG. Default: no
  /// bound; 0 to 2^60.
  std::optional<std::uint64_t> file_bytes = std::nullopt;

  /// Files, directories and links that a guest may create on host mounts; beyond it EDQUOT.
  /// Default: no bound; 0 to 2^40.
  std::optional<std::uint64_t> created_files = std::nullopt;

  /// Descriptors that a guest may have open at a time, its streams and grants included; beyond it
  /// EMFILE. Default 256; 3 to 65,536.
  std::uint64_t open_descriptors = 256;

  friend bool operator==(const Limits&, const Limits&) = default;
};

/// What happens when a guest writes more to a stream than its limit.
enum class OnOutputLimit : std::uint8_t {
  kKeepHead,  ///< the first bytes are kept, later ones are counted and dropped; the guest goes on
  kKeepHeadAndTail,  ///< half of the limit for the first bytes, half for the last. Of a stream that
                     ///< goes elsewhere the first go out as they are written; the last are in
                     ///< `OutputStream::tail`, for the caller to write behind them
  kEndRun,           ///< the run ends with `Verdict::kOutputLimit`
};

/// What happens when a guest asks for more memory or table elements than its limits allow, or than
/// the host has.
enum class OnMemoryDenied : std::uint8_t {
  kFailGrow,  ///< the grow answers -1, as on a machine without memory, and the guest goes on
  kEndRun,    ///< the run ends with `Verdict::kMemoryLimit`
};

/// What a sandbox grants its guests. A guest sees no file, no network and no environment but this.
struct SandboxConfig {
  Limits limits = {};

  /// What happens above `Limits::stdout_bytes`, and above the bound of a stream that goes
  /// elsewhere.
  OnOutputLimit on_stdout_limit = OnOutputLimit::kKeepHead;

  /// The same for standard error.
  OnOutputLimit on_stderr_limit = OnOutputLimit::kKeepHead;

  /// What happens above `Limits::memory_bytes` and `table_elements`.
  OnMemoryDenied on_memory_denied = OnMemoryDenied::kFailGrow;

  /// Whether the environment begins with HOME=/tmp, PATH=/usr/bin:/bin, TERM=dumb and SANDBOX=wasm.
  bool default_env = true;

  /// The guest's environment, in this order, behind the default one; a name of the default one is
  /// replaced. A name is not empty, holds no '=' and stands once; neither name nor value holds a
  /// NUL; all together at most 1 MiB.
  std::vector<std::pair<std::string, std::string>> env = {};

  /// Folders and files of the host, in this order (descriptors 3, 4, ...). Of two that contain each
  /// other a path belongs to the one with the longer guest path.
  std::vector<Mount> mounts = {};

  /// File systems in memory, behind the mounts; each run has its own.
  std::vector<Scratch> scratch = {};

  /// Makes runs repeatable. Default: they are not.
  std::optional<Determinism> determinism = std::nullopt;

  /// Checks every field; the error names the field and its bounds. Whether a mount can be opened is
  /// seen when the sandbox is made.
  [[nodiscard]] Result<void> validate() const;

  friend bool operator==(const SandboxConfig&, const SandboxConfig&) = default;
};

/// What happens to a run or a compile when a bound of the runtime is reached.
enum class OnBusy : std::uint8_t {
  kWait,    ///< it waits for its turn, first come first served, with its deadline running
  kRefuse,  ///< it is `ErrorCode::kResourceExhausted` at once
};

enum class LogLevel : std::uint8_t { kInfo, kWarning };

/// Takes one line of text, without a newline; names from guests in it are escaped. Called on any
/// thread, by several at once; must not call back into the library. What it throws is dropped.
using LogSink = std::function<void(LogLevel level, std::string_view line)>;

/// How running guests are stopped (docs/rationale.md says why either is safe).
enum class Interrupt : std::uint8_t {
  /// `kSignal` where a self-test has shown once that it works with this machine, kernel and engine
  /// (its result is kept in the cache folder), else `kEpoch`. Also `kEpoch` under sanitizers.
  kAuto,
  /// The guest's thread gets `RuntimeConfig::interrupt_signal`. Code is compiled without checks and
  /// runs at full speed. Where it does not work, `Runtime::create()` is an error.
  kSignal,
  /// Code looks at a counter at each function entry and loop head: works everywhere, 10 to 70 %
  /// slower.
  kEpoch,
};

/// A compile that somebody waits for.
struct CompileProgress {
  std::uint64_t module_bytes = 0;
  /// Since it began, in whatever process.
  std::chrono::nanoseconds running{0};
  /// Another process of the same cache is compiling the module; this one waits for its result.
  bool by_another_process = false;
  /// It has ended, well or not: the last that is told of it.
  bool done = false;
};

/// Told about a compile every half second and, if it was told at all, at its end, on the thread
/// that waits for it. May be slow, must not call back into the library. What it throws is dropped.
using CompileSink = std::function<void(const CompileProgress& progress)>;

/// What a process shares among all its sandboxes.
struct RuntimeConfig {
  /// How long compiling one module may take, waiting for its turn and for another process that
  /// compiles it included: that is waited for no longer than half of it, and counts as stopped
  /// then. Default 60 s; above 0, at most 24 h. Then its caller gets `ErrorCode::kCompileTimeout`.
  /// With a `compile_helper` the work is killed; inside this process it cannot be, and ends on a
  /// thread of its own.
  std::chrono::nanoseconds compile_timeout = std::chrono::seconds{60};

  /// Runs in flight in this runtime. Default 1024; 1 to 1,000,000.
  std::uint64_t max_runs = 1024;

  /// Bytes of linear memory that all runs in flight may have together, each counted with its
  /// `Limits::memory_bytes` from begin to end. Default: no bound; 64 KiB to 2^48. A run whose own
  /// limit is above it is refused.
  std::optional<std::uint64_t> max_memory_bytes = std::nullopt;

  /// Modules that are compiled at the same time (each on one thread or more). Default: as many as
  /// the host has processors (0 stands for that); at most 1024. An overdue compile counts until it
  /// ends.
  std::uint64_t max_compiles = 0;

  /// Instances that an engine keeps ready in slots, reset after each run, so that a run need not
  /// map its memory: 4 GiB of address space each, of which what guests touched stays resident up to
  /// 1 MiB, until there was no run for some seconds. Runs beyond them, modules that fit no slot
  /// (more than two tables, say) and machines that refuse the address space get instances on
  /// demand: slower, the same answers. Default 256; 0 (always on demand) to 4096.
  std::uint64_t pool_slots = 256;

  /// What happens above `max_runs`, `max_memory_bytes` and `max_compiles`.
  OnBusy on_busy = OnBusy::kWait;

  /// Whether compiled code is kept on disk, for later processes (docs/security.md says whom that
  /// trusts). Default: yes. A folder that cannot be used, or that somebody else could write, is
  /// left alone: `log` says why (a warning where somebody could write it, or where it was named),
  /// and runs go on without it. Off, one file of this user's default folder stays in use: what the
  /// self-test of `Interrupt::kAuto` and `kSignal` found.
  bool disk_cache = true;

  /// Where. Default (empty): what the environment variable MIMOBOX_CACHE_DIR says, else
  /// mimobox-wasm in $XDG_CACHE_HOME or in ~/.cache. It is made where it is not there; one that is
  /// must be this user's, mode 0700, below folders that nobody else can write.
  std::filesystem::path cache_folder = {};

  /// The key of a fleet that shares a folder: whoever has it may add code, everybody else's is not
  /// taken (each artifact is copied into memory and its MAC checked there), and who may write the
  /// folder does not matter. Default (empty): what MIMOBOX_CACHE_KEY says, else none.
  std::string cache_key = {};

  /// Bytes on disk of all that is kept there, by whatever version of this library; what was not
  /// used longest goes, but nothing that a process has in use. Default 2 GiB; 1 MiB to 2^50.
  std::uint64_t cache_disk_bytes = 2ULL << 30;

  /// Modules that this process keeps ready to run, each with up to three descriptors open: one that
  /// is loaded again is not read. What was not used longest goes. Default 128; 0 to 100,000.
  std::uint64_t cache_modules = 128;

  /// Bytes of code and modules that they may have together. Code that is mapped from disk is memory
  /// that the system can take back. Default 1 GiB; 0 to 2^48.
  std::uint64_t cache_memory_bytes = 1ULL << 30;

  /// A program that compiles in a process of its own, confined (no files, no network, bounded
  /// memory) and killed when its time is over or nobody waits any more: this version's
  /// `mimobox-wasm`, or a program that calls `serve_as_compile_helper()`
  /// (mimobox/compile_helper.h). It also converts modules in the text format. Default (empty):
  /// modules are compiled inside this process.
  std::filesystem::path compile_helper = {};

  /// Whether a compile that cannot be killed is refused: without a helper `create()` is an error.
  bool demand_killable_compile = false;

  /// Memory that the helper may have for one module. Default 4 GiB; 64 MiB to 2^48. Compiling
  /// inside this process knows no such bound.
  std::uint64_t compile_memory_bytes = 4ULL << 30;

  /// Told about each compile that takes longer than half a second. Default: nobody.
  CompileSink on_compile = {};

  /// How running guests are stopped. Default `kAuto`.
  Interrupt interrupt = Interrupt::kAuto;

  /// The signal that stops guests (`Interrupt::kSignal`) and interrupts a host call which blocks
  /// (a write that nobody takes). It is sent to the thread of a run that is being stopped only,
  /// and only inside its guest or such a call. Default SIGURG, which
  /// no default action makes dangerous; any catchable signal but SIGKILL, SIGSTOP and the engine's
  /// own SIGILL, SIGSEGV, SIGFPE and SIGBUS. What arrives and is not ours goes to the handler that
  /// was there before.
  int interrupt_signal = SIGURG;

  /// Resolves guests' paths step by step even where the kernel could do it (openat2): slower, same
  /// answers, but ELOOP after 100,000 steps up and down. For tests of that way.
  bool walk_paths = false;

  /// Whether results tell the CPU time of runs without `Limits::cpu_time` too. It takes two system
  /// calls, together about as long as all else of a run that does nothing. Default: only where a
  /// limit asks for it; the command always asks.
  bool measure_cpu_time = false;

  /// Where the library says what nobody asked for (a compile that is overdue, say). It prints
  /// nothing itself. Default: nowhere.
  LogSink log = {};

  /// Checks every field; the error names the field and its bounds.
  [[nodiscard]] Result<void> validate() const;
};

}  // namespace mimobox

#endif  // MIMOBOX_CONFIG_H_
