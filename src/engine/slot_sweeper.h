#ifndef MIMOBOX_ENGINE_SLOT_SWEEPER_H_
#define MIMOBOX_ENGINE_SLOT_SWEEPER_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "mimobox/error.h"

#include "base/intrusive_list.h"
#include "base/thread.h"

struct wasmtime_module;

namespace mimobox::engine {

class Engine;
class PooledSlots;

/// One thread that gives back what idle slots of engines' pools keep resident. It sleeps for good
/// where there is nothing to be given back.
class SlotSweeper {
 public:
  /// An engine's slots are swept when no run began or ended for `idle`, and before twice that time.
  /// Error: `kResourceExhausted` when the host gives no thread.
  [[nodiscard]] static Result<std::shared_ptr<SlotSweeper>> create(std::chrono::nanoseconds idle);
  SlotSweeper(const SlotSweeper&) = delete;
  SlotSweeper& operator=(const SlotSweeper&) = delete;
  /// No engine has it any more by then.
  ~SlotSweeper();

  /// How often its thread woke up so far, for tests.
  [[nodiscard]] std::uint64_t wake_ups() const noexcept { return wake_ups_; }

 private:
  friend class PooledSlots;
  using Clock = std::chrono::steady_clock;

  explicit SlotSweeper(std::chrono::nanoseconds idle) : idle_(idle) {}
  /// Looks at `slots`, which are not awaited, once they may have been idle for long enough.
  void await(PooledSlots& slots) noexcept;
  /// When it returns, nobody looks at `slots`, and nobody will.
  void forget(PooledSlots& slots) noexcept;
  void loop();
  /// The awaited slots that are due first; null when there are none.
  [[nodiscard]] PooledSlots* first_due() const noexcept;
  void look(PooledSlots& slots, std::unique_lock<std::mutex>& lock) noexcept;

  const std::chrono::nanoseconds idle_;
  std::atomic<std::uint64_t> wake_ups_{0};
  /// Never held while slots are swept: a run of another engine may ask for a look meanwhile.
  std::mutex mutex_;
  std::condition_variable changed_;
  base::IntrusiveList<PooledSlots> awaited_;
  const PooledSlots* at_work_ = nullptr;  ///< being swept
  bool ending_ = false;
  base::Thread thread_;
};

/// The slots of one engine's pool as a sweeper sees them. Belongs to the engine.
class PooledSlots : private base::ListNode {
 public:
  /// `engine` is borrowed.
  PooledSlots(const Engine& engine, std::shared_ptr<SlotSweeper> sweeper)
      : engine_(engine), sweeper_(std::move(sweeper)) {}
  ~PooledSlots();
  PooledSlots(const PooledSlots&) = delete;
  PooledSlots& operator=(const PooledSlots&) = delete;

  /// A run begins or has ended. Any thread; two looks at flags as long as runs go on.
  void note_use() noexcept;

 private:
  friend class SlotSweeper;
  friend class base::IntrusiveList<PooledSlots>;
  /// Gives back, in all slots that no run holds, the pages that their last guests left. A run that
  /// begins meanwhile may find no slot.
  void sweep() noexcept;
  [[nodiscard]] bool make_holder();

  const Engine& engine_;
  const std::shared_ptr<SlotSweeper> sweeper_;
  /// What takes a slot, made at the first sweep and used by the sweeper's thread alone.
  wasmtime_module* holder_ = nullptr;
  std::atomic<bool> used_{false};       ///< since the sweeper last looked
  std::atomic<bool> awaited_{false};    ///< the sweeper has a time at which to look
  SlotSweeper::Clock::time_point due_;  ///< that time, under the sweeper's lock
};

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_SLOT_SWEEPER_H_
