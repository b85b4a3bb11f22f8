#ifndef MIMOBOX_BENCH_H_
#define MIMOBOX_BENCH_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "mimobox/config.h"
#include "mimobox/error.h"

// What running guests costs on this machine: start at `run_benchmark()`. The command `bench` shows
// the same report.

namespace mimobox {

/// What is measured. Everything that a stage's name calls cold or new is made for each sample, and
/// nothing of an earlier one is left in it; what is cheap to leave out of the time (writing the
/// module's file, say) is.
enum class BenchStage : std::uint8_t {
  kEngine,       ///< a new `Runtime` and its engine, without a module
  kCompile,      ///< loading and compiling a module that no cache knows, in a new runtime
  kProcessCold,  ///< the command as a new process with an empty cache folder
  kProcessWarm,  ///< the command as a new process whose cache folder has the compiled module
  kCold,         ///< new runtime and engine, compile, new sandbox, run: nothing is cached
  kWarmDisk,     ///< the same, but the compiled module is in the disk cache
  kNewSandbox,   ///< new sandbox and run, in a runtime that has the compiled module
  kHotPath,      ///< `execute()` of a path, again and again in one sandbox
  kHot,          ///< `execute()` of a `Module`, again and again in one sandbox
};

/// The stage's name as programs see it ("hot_path"). A static string.
[[nodiscard]] std::string_view bench_stage_name(BenchStage stage);

/// All stages, in their order.
[[nodiscard]] std::span<const BenchStage> bench_stages();

/// The stage of that name; nullopt when there is none.
[[nodiscard]] std::optional<BenchStage> find_bench_stage(std::string_view name);

/// The stage in some words ("hot, from a path"). A static string.
[[nodiscard]] std::string_view bench_stage_label(BenchStage stage);

/// A program to measure with, and how.
struct BenchWorkload {
  std::string name = {};     ///< "printf"; letters, digits, '-', '_' and '.'
  std::string summary = {};  ///< one line for people
  std::vector<std::byte> module = {};
  std::vector<std::string> args = {};  ///< behind argv[0]
  std::string input = {};              ///< standard input
  /// Whether it gets an empty folder of the host to write to, under `kBenchFolder`, whose name is
  /// its last argument.
  bool wants_folder = false;
  Limits limits = {};
  std::vector<BenchStage> stages = {};
  bool throughput = false;  ///< whether it runs on several threads at once, too
  bool compared = false;    ///< whether it runs in `BenchConfig::peers`, too
  bool checked = false;     ///< whether targets that name no workload apply to it
};

/// The guest's name for the folder of `BenchWorkload::wants_folder`.
inline constexpr std::string_view kBenchFolder = "/work";

/// The programs that come with the library. Those in C are left out of a build that had no compiler
/// for them.
[[nodiscard]] std::vector<BenchWorkload> builtin_bench_workloads();

/// A module of the caller's with the stages that the smallest built-in workload has.
/// Errors: as `Runtime::load()`.
[[nodiscard]] Result<BenchWorkload> bench_workload_of(const std::filesystem::path& path,
                                                      std::vector<std::string> args = {});

/// Another program that runs the same module, or a native build of it.
struct BenchPeer {
  /// One of `bench_peer_names()`.
  std::string name;
  /// Its path; empty: it is looked for in PATH. Of "native" it has to be given.
  std::string program = {};

  friend bool operator==(const BenchPeer&, const BenchPeer&) = default;
};

/// "wasmtime", "wazero", "wasmer", "wasmedge", "iwasm", "node" and "native".
[[nodiscard]] std::vector<std::string_view> bench_peer_names();

/// A median to stay below.
struct BenchTarget {
  BenchStage stage = BenchStage::kHotPath;
  std::chrono::nanoseconds p50_below{};
  /// Of this workload; empty: of each that is `BenchWorkload::checked`.
  std::string workload = {};

  friend bool operator==(const BenchTarget&, const BenchTarget&) = default;
};

/// Of each checked workload new_sandbox < 5 ms and hot_path < 1 ms; of the built-in nothing also
/// cold < 5 ms; of nothing and printf process_warm < 2.5 ms and hot_path < 10 us. None is for
/// process_cold, which has a compile in a child process in it.
[[nodiscard]] std::vector<BenchTarget> default_bench_targets();

/// How far a benchmark has come.
struct BenchProgress {
  std::size_t step = 0;  ///< from 1
  std::size_t steps = 0;
  std::string_view what;  ///< "printf: hot, from a path"; valid during the call
};

struct BenchConfig {
  /// Default: those that come with the library.
  std::vector<BenchWorkload> workloads = builtin_bench_workloads();
  /// How often each thing is measured. Default: as often as fits into `measuring_time`, at least 5
  /// times and at most 10,000. 1 to 10,000,000.
  std::optional<std::uint64_t> iterations = std::nullopt;
  /// Default 1 s; above 0, at most 1 h.
  std::chrono::nanoseconds measuring_time = std::chrono::seconds{1};
  /// Threads for the throughput. Default: 1, 2, 4 and so on, to the host's processors and to 2 at
  /// least. Each 1 to 1024.
  std::vector<std::size_t> threads = {};
  /// The path of the command `mimobox-wasm`. Empty: the stages of whole processes and the peers are
  /// left out, and the report says so.
  std::string command = {};
  /// Whole processes to compare with, in alternation with ours.
  std::vector<BenchPeer> peers = {};
  std::vector<BenchTarget> targets = default_bench_targets();
  /// Called on the caller's thread when a step begins. Default: nobody.
  std::function<void(const BenchProgress&)> progress = {};
  /// Ends the benchmark early: what was measured by then is in the report.
  std::stop_token stop = {};

  /// Checks every field; the error names the field and its bounds.
  [[nodiscard]] Result<void> validate() const;
};

/// Times of one kind. Percentiles are by nearest rank: the smallest sample that so many per cent of
/// all samples do not exceed.
struct BenchTimes {
  std::chrono::nanoseconds min{};
  std::chrono::nanoseconds p50{};
  std::chrono::nanoseconds p95{};
  std::chrono::nanoseconds p99{};
  std::chrono::nanoseconds average{};
  std::chrono::nanoseconds max{};
  std::vector<std::chrono::nanoseconds> samples = {};  ///< all of them, ascending

  friend bool operator==(const BenchTimes&, const BenchTimes&) = default;
};

/// The times of some samples in any order; zeros of none.
[[nodiscard]] BenchTimes bench_times(std::vector<std::chrono::nanoseconds> samples);

struct BenchMeasurement {
  std::string workload = {};  ///< empty for `BenchStage::kEngine`
  BenchStage stage = BenchStage::kHot;
  BenchTimes times = {};
  /// The guest's linear memory at its largest; 0 where no guest ran in this process.
  std::uint64_t peak_memory_bytes = 0;
  std::uint64_t memory_limit_bytes = 0;  ///< of the workload

  friend bool operator==(const BenchMeasurement&, const BenchMeasurement&) = default;
};

/// Runs of one sandbox on several threads.
struct BenchThroughput {
  std::string workload;
  std::size_t threads = 0;
  std::uint64_t runs = 0;
  double runs_per_second = 0;
  double speed_up = 0;  ///< over the first number of threads

  friend bool operator==(const BenchThroughput&, const BenchThroughput&) = default;
};

/// One program in a comparison, ours among them.
struct BenchContender {
  std::string name = {};     ///< "mimobox-wasm", "wasmtime"
  std::string program = {};  ///< path
  std::string version = {};  ///< what it says about itself, one line; may be empty
  BenchTimes times = {};     ///< of the whole process
  double ratio = 0;          ///< its median by ours; 0 when it failed
  std::string failure = {};  ///< why it was not measured; empty when it was

  friend bool operator==(const BenchContender&, const BenchContender&) = default;
};

/// The same module as a whole process of each; ours comes first. Caches of compiled code are filled
/// for all that keep one.
struct BenchComparison {
  std::string workload;
  std::vector<BenchContender> contenders;

  friend bool operator==(const BenchComparison&, const BenchComparison&) = default;
};

/// What was asked for and could not be measured.
struct BenchMissing {
  std::string what;  ///< "wasmtime", "process_cold"
  std::string why;

  friend bool operator==(const BenchMissing&, const BenchMissing&) = default;
};

struct BenchCheck {
  BenchTarget target;
  std::string workload;
  std::chrono::nanoseconds p50{};  ///< measured
  bool passed = false;

  friend bool operator==(const BenchCheck&, const BenchCheck&) = default;
};

/// Where the figures were taken.
struct BenchMachine {
  std::string processor;
  std::size_t processors = 0;  ///< that this process may use
  std::string system;          ///< kernel and its release
  std::string engine;
  std::string version;  ///< of this library

  friend bool operator==(const BenchMachine&, const BenchMachine&) = default;
};

struct BenchReport {
  BenchMachine machine;
  std::vector<BenchWorkload> workloads;  ///< without `module` and `input`
  std::vector<BenchMeasurement> measurements;
  std::vector<BenchThroughput> throughput;
  std::vector<BenchComparison> comparisons;
  std::vector<BenchMissing> missing;
  std::vector<BenchCheck> checks;
  bool stopped = false;  ///< `BenchConfig::stop` ended it early

  /// Whether no check failed.
  [[nodiscard]] bool passed() const;
};

/// Measures. Files are made in a temporary folder of its own, which is gone afterwards; other
/// processes get it as HOME and as the place of their caches, so that nothing of the user's is read
/// or changed. Blocks for about `measuring_time` for each thing that is measured.
/// Errors: `kInvalidConfig`; those of `Runtime` and `Sandbox` for a workload that cannot run;
/// `kInternal` with the workload's name when it ran and did not exit with status 0;
/// `kResourceExhausted` when there is no temporary folder or no process.
[[nodiscard]] Result<BenchReport> run_benchmark(const BenchConfig& config = {});

}  // namespace mimobox

#endif  // MIMOBOX_BENCH_H_
