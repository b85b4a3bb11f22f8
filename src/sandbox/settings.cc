#include "mimobox/settings.h"

#include <algorithm>
#include <array>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace mimobox {
namespace {

using std::chrono::nanoseconds;

constexpr std::uint64_t kKiB = 1ULL << 10;
constexpr std::uint64_t kMiB = 1ULL << 20;
constexpr std::uint64_t kGiB = 1ULL << 30;
constexpr std::uint64_t kYear2200 = 7'258'118'400'000'000'000;
constexpr std::uint64_t kNanosecondsPerDay = 24ULL * 3600 * 1'000'000'000;

constexpr std::array kStackSizes = {256 * kKiB, 512 * kKiB, 1 * kMiB, 2 * kMiB, 4 * kMiB, 8 * kMiB};

// In the order of the fields. Whoever adds a field adds its row; settings_test.cc counts them.
constexpr std::array kLimitSettings = {
    Setting<Limits>{.field = "memory_bytes",
                    .option = "--memory",
                    .policy_key = "limits.memory",
                    .unit = Unit::kBytes,
                    .member = &Limits::memory_bytes,
                    .minimum = 64 * kKiB,
                    .maximum = 4 * kGiB,
                    .help = "Linear memory of the guest"},
    Setting<Limits>{.field = "wall_time",
                    .option = "--timeout",
                    .policy_key = "limits.timeout",
                    .unit = Unit::kNanoseconds,
                    .member = &Limits::wall_time,
                    .minimum = 1,
                    .maximum = kNanosecondsPerDay,
                    .help = "Wall-clock time for the run"},
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

constexpr std::array kRuntimeSettings = {
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

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

std::uint64_t to_number(std::uint64_t value) {
  return value;
}
/// Negative durations are out of every row's bounds, and this number is too.
constexpr std::uint64_t kNegative = std::numeric_limits<std::uint64_t>::max();
std::uint64_t to_number(nanoseconds value) {
  return value.count() < 0 ? kNegative : static_cast<std::uint64_t>(value.count());
}

template <class T>
T from_number(std::uint64_t value) {
  if constexpr (std::is_same_v<T, nanoseconds>) {
    return nanoseconds(static_cast<std::int64_t>(
        std::min<std::uint64_t>(value, std::numeric_limits<std::int64_t>::max())));
  } else {
    return value;
  }
}

constexpr std::array kScratchSettings = {
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

constexpr std::array<std::string_view, 2> kOnOutputLimitWords = {"truncate", "end"};
constexpr std::array<std::string_view, 2> kOnBusyWords = {"wait", "refuse"};

template <class Owner, class Enum, Enum Owner::* Member>
constexpr std::size_t get_choice(const Owner& owner) {
  return static_cast<std::size_t>(owner.*Member);
}
template <class Owner, class Enum, Enum Owner::* Member>
constexpr void set_choice(Owner& owner, std::size_t enumerator) {
  owner.*Member = static_cast<Enum>(enumerator);
}

constexpr std::array kSandboxChoices = {
    Choice<SandboxConfig>{
        .field = "on_output_limit",
        .option = "--on-output-limit",
        .policy_key = "on_output_limit",
        .words = kOnOutputLimitWords,
        .get = get_choice<SandboxConfig, OnOutputLimit, &SandboxConfig::on_output_limit>,
        .set = set_choice<SandboxConfig, OnOutputLimit, &SandboxConfig::on_output_limit>,
        .help = "Keep the first bytes and go on, or end the run"},
};

constexpr std::array kRuntimeChoices = {
    Choice<RuntimeConfig>{.field = "on_busy",
                          .option = {},
                          .policy_key = "runtime.on_busy",
                          .words = kOnBusyWords,
                          .get = get_choice<RuntimeConfig, OnBusy, &RuntimeConfig::on_busy>,
                          .set = set_choice<RuntimeConfig, OnBusy, &RuntimeConfig::on_busy>,
                          .help = "Above a bound of the runtime, wait for a turn or be refused"},
};

constexpr std::array kDeterminismSettings = {
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

}  // namespace

template <class Owner>
std::optional<std::uint64_t> Setting<Owner>::get(const Owner& owner) const {
  return std::visit(
      [&](auto field_of) -> std::optional<std::uint64_t> {
        const auto& value = owner.*field_of;
        if constexpr (IsOptional<std::remove_cvref_t<decltype(value)>>::value) {
          if (!value) return std::nullopt;
          return to_number(*value);
        } else {
          return to_number(value);
        }
      },
      member);
}

template <class Owner>
void Setting<Owner>::set(Owner& owner, std::optional<std::uint64_t> value) const {
  std::visit(
      [&](auto field_of) {
        using Field = std::remove_reference_t<decltype(owner.*field_of)>;
        if constexpr (IsOptional<Field>::value) {
          owner.*field_of =
              value ? Field(from_number<typename Field::value_type>(*value)) : Field();
        } else if (value) {
          owner.*field_of = from_number<Field>(*value);
        }
      },
      member);
}

template <class Owner>
Result<void> Setting<Owner>::check(std::optional<std::uint64_t> value) const {
  const bool fits =
      value ? *value >= minimum && *value <= maximum &&
                  (choices.empty() || std::ranges::find(choices, *value) != choices.end())
            : may_be_none();
  if (fits) return {};
  const bool time = unit == Unit::kNanoseconds || unit == Unit::kTimestamp;
  const bool negative = time && value == kNegative;
  return std::unexpected(
      SandboxError{ErrorCode::kInvalidConfig,
                   fmt::format("{} is {}; allowed: {}", field,
                               negative ? "negative" : format_setting(unit, value), allowed())});
}

template <class Owner>
std::string Setting<Owner>::allowed() const {
  std::string text;
  if (!choices.empty()) {
    std::vector<std::string> names;
    for (const std::uint64_t choice : choices)
      names.push_back(format_setting(unit, choice));
    text = fmt::format("{}", fmt::join(names, ", "));
  } else if (unit == Unit::kNanoseconds && minimum == 1) {
    text = fmt::format("above 0, at most {}", format_setting(unit, maximum));
  } else {
    text = fmt::format("{} to {}", format_setting(unit, minimum), format_setting(unit, maximum));
  }
  return may_be_none() ? text + ", or none" : text;
}

template <class Owner>
std::optional<std::size_t> Choice<Owner>::find(std::string_view word) const {
  const auto found = std::ranges::find(words, word);
  if (found == words.end()) return std::nullopt;
  return static_cast<std::size_t>(found - words.begin());
}

template <class Owner>
std::string Choice<Owner>::allowed() const {
  return fmt::format("{}", fmt::join(words, ", "));
}

template struct Choice<SandboxConfig>;
template struct Choice<RuntimeConfig>;
template struct Setting<Limits>;
template struct Setting<RuntimeConfig>;
template struct Setting<Determinism>;
template struct Setting<Scratch>;

std::span<const Setting<Limits>> limit_settings() {
  return kLimitSettings;
}

std::span<const Setting<RuntimeConfig>> runtime_settings() {
  return kRuntimeSettings;
}

std::span<const Choice<SandboxConfig>> sandbox_choices() {
  return kSandboxChoices;
}

std::span<const Choice<RuntimeConfig>> runtime_choices() {
  return kRuntimeChoices;
}

std::span<const Setting<Scratch>> scratch_settings() {
  return kScratchSettings;
}

std::span<const Setting<Determinism>> determinism_settings() {
  return kDeterminismSettings;
}

}  // namespace mimobox
