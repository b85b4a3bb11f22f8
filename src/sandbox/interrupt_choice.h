#ifndef MIMOBOX_SANDBOX_INTERRUPT_CHOICE_H_
#define MIMOBOX_SANDBOX_INTERRUPT_CHOICE_H_

#include <memory>
#include <string>

#include "mimobox/config.h"
#include "mimobox/error.h"

#include "cache/disk_cache.h"
#include "engine/engine_key.h"
#include "engine/signal_registry.h"
#include "engine/trap_site.h"

namespace mimobox::internal {

/// The way in which a runtime stops its guests.
struct InterruptChoice {
  engine::InterruptWay way = engine::InterruptWay::kEpoch;
  /// For `kSignal`.
  std::shared_ptr<const engine::TrapSite> trap_site = nullptr;
  /// Why `Interrupt::kAuto` became `kEpoch`; else empty.
  std::string why_not_signal = {};
};

/// Chooses by the configuration and by what the record says; where that says nothing yet, the
/// self-test is run and written down.
///
/// The record is kept in the cache folder, `disk`. Where there is none (null), or a fleet's, or one
/// that cannot be written, it is in the folder that this user has by default: without a record each
/// start would run the test. Errors: `kInvalidConfig` when signals are
/// asked for and do not work, or when another library took the engine's handlers away.
[[nodiscard]] Result<InterruptChoice> choose_interrupt(Interrupt wanted,
                                                       const engine::SignalUse& signal,
                                                       const cache::DiskCache* disk);

/// Runs the self-test again and writes its result down.
[[nodiscard]] Result<void> repeat_interrupt_test(const engine::SignalUse& signal,
                                                 const cache::DiskCache* disk);

}  // namespace mimobox::internal

#endif  // MIMOBOX_SANDBOX_INTERRUPT_CHOICE_H_
