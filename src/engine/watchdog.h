#ifndef MIMOBOX_ENGINE_WATCHDOG_H_
#define MIMOBOX_ENGINE_WATCHDOG_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

#include "mimobox/error.h"

#include "base/thread.h"

namespace mimobox::engine {

using Deadline = std::chrono::steady_clock::time_point;

/// Something with a deadline that a `Watchdog` looks after; to be derived from.
class Watched {
 public:
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

 protected:
  Watched() = default;
  ~Watched() = default;

 private:
  friend class Watchdog;
  // The watchdog's own notes, under its lock.
  Deadline due_ = Deadline::max();
  unsigned calls_ = 0;
  bool added_ = false;
};

/// One thread that sleeps until the earliest deadline of all that it watches and acts only then.
/// There is no periodic tick: without a deadline it sleeps for good, and what is added and removed
/// early costs at most one wake-up per deadline that was the earliest when it was added, and one
/// when that is over.
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

  /// Begins to watch `item`; nullopt: it is due only when `expire_now()` says so. May throw
  /// std::bad_alloc, and then does not watch it.
  void add(Watched& item, std::optional<Deadline> deadline);
  /// When it returns, the handler does not run for `item` and never will.
  void remove(Watched& item) noexcept;
  /// Makes `item` due now, if it is watched. Allocates nothing: this cannot fail.
  void expire_now(Watched& item) noexcept;

  /// How often the thread woke up so far, for tests.
  [[nodiscard]] std::uint64_t wake_ups() const;

 private:
  struct Earlier {
    bool operator()(const Watched* a, const Watched* b) const {
      return a->due_ != b->due_ ? a->due_ < b->due_ : std::less<>{}(a, b);
    }
  };

  explicit Watchdog(Handler handler) : handler_(handler) {}
  void loop();
  void handle_due(Deadline now);
  void move(Watched& item, Deadline deadline) noexcept;

  const Handler handler_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::set<Watched*, Earlier> items_;
  /// When the thread looks next at the latest: never after the earliest deadline.
  Deadline wake_at_ = Deadline::max();
  std::uint64_t wake_ups_ = 0;
  bool ending_ = false;
  base::Thread thread_;
};

}  // namespace mimobox::engine

#endif  // MIMOBOX_ENGINE_WATCHDOG_H_
