#ifndef MIMOBOX_SANDBOX_INTERRUPT_CHOICE_H_
#define MIMOBOX_SANDBOX_INTERRUPT_CHOICE_H_

#include <filesystem>
#include <memory>
#include <string>

#include "mimobox/config.h"
#include "mimobox/error.h"

#include "engine/engine_key.h"
#include "engine/signal_registry.h"
#include "engine/trap_site.h"

namespace mimobox::internal {

/// This user's cache folder by the environment; empty when that names none.
[[nodiscard]] std::filesystem::path user_cache_folder();

/// The way in which a runtime stops its guests.
struct InterruptChoice {
  engine::InterruptWay way = engine::InterruptWay::kEpoch;
  /// For `kSignal`.
  std::shared_ptr<const engine::TrapSite> trap_site = nullptr;
  /// Why `Interrupt::kAuto` became `kEpoch`; else empty.
  std::string why_not_signal = {};
};

/// Chooses by the configuration and by what the record in the cache folder says; where that says
/// nothing yet, the self-test is run and written down. Errors: `kInvalidConfig` when signals are
/// asked for and do not work, or when another library took the engine's handlers away.
[[nodiscard]] Result<InterruptChoice> choose_interrupt(Interrupt wanted,
                                                       const engine::SignalUse& signal);

/// Runs the self-test again and writes its result down.
[[nodiscard]] Result<void> repeat_interrupt_test(const engine::SignalUse& signal);

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_INTERRUPT_CHOICE_H_
