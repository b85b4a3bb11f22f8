#include "sandbox/interrupt_choice.h"

#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/sanitized.h"
#include "cache/trust.h"
#include "engine/fault_handlers.h"
#include "engine/machine_context.h"
#include "engine/self_test.h"
#include "sandbox/cache_settings.h"
#include "sandbox/interrupt_record.h"

namespace mimobox::internal {
namespace {

using engine::InterruptWay;
using engine::TrapSite;
using TrapSitePtr = std::shared_ptr<const TrapSite>;

/// What can be told without trying; empty: nothing is in the way.
std::string_view plain_obstacle() {
  if (base::kSanitized) return "this build has sanitizers";
  if (!engine::kMachineKnown) return "it is not written for this processor";
  return {};
}

/// A guest's trap would end the process.
Result<void> check_fault_handlers() {
  const auto taken = engine::replaced_fault_handler();
  if (!taken) return {};
  return std::unexpected(SandboxError{
      ErrorCode::kInvalidConfig,
      fmt::format(
          "another handler of SIG{} took the place of the engine's, so a guest's fault would "
          "end the process; install it before the first Runtime is made",
          ::sigabbrev_np(*taken))});
}

/// A process may end during the test because somebody ends it. Only when another one has, too, the
/// test is what ends them.
constexpr unsigned kMostTestsBegun = 2;

std::unexpected<SandboxError> failure(std::string why) {
  return std::unexpected(SandboxError{ErrorCode::kInternal, std::move(why)});
}

/// The test, with its result written down where there is a record, which is locked. What says
/// nothing about the machine leaves no trace.
Result<TrapSitePtr> test_now(const engine::SignalUse& signal, const InterruptRecord* record,
                             unsigned begun_before = 0) {
  using State = InterruptRecord::State;
  const auto write = [record](const InterruptRecord::Content& content) {
    if (record != nullptr) record->write(content);
  };
  write({.state = State::kTesting, .tests_begun = begun_before + 1});
  auto trap = TrapSite::make();
  if (!trap) {
    write({.state = State::kNone});
    return trap;
  }
  const auto passed = engine::test_signal_way(signal, *trap);
  if (!passed) {
    write(passed.error().lasting
              ? InterruptRecord::Content{.state = State::kFailed, .reason = passed.error().why}
              : InterruptRecord::Content{});
    return failure(passed.error().why);
  }
  auto artifact = (*trap)->artifact();
  write(artifact
            ? InterruptRecord::Content{.state = State::kPassed, .trap_site = *std::move(artifact)}
            : InterruptRecord::Content{});
  return *trap;
}

/// The trap site of a test that passed, now or earlier.
Result<TrapSitePtr> tested(const engine::SignalUse& signal, const InterruptRecord& record) {
  using State = InterruptRecord::State;
  auto content = record.read();
  if (content.state == State::kNone || content.state == State::kTesting) {
    // Another process may be at it. Who does not get its turn tests for itself.
    if (!record.lock()) return test_now(signal, nullptr);
    content = record.read();
  }
  switch (content.state) {
    case State::kNone:
      return test_now(signal, &record);
    case State::kTesting:
      if (content.tests_begun < kMostTestsBegun) {
        return test_now(signal, &record, content.tests_begun);
      }
      content = {.state = State::kFailed, .reason = "the self-test ended its process, twice"};
      record.write(content);
      break;
    case State::kFailed:
      break;
    case State::kPassed: {
      // The engine looks at version, settings and processor of what it loads.
      auto trap = TrapSite::make(content.trap_site);
      if (trap) return trap;
      return test_now(signal, record.lock() ? &record : nullptr);
    }
  }
  return failure(content.reason + " (`mimobox-wasm doctor` tries again)");
}

std::optional<InterruptRecord> open_record(const cache::DiskCache* disk, std::string* why) {
  // What is in a fleet's folder is sealed by its key; the record is not, and is for one machine.
  if (disk != nullptr && disk->rules().owner == cache::Owner::kUser) {
    if (auto record = InterruptRecord::open(disk->folder(), why)) return record;
  }
  const std::string own = default_cache_folder();
  if (own.empty()) {
    *why = "there is no cache folder";
    return std::nullopt;
  }
  const auto folder = cache::open_cache_folder(own, cache::Owner::kUser, true);
  if (!folder) {
    *why = folder.error().why;
    return std::nullopt;
  }
  return InterruptRecord::open(folder->get(), why);
}

}  // namespace

Result<InterruptChoice> choose_interrupt(Interrupt wanted, const engine::SignalUse& signal,
                                         const cache::DiskCache* disk) {
  if (auto in_place = check_fault_handlers(); !in_place) {
    return std::unexpected(std::move(in_place).error());
  }
  if (wanted == Interrupt::kEpoch) return InterruptChoice{};
  const auto without = [&](std::string why) -> Result<InterruptChoice> {
    if (wanted == Interrupt::kAuto) return InterruptChoice{.why_not_signal = std::move(why)};
    return std::unexpected(SandboxError{
        ErrorCode::kInvalidConfig,
        "interrupt is signal, which cannot be used here: " + why + "; use auto or epoch"});
  };
  if (const auto obstacle = plain_obstacle(); !obstacle.empty()) {
    return without(std::string(obstacle));
  }
  std::string why;
  const auto record = open_record(disk, &why);
  // Without a record each start would have to run the test: only for those who ask for signals.
  if (!record && wanted == Interrupt::kAuto) return without(std::move(why));
  auto trap = record ? tested(signal, *record) : test_now(signal, nullptr);
  if (!trap) return without(std::move(trap).error().message);
  return InterruptChoice{.way = InterruptWay::kSignal, .trap_site = std::move(*trap)};
}

Result<void> repeat_interrupt_test(const engine::SignalUse& signal, const cache::DiskCache* disk) {
  if (auto in_place = check_fault_handlers(); !in_place) return in_place;  // it would end us
  if (const auto obstacle = plain_obstacle(); !obstacle.empty()) {
    return std::unexpected(SandboxError{ErrorCode::kInternal, std::string(obstacle)});
  }
  std::string why;
  const auto record = open_record(disk, &why);
  const bool kept = record && record->lock();
  if (record && !kept) why = "another process holds the record of it and does not go on";
  auto trap = test_now(signal, kept ? &*record : nullptr);
  if (!trap) return std::unexpected(std::move(trap).error());
  if (!kept) {
    return std::unexpected(SandboxError{ErrorCode::kInternal, "its result cannot be kept: " + why});
  }
  return {};
}

}  // namespace mimobox::internal
