#ifndef MIMOBOX_SANDBOX_SETTING_ROWS_H_
#define MIMOBOX_SANDBOX_SETTING_ROWS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "mimobox/settings.h"

// The tables behind mimobox/settings.h, in the order of the fields. Whoever adds a field adds its
// row here (settings_test.cc names each field) and a test of its effect (knob_test.cc does not
// build without).

namespace mimobox::internal {

inline constexpr std::uint64_t kKiB = 1ULL << 10;
inline constexpr std::uint64_t kMiB = 1ULL << 20;
inline constexpr std::uint64_t kGiB = 1ULL << 30;
inline constexpr std::uint64_t kNanosecondsPerDay = 24ULL * 3600 * 1'000'000'000;

inline constexpr std::array kStackSizes = {256 * kKiB, 512 * kKiB, 1 * kMiB,
                                           2 * kMiB,   4 * kMiB,   8 * kMiB};

inline constexpr std::array kLimitSettings = {
    Setting<Limits>{.field = "memory_bytes",
                    .option = "--memory",
                    .policy_key = "limits.memory",
                    .unit = Unit::kBytes,
                    .member = &Limits::memory_bytes,
                    .minimum = 64 * kKiB,
                    .maximum = 4 * kGiB,
                    .help = "Linear memory of the guest"},
    Setting<Limits>{.field = "tables",
                    .option = "--max-tables",
                    .policy_key = "limits.tables",
                    .unit = Unit::kCount,
                    .member = &Limits::tables,
                    .minimum = 0,
                    .maximum = 100,
                    .help = "Tables of the module"},
    Setting<Limits>{.field = "table_elements",
                    .option = "--max-table-elements",
                    .policy_key = "limits.table_elements",
                    .unit = Unit::kCount,
                    .member = &Limits::table_elements,
                    .minimum = 0,
                    .maximum = 10'000'000,
                    .help = "Elements of all tables"},
    Setting<Limits>{.field = "wall_time",
                    .option = "--timeout",
                    .policy_key = "limits.timeout",
                    .unit = Unit::kNanoseconds,
                    .member = &Limits::wall_time,
                    .minimum = 1,
                    .maximum = kNanosecondsPerDay,
                    .help = "Wall-clock time for the run"},
    Setting<Limits>{.field = "cpu_time",
                    .option = "--cpu-time",
                    .policy_key = "limits.cpu_time",
                    .unit = Unit::kNanoseconds,
                    .member = &Limits::cpu_time,
                    .minimum = 1,
                    .maximum = kNanosecondsPerDay,
                    .help = "CPU time for the run, host calls included"},
    Setting<Limits>{.field = "fuel",
                    .option = "--fuel",
                    .policy_key = "limits.fuel",
                    .unit = Unit::kCount,
                    .member = &Limits::fuel,
                    .minimum = 1,
                    .maximum = 1ULL << 62,
                    .help = "Instructions, about: the same on every run"},
    Setting<Limits>{.field = "stdout_bytes",
                    .option = "--stdout-limit",
                    .policy_key = "limits.stdout",
                    .unit = Unit::kBytes,
                    .member = &Limits::stdout_bytes,
                    .minimum = 0,
                    .maximum = 1 * kGiB,
                    .help = "Output kept with --json, or passed on"},
    Setting<Limits>{.field = "stderr_bytes",
                    .option = "--stderr-limit",
                    .policy_key = "limits.stderr",
                    .unit = Unit::kBytes,
                    .member = &Limits::stderr_bytes,
                    .minimum = 0,
                    .maximum = 1 * kGiB,
                    .help = "The same of standard error"},
    Setting<Limits>{.field = "stack_bytes",
                    .option = "--max-stack",
                    .policy_key = "limits.stack",
                    .unit = Unit::kBytes,
                    .member = &Limits::stack_bytes,
                    .minimum = kStackSizes.front(),
                    .maximum = kStackSizes.back(),
                    .choices = kStackSizes,
                    .help = "Stack of the guest"},
    Setting<Limits>{.field = "written_bytes",
                    .option = "--max-written",
                    .policy_key = "limits.written",
                    .unit = Unit::kBytes,
                    .member = &Limits::written_bytes,
                    .minimum = 0,
                    .maximum = 1ULL << 60,
                    .help = "Bytes written to mounts in all"},
    Setting<Limits>{.field = "file_bytes",
                    .option = "--max-file-size",
                    .policy_key = "limits.file_size",
                    .unit = Unit::kBytes,
                    .member = &Limits::file_bytes,
                    .minimum = 0,
                    .maximum = 1ULL << 60,
                    .help = "Size of one file on a mount"},
    Setting<Limits>{.field = "created_files",
                    .option = "--max-files",
                    .policy_key = "limits.files",
                    .unit = Unit::kCount,
                    .member = &Limits::created_files,
                    .minimum = 0,
                    .maximum = 1ULL << 40,
                    .help = "Files created on mounts"},
    Setting<Limits>{.field = "open_descriptors",
                    .option = "--max-open",
                    .policy_key = "limits.open",
                    .unit = Unit::kCount,
                    .member = &Limits::open_descriptors,
                    .minimum = 3,
                    .maximum = 65'536,
                    .help = "Descriptors open at a time"},
};

inline constexpr std::array kRuntimeSettings = {
    Setting<RuntimeConfig>{.field = "compile_timeout",
                           .option = "--compile-timeout",
                           .policy_key = "runtime.compile_timeout",
                           .unit = Unit::kNanoseconds,
                           .member = &RuntimeConfig::compile_timeout,
                           .minimum = 1,
                           .maximum = kNanosecondsPerDay,
                           .help = "Time to compile the module"},
    Setting<RuntimeConfig>{.field = "max_runs",
                           .option = {},
                           .policy_key = "runtime.max_runs",
                           .unit = Unit::kCount,
                           .member = &RuntimeConfig::max_runs,
                           .minimum = 1,
                           .maximum = 1'000'000,
                           .help = "Runs in flight"},
    Setting<RuntimeConfig>{.field = "max_memory_bytes",
                           .option = {},
                           .policy_key = "runtime.max_memory",
                           .unit = Unit::kBytes,
                           .member = &RuntimeConfig::max_memory_bytes,
                           .minimum = 64 * kKiB,
                           .maximum = 1ULL << 48,
                           .help = "Linear memory of all runs in flight together"},
    Setting<RuntimeConfig>{.field = "max_compiles",
                           .option = {},
                           .policy_key = "runtime.max_compiles",
                           .unit = Unit::kCount,
                           .member = &RuntimeConfig::max_compiles,
                           .minimum = 0,
                           .maximum = 1024,
                           .help = "Modules compiled at the same time; 0: as many as processors"},
    Setting<RuntimeConfig>{.field = "pool_slots",
                           .option = {},
                           .policy_key = "runtime.pool_slots",
                           .unit = Unit::kCount,
                           .member = &RuntimeConfig::pool_slots,
                           .minimum = 0,
                           .maximum = 4096,
                           .help = "Instances kept ready; 0: each is made on demand"},
};

inline constexpr std::array kScratchSettings = {
    Setting<Scratch>{.field = "bytes",
                     .option = {},
                     .policy_key = "scratch.size",
                     .unit = Unit::kBytes,
                     .member = &Scratch::bytes,
                     .minimum = 64 * kKiB,
                     .maximum = 64 * kGiB,
                     .help = "Host memory that it may take, names and inodes counted"},
    Setting<Scratch>{.field = "files",
                     .option = {},
                     .policy_key = "scratch.files",
                     .unit = Unit::kCount,
                     .member = &Scratch::files,
                     .minimum = 1,
                     .maximum = 10'000'000,
                     .help = "Files, directories and links that it may hold"},
};

/// Accessors of a field that is one of an enumeration's values.
template <class Owner, class Enum, Enum Owner::* Member>
constexpr std::size_t get_choice(const Owner& owner) {
  return static_cast<std::size_t>(owner.*Member);
}
template <class Owner, class Enum, Enum Owner::* Member>
constexpr void set_choice(Owner& owner, std::size_t enumerator) {
  owner.*Member = static_cast<Enum>(enumerator);
}

inline constexpr std::array<std::string_view, 3> kOnOutputLimitWords = {"head", "head-and-tail",
                                                                        "end"};
inline constexpr std::array<std::string_view, 2> kOnMemoryDeniedWords = {"fail", "end"};
inline constexpr std::array<std::string_view, 3> kInterruptWords = {"auto", "signal", "epoch"};
inline constexpr std::array<std::string_view, 2> kOnBusyWords = {"wait", "refuse"};

inline constexpr std::array kSandboxChoices = {
    Choice<SandboxConfig>{
        .field = "on_stdout_limit",
        .option = "--on-stdout-limit",
        .policy_key = "on_stdout_limit",
        .words = kOnOutputLimitWords,
        .get = get_choice<SandboxConfig, OnOutputLimit, &SandboxConfig::on_stdout_limit>,
        .set = set_choice<SandboxConfig, OnOutputLimit, &SandboxConfig::on_stdout_limit>,
        .help = "What to keep of too much output, or end the run"},
    Choice<SandboxConfig>{
        .field = "on_stderr_limit",
        .option = "--on-stderr-limit",
        .policy_key = "on_stderr_limit",
        .words = kOnOutputLimitWords,
        .get = get_choice<SandboxConfig, OnOutputLimit, &SandboxConfig::on_stderr_limit>,
        .set = set_choice<SandboxConfig, OnOutputLimit, &SandboxConfig::on_stderr_limit>,
        .help = "The same of standard error"},
    Choice<SandboxConfig>{
        .field = "on_memory_denied",
        .option = "--on-memory-denied",
        .policy_key = "on_memory_denied",
        .words = kOnMemoryDeniedWords,
        .get = get_choice<SandboxConfig, OnMemoryDenied, &SandboxConfig::on_memory_denied>,
        .set = set_choice<SandboxConfig, OnMemoryDenied, &SandboxConfig::on_memory_denied>,
        .help = "Fail the guest's grow, or end the run"},
};

inline constexpr std::array kRuntimeChoices = {
    Choice<RuntimeConfig>{
        .field = "interrupt",
        .option = "--interrupt",
        .policy_key = "runtime.interrupt",
        .words = kInterruptWords,
        .get = get_choice<RuntimeConfig, Interrupt, &RuntimeConfig::interrupt>,
        .set = set_choice<RuntimeConfig, Interrupt, &RuntimeConfig::interrupt>,
        .help = "Stop guests by a signal (full speed) or by checks in their code"},
    Choice<RuntimeConfig>{.field = "on_busy",
                          .option = {},
                          .policy_key = "runtime.on_busy",
                          .words = kOnBusyWords,
                          .get = get_choice<RuntimeConfig, OnBusy, &RuntimeConfig::on_busy>,
                          .set = set_choice<RuntimeConfig, OnBusy, &RuntimeConfig::on_busy>,
                          .help = "Above a bound of the runtime, wait for a turn or be refused"},
};

inline constexpr std::uint64_t kYear2200 = 7'258'118'400'000'000'000;

inline constexpr std::array kDeterminismSettings = {
    Setting<Determinism>{.field = "seed",
                         .option = "--deterministic",
                         .policy_key = "determinism.seed",
                         .unit = Unit::kCount,
                         .member = &Determinism::seed,
                         .minimum = 0,
                         .maximum = std::numeric_limits<std::uint64_t>::max(),
                         .help = "Seed of the guest's random bytes"},
    Setting<Determinism>{.field = "start_time",
                         .option = "--start-time",
                         .policy_key = "determinism.start_time",
                         .unit = Unit::kTimestamp,
                         .member = &Determinism::start_time,
                         .minimum = 0,
                         .maximum = kYear2200,
                         .help = "Where the guest's wall clock begins"},
};

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_SETTING_ROWS_H_
