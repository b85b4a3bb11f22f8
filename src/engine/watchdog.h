#ifndef MIMOBOX_ENGINE_WATCHDOG_H_
#define MIMOBOX_ENGINE_WATCHDOG_H_

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "mimobox/error.h"

#include "base/intrusive_list.h"
#include "base/thread.h"
#include "base/thread_shard.h"

namespace mimobox::engine {

using Deadline = std::chrono::steady_clock::time_point;

/// Something with a deadline that a `Watchdog` looks after; to be derived from.
class Watched : public base::ListNode {
 protected:
  Watched() = default;
  ~Watched() = default;

 private:
  friend class Watchdog;
  std::size_t shard_ = 0;  ///< that it stands or stood in
  // The watchdog's own notes, under the lock of that shard.
  Deadline due_ = Deadline::max();
  unsigned calls_ = 0;
};

/// One thread that sleeps until the earliest deadline of all that it watches and acts only then.
/// There is no periodic tick: without a deadline it sleeps for good, and what is added and removed
/// early costs at most one wake-up per deadline that was the earliest when it was added, and one
/// when that is over.
///
/// What it watches stands in shards, of which a thread uses one: threads that add and remove wait
/// for each other only where a deadline is the earliest of all.
class Watchdog {
 public:
  /// Called at a deadline, on the watchdog's thread, while the item cannot be removed;
  /// `calls_before` counts from 0. Answers how long until it is to be called again for the same
  /// item.
  using Handler = std::chrono::nanoseconds (*)(Watched& item, unsigned calls_before) noexcept;

  /// Errors: `kResourceExhausted` when the host gives no thread.
  [[nodiscard]] static Result<std::unique_ptr<Watchdog>> create(Handler handler);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  /// Nothing is watched any more by then.
  ~Watchdog();

  /// Begins to watch `item`; nullopt: it is due only when `expire_now()` says so.
  void add(Watched& item, std::optional<Deadline> deadline) noexcept;
  /// When it returns, the handler does not run for `item` and never will.
  void remove(Watched& item) noexcept;
  /// Makes `item` due now, if it is watched.
  void expire_now(Watched& item) noexcept;

  /// How often the thread woke up so far, for tests.
  [[nodiscard]] std::uint64_t wake_ups() const noexcept { return wake_ups_; }

 private:
  struct alignas(64) Shard {
    std::mutex mutex;
    base::IntrusiveList<Watched> items;
  };

  explicit Watchdog(Handler handler) : handler_(handler) {}
  void loop();
  /// Sees to it that the thread looks at `deadline` at the latest.
  void wake_by(Deadline deadline) noexcept;
  /// Calls the handler for what is due, and returns the earliest deadline of the others.
  [[nodiscard]] Deadline look() noexcept;

  const Handler handler_;
  std::array<Shard, base::kThreadShards> shards_;
  std::atomic<std::uint64_t> wake_ups_{0};
  /// When the thread looks next at the latest: never after the earliest deadline. Written under
  /// `mutex_`. Whoever adds an item reads it behind that; the thread lets it be the end of all time
  /// while it looks, so that an item which it just missed is told to it.
  std::atomic<Deadline> wake_at_{Deadline::max()};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;  ///< under `mutex_`
  base::Thread thread_;
};

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_WATCHDOG_H_
