#ifndef MIMOBOX_ENGINE_SLOT_SWEEPER_H_
#define MIMOBOX_ENGINE_SLOT_SWEEPER_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

#include "mimobox/error.h"

#include "engine/watchdog.h"

struct wasm_engine_t;

namespace mimobox::engine {

/// One thread that gives back what idle slots of engines' pools keep resident. It sleeps for good
/// where there is nothing to be given back.
class SlotSweeper {
 public:
  /// An engine's slots are swept when no run began or ended for `idle`, and before twice that time.
  /// Error: `kResourceExhausted` when the host gives no thread.
  [[nodiscard]] static Result<std::shared_ptr<SlotSweeper>> create(std::chrono::nanoseconds idle);
  SlotSweeper(const SlotSweeper&) = delete;
  SlotSweeper& operator=(const SlotSweeper&) = delete;

  /// How often its thread woke up so far, for tests.
  [[nodiscard]] std::uint64_t wake_ups() const noexcept { return watchdog_->wake_ups(); }

 private:
  friend class PooledSlots;
  explicit SlotSweeper(std::chrono::nanoseconds idle) : idle_(idle) {}

  const std::chrono::nanoseconds idle_;
  std::unique_ptr<Watchdog> watchdog_;
};

/// The slots of one engine's pool as a sweeper sees them. Belongs to the engine.
class PooledSlots : private Watched {
 public:
  /// `engine` is borrowed.
  PooledSlots(wasm_engine_t& engine, std::shared_ptr<SlotSweeper> sweeper)
      : engine_(engine), sweeper_(std::move(sweeper)) {}
  ~PooledSlots() { sweeper_->watchdog_->remove(*this); }
  PooledSlots(const PooledSlots&) = delete;
  PooledSlots& operator=(const PooledSlots&) = delete;

  /// A run begins or has ended. Any thread; two looks at flags as long as runs go on.
  void note_use() noexcept;

 private:
  friend class SlotSweeper;
  /// Gives back, in all slots that no run holds, the pages that their last guests left. A run that
  /// begins meanwhile may find no slot.
  void sweep() const noexcept;
  static std::chrono::nanoseconds look(Watched& item, unsigned looks_before) noexcept;

  wasm_engine_t& engine_;
  const std::shared_ptr<SlotSweeper> sweeper_;
  std::atomic<bool> used_{false};     ///< since the sweeper last looked
  std::atomic<bool> awaited_{false};  ///< the sweeper has a time at which to look
};

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_SLOT_SWEEPER_H_
