#ifndef MIMOBOX_TESTS_UNIT_ENGINE_RUN_CODE_H_
#define MIMOBOX_TESTS_UNIT_ENGINE_RUN_CODE_H_

#include <chrono>
#include <csignal>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "mimobox/error.h"

#include "engine/code.h"
#include "engine/instance.h"
#include "engine/interrupter.h"
#include "engine/signal_registry.h"

namespace mimobox::engine::testing {

/// What the host functions of these tests write down.
struct Record {
  std::uint64_t value = 0;
  std::size_t memory_bytes = 0;
};

/// An engine with the host functions `note` (i64 -> i32, writes down) and `leave` (ends the guest)
/// of module "test".
[[nodiscard]] Result<std::shared_ptr<Engine>> make_engine(const EngineKey& key);

inline constexpr std::uint64_t kStackBytes = 1U << 20;
inline constexpr GuestLimits kLimits{
    .memory_bytes = 1U << 20, .tables = 100, .table_elements = 1000, .fuel = 1'000'000};
/// Room for what the endless guests do.
inline constexpr GuestLimits kLargeLimits{
    .memory_bytes = 1U << 30, .tables = 100, .table_elements = 100'000, .fuel = 0};

[[nodiscard]] constexpr EngineKey key_of(InterruptWay way) {
  return {.code = {.interrupt = way}, .stack_bytes = kStackBytes};
}

/// A module in the text format, compiled and loaded.
[[nodiscard]] Result<std::shared_ptr<const Code>> compile_text(std::shared_ptr<Engine> engine,
                                                               std::string_view text);

struct Ended {
  Result<GuestOutcome> outcome;
  Record record;
  std::uint32_t stop_reason = 0;
  std::chrono::nanoseconds late{0};  ///< behind its deadline

  [[nodiscard]] bool timed_out() const {
    return outcome && outcome->end == GuestEnd::kStopped &&
           stop_reason == static_cast<std::uint32_t>(StopReason::kTimeLimit);
  }
};

/// Runs it to its end or to its deadline, `wall` from now.
[[nodiscard]] Ended run_code(Interrupter& interrupter, const Code& code, const GuestLimits& limits,
                             std::optional<std::chrono::nanoseconds> wall = std::nullopt);

}  // namespace mimobox::engine::testing

#endif  // MIMOBOX_TESTS_UNIT_ENGINE_RUN_CODE_H_
